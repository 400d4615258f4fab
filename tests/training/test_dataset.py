"""`replate dataset` as a whole: what lies on a disk goes in, a folder to train on comes out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import OpenImageIO as oiio
import pytest

import plates
from films import encode
from replate.errors import InputError, OutputError, UsageError
from replate_training.dataset.build import Dataset, build
from replate_training.dataset.settings import Settings
from scenes import place, shoot

LARGE = (200, 260)
SETTINGS: dict[str, Any] = {"every": 4, "short": 200, "smallest": 96, "validation": 0.2}


def made(folder: Path, sources: list[str | Path], **how: Any) -> Dataset:
    return build([str(source) for source in sources], folder / "set", Settings(**{**SETTINGS, **how}))


def contents(dataset: Dataset) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((dataset.folder / "dataset.json").read_text(encoding="utf-8"))
    return found


def still(path: Path, seed: int, *, size: tuple[int, int] = LARGE, depth: type = np.uint8) -> Path:
    picture = place(seed, size=size)[..., ::-1].astype(depth) * (257 if depth is np.uint16 else 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)
    return path


def film(path: Path, *, scenes: tuple[int, ...] = (1, 2, 1, 3), count: int = 12, **how: Any) -> Path:
    pictures = [place(seed, frame=frame, size=LARGE) for seed in scenes for frame in range(count)]
    return shoot(path, pictures, **how)


def test_a_film_becomes_shots_of_pictures(tmp_path: Path) -> None:
    dataset = made(tmp_path, [film(tmp_path / "film.mov")], every=5)
    assert [(shot.shot.name, shot.shot.frames[0], shot.shot.frames[-1]) for shot in dataset.taken] == [
        ("film-1", 1, 12),
        ("film-2", 13, 24),
        ("film-3", 25, 36),
        ("film-4", 37, 48),
    ]
    assert [shot.picks for shot in dataset.taken] == [(1, 6, 11), (13, 18, 23), (), (37, 42, 47)]
    first, third = dataset.taken[0], dataset.taken[2]
    assert third.twins == ((25, "film-1", 1), (30, "film-1", 6), (35, "film-1", 11))
    assert third.group == first.group and third.held == first.held
    on_disk = {path.relative_to(dataset.folder).as_posix() for path in dataset.folder.rglob("film*.png")}
    assert on_disk == {picture.file for picture in dataset.pictures} and len(on_disk) == 9
    assert {picture.split for picture in dataset.pictures} == {"train", "validation"}
    assert (dataset.folder / "contact.jpg").stat().st_size > 1000


def test_eight_bits_stay_as_they_are_and_sixteen_stay_sixteen(tmp_path: Path) -> None:
    sources = [still(tmp_path / "in/eight.png", 1), still(tmp_path / "in/sixteen.png", 2, depth=np.uint16)]
    files = {picture.shot: picture.file for picture in made(tmp_path, sources).pictures}
    for name, source in zip(("eight", "sixteen"), sources, strict=True):
        there, here = (cv2.imread(str(path), -1) for path in (source, tmp_path / "set" / files[name]))
        assert here.dtype == there.dtype and np.array_equal(here, there)


def test_a_film_of_ten_bits_becomes_sixteen(tmp_path: Path) -> None:
    pictures = [place(1, frame=frame, size=LARGE) for frame in range(4)]
    frames = (av.VideoFrame.from_ndarray(each, format="rgb24").reformat(format="yuv444p10le") for each in pictures)
    dataset = made(tmp_path, [encode(tmp_path / "ten.mkv", frames, codec="ffv1")])
    picture = cv2.imread(str(dataset.folder / dataset.pictures[0].file), -1)
    assert picture.dtype == np.uint16 and len(np.unique(picture)) > 256


def test_light_stays_light(tmp_path: Path) -> None:
    light = plates.plate(*LARGE, channels=3)
    plates.write(tmp_path / "sun.exr", light, channels="RGB")
    dataset = made(tmp_path, [tmp_path / "sun.exr"])
    pixels, spec = plates.read(dataset.folder / dataset.pictures[0].file)
    assert spec.format == oiio.HALF and pixels.max() == 8.0 and pixels.min() < 0
    assert np.array_equal(pixels, light.astype(np.float16).astype(np.float32))
    assert dataset.pictures[0].light.above > 0 and dataset.pictures[0].light.clipped == 0


def test_light_of_other_primaries_becomes_that_which_training_reads(tmp_path: Path) -> None:
    rec709 = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)
    spec = oiio.ImageSpec(260, 200, 3, "half")
    spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), rec709)
    picture = oiio.ImageBuf(spec)
    oiio.ImageBufAlgo.checker(picture, 20, 20, 20, (2.0, 0.5, 0.25), (0.1, 0.3, 0.2))
    picture.write(str(tmp_path / "red.exr"))
    pixels, _ = plates.read(tmp_path / "set" / made(tmp_path, [tmp_path / "red.exr"]).pictures[0].file)
    matrix = [[0.6131, 0.3395, 0.0474], [0.0702, 0.9164, 0.0135], [0.0206, 0.1096, 0.8698]]
    assert pixels[10, 10] == pytest.approx(np.array(matrix) @ (2.0, 0.5, 0.25), rel=2e-3)


def test_whatever_is_wrong_is_reported_and_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    good = still(folder / "good.png", 1)
    still(folder / "tiny.png", 2, size=(40, 60))
    (folder / "broken.png").write_bytes(good.read_bytes()[:500])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "movie.mp4").write_bytes(b"no movie")
    (folder / "gone.png").symlink_to(folder / "nowhere.png")
    (folder / "notes.txt").write_text("no picture")
    cv2.imwrite(str(folder / "flat.png"), np.full((*LARGE, 3), 90, np.uint8))
    cut_off = film(folder / "cut_off.mkv", scenes=(3, 4))
    cut_off.write_bytes(cut_off.read_bytes()[: cut_off.stat().st_size // 2])
    dataset = made(tmp_path, [folder])
    rows = {Path(row.path).name: row for row in dataset.rows}
    assert "notes.txt" not in rows
    assert rows["good.png"].done == "1 train" or rows["good.png"].done == "1 validation"
    for name, word in (
        ("tiny.png", "60x40 is below 96 pixels"),
        ("broken.png", "cannot be read"),
        ("empty.jpg", "is empty"),
        ("movie.mp4", "cannot be read as a movie"),
        ("gone.png", "a link to nothing"),
        ("flat.png", "blank"),
    ):
        assert rows[name].done == "nothing taken" and word in " ".join(rows[name].notes), rows[name]
    assert "breaks off" in rows["cut_off.mkv"].notes[0] and "train" in rows["cut_off.mkv"].done
    assert {Path(picture.source).name for picture in dataset.pictures} == {"good.png", "cut_off.mkv"}
    assert "broken.png" in (dataset.folder / "report.txt").read_text(encoding="utf-8")


def test_a_frame_that_is_broken_does_not_stop_the_others(tmp_path: Path) -> None:
    plates.write_shot(tmp_path / "in", [1, 2, 3, 4, 5, 7, 8], size=LARGE)
    whole = (tmp_path / "in/plate.0004.exr").read_bytes()
    (tmp_path / "in/plate.0004.exr").write_bytes(whole[: len(whole) // 2])
    dataset = made(tmp_path, [tmp_path / "in/plate.%04d.exr"], every=1)
    assert {picture.frame for picture in dataset.pictures} == {1, 2, 3, 5, 7, 8}
    told = " ".join(dataset.rows[0].notes)
    assert "no file for 6" in told and "frames 4: cannot be read" in told


def test_alpha_and_nan_are_told(tmp_path: Path) -> None:
    cut_out = np.dstack([place(1, size=LARGE), np.full(LARGE, 255, np.uint8)])
    cut_out[:, :100, 3] = 0
    cv2.imwrite(str(tmp_path / "alpha.png"), cut_out)
    light = plates.plate(*LARGE, channels=3)
    light[5, 5] = np.nan
    plates.write(tmp_path / "nan.exr", light, channels="RGB")
    dataset = made(tmp_path, [tmp_path / "alpha.png", tmp_path / "nan.exr"])
    assert [row.notes for row in dataset.rows] == [
        ("alpha was laid over black",),
        ("pixels that are not finite were set to 0",),
    ]
    assert not cv2.imread(str(dataset.folder / dataset.pictures[0].file))[:, :100].any()
    assert np.isfinite(plates.read(dataset.folder / dataset.pictures[1].file)[0]).all()


def test_a_photograph_is_turned_as_its_camera_was(tmp_path: Path) -> None:
    picture = oiio.ImageBuf(str(still(tmp_path / "in/plain.png", 1)))
    picture.specmod().attribute("Orientation", 6)
    picture.write(str(tmp_path / "turned.jpg"))
    dataset = made(tmp_path, [tmp_path / "turned.jpg"])
    here = cv2.imread(str(dataset.folder / dataset.pictures[0].file)).astype(np.float32)
    expected = np.rot90(place(1, size=LARGE), -1)[..., ::-1]
    assert here.shape == expected.shape and np.abs(here - expected).mean() < 3
    assert dataset.rows[0].notes == ("it was turned upright",)


def test_the_same_again_is_the_same(tmp_path: Path) -> None:
    for index in range(12):
        still(tmp_path / f"in/photo{index}.png", index)
    for name in ("one", "two"):
        build([str(tmp_path / "in")], tmp_path / name, Settings(**SETTINGS, augment="glow,grain"))
    first, second = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    assert first == second and len(first) > 14


def test_licences_go_along(tmp_path: Path) -> None:
    sources = [still(tmp_path / "a/one.png", 1).parent, still(tmp_path / "b/two.png", 2).parent]
    dataset = made(tmp_path, list(sources), licence=["a=CC0-1.0"])
    assert {picture.shot: picture.licence for picture in dataset.pictures} == {"one": "CC0-1.0", "two": "not stated"}
    with pytest.raises(UsageError, match="did you mean"):
        build([str(sources[0])], tmp_path / "x", Settings(licence=["aa=CC0-1.0"]))


def test_nothing_is_left_behind_where_it_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none of the 1 sources"):
        made(tmp_path, [still(tmp_path / "tiny.png", 1, size=(20, 20))])
    with pytest.raises(InputError, match="no file"):
        made(tmp_path, [tmp_path / "nowhere.png"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny.png"]
    (tmp_path / "set").mkdir()
    (tmp_path / "set/mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="is there already"):
        made(tmp_path, [tmp_path / "tiny.png"])
    with pytest.raises(OutputError, match="cannot be written"):
        build([str(still(tmp_path / "good.png", 1))], tmp_path / "good.png/set", Settings())


def test_the_command_imports_no_torch(tmp_path: Path) -> None:
    still(tmp_path / "in/one.png", 1)
    code = (
        "import sys\nfrom replate_training.dataset.cli import dataset\n"
        "dataset(sys.argv[1:], standalone_mode=False)\n"
        "print([name for name in ('torch', 'lightning_fabric', 'matplotlib') if name in sys.modules])"
    )
    arguments = [str(tmp_path / "in"), "--out", str(tmp_path / "set"), "--smallest", "96", "--augment", "silver,glow"]
    result = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "[]", result.stdout
    assert "1 pictures to train on" in result.stdout and "2 pairs" in result.stdout
