"""Whole renders of files with layers, views, parts and packed eyes, written and read by OpenEXR itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from nets import tiny_style
from plates import plate
from replate.errors import InputError, UsageError
from replate.job import Job
from replate.media import open_source
from replate.render import render

SIZE = (24, 32)


@pytest.fixture
def look(tmp_path: Path) -> str:
    return str(tiny_style(tmp_path / "tiny.onnx", change=0.3))


def colour(frame: int = 1) -> dict[str, np.ndarray]:
    picture = plate(*SIZE, frame=frame).astype(np.float16)
    return {name: np.ascontiguousarray(picture[..., i]) for i, name in enumerate("RGBA")}


def write(path: Path, *parts: tuple[dict[str, Any], dict[str, np.ndarray]]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    usual = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File([OpenEXR.Part(usual | header, channels) for header, channels in parts]).write(str(path))
    return str(path)


def read(path: str | Path) -> list[dict[str, np.ndarray]]:
    parts = OpenEXR.File(str(path), separate_channels=True).parts
    return [{name: channel.pixels for name, channel in part.channels.items()} for part in parts]


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()


def run(look: str, shot: str, output: str | Path, **how: Any) -> None:
    inputs = {"plate": shot, **how.pop("inputs", {})}
    report = render(Job(node="style", inputs=inputs, output=str(output), generator=look, **how))
    assert not report.failed, report.failed


@pytest.fixture
def two_views(tmp_path: Path) -> str:
    other = {f"left.{name}": channel for name, channel in colour(9).items()}
    matte = np.zeros(SIZE, np.float16)
    matte[:8] = 1
    channels = {
        **colour(),
        **other,
        "Z": colour(2)["R"],
        "roto.left.mask": matte,
        "roto.right.mask": matte[::-1].copy(),
    }
    return write(tmp_path / "in.exr", ({"multiView": ["right", "left"]}, channels))


def test_every_view_of_a_file(tmp_path: Path, look: str, two_views: str) -> None:
    run(look, two_views, tmp_path / "out.exr")
    (before,), (after,) = read(two_views), read(tmp_path / "out.exr")
    for name in before:
        touched = name.rpartition(".")[2] in "RGB"
        assert same(before[name], after[name]) is not touched, name
    # Each eye alone, as a plate of its own, gets the very same pixels.
    left = {name: before[f"left.{name}"] for name in "RGBA"}
    run(look, write(tmp_path / "alone.exr", ({}, left)), tmp_path / "alone-out.exr")
    (alone,) = read(tmp_path / "alone-out.exr")
    assert all(same(alone[name], after[f"left.{name}"]) for name in "RGBA")


def test_one_view_of_a_file(tmp_path: Path, look: str, two_views: str) -> None:
    run(look, two_views, tmp_path / "out.exr", options={"view": "left"})
    (before,), (after,) = read(two_views), read(tmp_path / "out.exr")
    changed = {name for name in before if not same(before[name], after[name])}
    assert changed == {"left.R", "left.G", "left.B"}


def test_a_mask_in_a_channel_of_the_plate_follows_the_view(tmp_path: Path, look: str, two_views: str) -> None:
    run(look, two_views, tmp_path / "out.exr", inputs={"mask": "plate:roto.mask"})
    (before,), (after,) = read(two_views), read(tmp_path / "out.exr")
    for prefix, inside, outside in (("", np.s_[16:], np.s_[:16]), ("left.", np.s_[:8], np.s_[8:])):
        old, new = before[prefix + "R"], after[prefix + "R"]
        assert same(old[outside].copy(), new[outside].copy())
        assert not same(old[inside].copy(), new[inside].copy())


def test_a_channel_that_the_plate_lacks_is_said_before_anything_starts(
    tmp_path: Path, look: str, two_views: str
) -> None:
    with pytest.raises(UsageError, match=r"the plate has no channel 'roto\.musk'; did you mean"):
        run(look, two_views, tmp_path / "out.exr", inputs={"mask": "plate:roto.musk"})
    assert not (tmp_path / "out.exr").exists()


def test_one_layer_of_several_parts(tmp_path: Path, look: str) -> None:
    window = {"displayWindow": ((0, 0), (40, 30))}
    depth = np.arange(SIZE[0] * SIZE[1], dtype=np.float32).reshape(SIZE)
    ids = np.arange(SIZE[0] * SIZE[1], dtype=np.uint32).reshape(SIZE) * 77_777
    shot = write(
        tmp_path / "in.exr",
        ({"name": "beauty", **window}, colour()),
        ({"name": "depth", **window}, {"Z": depth}),
        ({"name": "diffuse", **window}, {name: channel for name, channel in colour(4).items() if name != "A"}),
        ({"name": "id", **window}, {"id": ids}),
    )
    run(look, shot, tmp_path / "out.exr", options={"layer": "diffuse"})
    before, after = read(shot), read(tmp_path / "out.exr")
    assert [list(part) for part in after] == [list(part) for part in before]
    for number, part in enumerate(before):
        for name in part:
            assert same(part[name], after[number][name]) is (number != 2), (number, name)


def test_confidence_of_a_view_is_a_layer_of_that_view(tmp_path: Path, two_views: str) -> None:
    run("painted", two_views, tmp_path / "out.exr", params={"confidence": True})
    (after,) = read(tmp_path / "out.exr")
    assert {"replate.confidence", "replate.left.confidence"} <= set(after)


def test_one_picture_for_an_output_that_holds_one(tmp_path: Path, look: str, two_views: str) -> None:
    with pytest.raises(UsageError, match=r"holds one picture, the plate 2 \(right, left\); choose one with --view"):
        run(look, two_views, tmp_path / "out.png")
    run(look, two_views, tmp_path / "left.png", options={"view": "left"})
    run(look, two_views, tmp_path / "right.png", options={"view": "right"})
    left, right = (open_source(str(tmp_path / f"{view}.png")).read(1).pixels for view in ("left", "right"))
    assert left.shape == (*SIZE, 4)
    assert not np.array_equal(left, right)


@pytest.mark.parametrize("stereo", ["side-by-side", "top-bottom"])
def test_packed_eyes_are_two_pictures(tmp_path: Path, look: str, stereo: str) -> None:
    """Nothing of one eye reaches the other: each looks as it does alone, up to the border between them."""
    eyes = colour(1), colour(9)
    axis = 1 if stereo == "side-by-side" else 0
    packed = {name: np.concatenate([eye[name] for eye in eyes], axis=axis) for name in "RGBA"}
    run(look, write(tmp_path / "in.exr", ({}, packed)), tmp_path / "out.exr", options={"stereo": stereo})
    (together,) = read(tmp_path / "out.exr")
    for number, eye in enumerate(eyes):
        run(look, write(tmp_path / f"{number}.exr", ({}, eye)), tmp_path / f"{number}-out.exr")
        (alone,) = read(tmp_path / f"{number}-out.exr")
        assert all(same(np.split(together[name], 2, axis)[number].copy(), alone[name]) for name in "RGBA")


def test_views_in_separate_files(tmp_path: Path, look: str) -> None:
    for view, offset in (("left", 0), ("right", 5)):
        for frame in (1, 2):
            write(tmp_path / "in" / f"shot.{view}.{frame:04d}.exr", ({}, colour(frame + offset)))
    shot, output = str(tmp_path / "in" / "shot.%V.%04d.exr"), tmp_path / "out" / "%V" / "o.%04d.exr"
    run(look, shot, output)
    for view, offset in (("left", 0), ("right", 5)):
        (after,) = read(tmp_path / "out" / view / "o.0002.exr")
        assert same(after["A"], colour(2 + offset)["A"])
        assert not same(after["R"], colour(2 + offset)["R"])
    only = tmp_path / "only" / "o.%04d.exr"
    run(look, shot, only, options={"view": "right"})
    assert same(read(tmp_path / "only" / "o.0001.exr")[0]["R"], read(tmp_path / "out" / "right" / "o.0001.exr")[0]["R"])


def test_a_frame_that_one_eye_lacks(tmp_path: Path, look: str) -> None:
    """Frames 1 and 3 alone would be a shot on twos."""
    for name in ("left.1", "left.2", "left.3", "right.1", "right.3"):
        write(tmp_path / f"s.{name}.exr", ({}, colour()))
    shot, output = str(tmp_path / "s.%V.%d.exr"), tmp_path / "o.%V.%d.exr"
    with pytest.raises(InputError, match=r"right.* has no file for 2, which another view has"):
        run(look, shot, output)
    run(look, shot, output, frames="1,3")
    assert sorted(path.name for path in tmp_path.glob("o.*.exr")) == [
        "o.left.1.exr",
        "o.left.3.exr",
        "o.right.1.exr",
        "o.right.3.exr",
    ]


@pytest.mark.parametrize(
    ("shot", "output", "view", "words"),
    [
        ("shot.%V.exr", "o.exr", "", "has 2 views, but the output .* has no %V"),
        ("shot.%V.exr", "o.%V.exr", "middle", "has no view 'middle'; known: left, right"),
        ("shot.left.exr", "o.%V.exr", "", "is written with %V, but the plate is not"),
    ],
)
def test_views_that_do_not_fit(tmp_path: Path, look: str, shot: str, output: str, view: str, words: str) -> None:
    for name in ("left", "right"):
        write(tmp_path / f"shot.{name}.exr", ({}, colour()))
    with pytest.raises(UsageError, match=words):
        run(look, str(tmp_path / shot), tmp_path / output, options={"view": view})
