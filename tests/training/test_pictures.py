"""Pictures from folders and movies, and files that are none."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import OpenImageIO as oiio
import pytest
import torch

from replate.errors import InputError
from replate_training.material.files import find
from replate_training.material.pictures import frames, load
from replate_training.space import STOP, expose, from_display, to_display, to_linear, to_log

from .conftest import scene


def test_folders_are_searched_in_name_order(folder: Path) -> None:
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(b"")
    assert [path.name for path in find([folder])] == ["a.png", "b.jpg", "c.png"]


def test_a_sequence_is_its_frames(tmp_path: Path) -> None:
    for name in ("a.0002.png", "a.0001.png", "b.0001.png", "a.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in find([tmp_path / "a.%04d.png"])] == ["a.0001.png", "a.0002.png"]
    with pytest.raises(InputError, match="no file matches"):
        find([tmp_path / "c.####.png"])


def test_a_missing_or_empty_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        find([tmp_path / "nowhere"])
    with pytest.raises(InputError, match="no pictures or movies in"):
        find([tmp_path])


def test_pictures_come_scaled_in_log(folder: Path) -> None:
    pictures = list(load(find([folder]), short=60, smallest=16))
    assert [tuple(picture.shape) for picture in pictures] == [(3, 60, 80)] * 3
    assert all(picture.dtype == torch.float32 and 0.05 < picture.min() <= picture.max() < 0.6 for picture in pictures)


def test_a_small_picture_is_not_enlarged(folder: Path) -> None:
    assert next(iter(load(find([folder]), short=4000))).shape == (3, 120, 160)


def test_corrupt_and_tiny_files_are_reported_and_left_out(folder: Path) -> None:
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:300])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "movie.mp4").write_bytes(b"not a movie")
    cv2.imwrite(str(folder / "tiny.png"), scene(20, 30))
    said: list[str] = []
    pictures = list(load(find([folder]), short=100, smallest=64, report=said.append))
    assert len(pictures) == 3
    assert sorted(line.split()[0].rstrip(":") for line in said) == ["broken.png", "empty.jpg", "movie.mp4", "tiny.png"]


def test_grey_files_and_alpha_become_three_channels(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), scene(64, 64)[..., 0])
    cv2.imwrite(str(tmp_path / "alpha.png"), np.dstack([scene(64, 64), np.full((64, 64), 255, np.uint8)]))
    assert [picture.shape[0] for picture in load(find([tmp_path]), short=64)] == [3, 3]


def test_grey_makes_the_channels_equal(folder: Path) -> None:
    picture = next(iter(load(find([folder]), short=100, grey=True)))
    assert torch.equal(picture[0], picture[1]) and torch.equal(picture[1], picture[2])


def test_clipped_light_is_opened_up(folder: Path) -> None:
    plain, opened = (next(iter(load(find([folder]), short=120, highlights=stops))) for stops in (0.0, 2.0))
    assert float(opened.max() - plain.max()) == pytest.approx(2 * STOP, abs=1e-3)
    dark = plain < 0.4
    assert torch.equal(plain[dark], opened[dark])


def test_float_files_are_scene_linear(tmp_path: Path) -> None:
    path, buffer = tmp_path / "light.exr", oiio.ImageBuf(oiio.ImageSpec(64, 64, 3, "half"))
    oiio.ImageBufAlgo.fill(buffer, (0.18, 4.0, 0.5))
    buffer.write(str(path))
    light = next(frames(path))
    assert light[:, 10, 10].tolist() == pytest.approx([0.18, 4.0, 0.5], rel=1e-3)


def test_every_nth_frame_of_a_movie(tmp_path: Path) -> None:
    path = tmp_path / "shot.mkv"
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "bgr0"
        for index in range(7):
            frame = av.VideoFrame.from_ndarray(scene(64, 96, phase=index), format="bgr24")
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    taken = list(frames(path, every=3))
    assert len(taken) == 3
    expected = torch.from_numpy(scene(64, 96, phase=3)[..., ::-1].copy()).permute(2, 0, 1) / 255
    assert torch.allclose(taken[1], from_display(expected), atol=2e-3)


def test_log_and_back() -> None:
    light = torch.tensor([-0.01, 0.0, 0.001, 0.0078125, 0.18, 1.0, 100.0])
    assert torch.allclose(to_linear(to_log(light)), light, rtol=1e-4, atol=1e-6)
    assert float(to_log(torch.tensor(0.18))) == pytest.approx(0.4135884, abs=1e-5)
    assert float(expose(torch.tensor(0.4), 2.0)) == pytest.approx(0.4 + 2 * STOP, abs=1e-5)


def test_display_and_back() -> None:
    code = torch.rand(3, 8, 8)
    assert torch.allclose(to_display(to_log(from_display(code))), code, atol=1e-3)
