"""Frames that are not there, are not whole, or are not like the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nets import tiny_style
from replate.errors import InputError, UsageError
from replate.frame import Frame, Window
from replate.job import Job
from replate.media import open_sink, open_source
from replate.media.source import Missing
from replate.render import render

HALF = ("half",) * 3


def picture(number: int, *, width: int = 16) -> Frame:
    """A frame that holds its own number, or the end of it."""
    return Frame.of(np.full((8, width, 3), number % 1000, np.float16), "RGB", number=number, formats=HALF)


def shot(folder: Path, *numbers: int, name: str = "shot", make: Callable[[int], Frame] = picture) -> str:
    path = str(folder / f"{name}.####.exr")
    with open_sink(path) as sink:
        for number in numbers:
            sink.write(make(number))
    return path


@pytest.fixture
def generator(tmp_path: Path) -> str:
    return str(tiny_style(tmp_path / "tiny.onnx", change=0.5))


def style(folder: Path, generator: str, plate: str, *, mask: str = "", missing: str = "error", output: str = "") -> Job:
    inputs = {"plate": plate} | ({"mask": mask} if mask else {})
    output = str(folder / "out" / (output or "out.####.exr"))
    return Job(node="style", inputs=inputs, output=output, generator=generator, options={"missing": missing})


def rendered(folder: Path) -> list[int]:
    return [int(path.name.split(".")[1]) for path in sorted((folder / "out").glob("out.*.exr"))]


@pytest.mark.parametrize(
    ("tail", "frames"),
    [("", range(1001, 1011)), (" 1002-1004", range(1002, 1005)), (" 1001-1010x3", range(1001, 1011, 3))],
)
def test_the_path_chooses_frames(tmp_path: Path, tail: str, frames: range) -> None:
    source = open_source(shot(tmp_path, *range(1001, 1011)) + tail)
    assert source.frames == tuple(frames)
    with pytest.raises(UsageError, match="not 1011"):
        source.check([1011])


@pytest.mark.parametrize("missing", ["error", "hold", "black"])
def test_frames_in_the_path_that_nothing_stands_in_for(tmp_path: Path, missing: Missing) -> None:
    path = shot(tmp_path, 1001, 1002, 1004)
    for tail, words in {" 1001-1006": "1003,1005-1006", " 999-1002": "999-1000", " 5-6": "5-6"}.items():
        with pytest.raises(InputError, match=rf"has no files for {words}, only for 1001-1002,1004; correct"):
            open_source(path + tail, missing=missing)


def test_frames_in_the_path_that_are_skipped(tmp_path: Path) -> None:
    path = shot(tmp_path, 1001, 1002, 1004)
    assert open_source(path + " 999-1010", missing="skip").frames == (1001, 1002, 1004)
    with pytest.raises(InputError, match=r"has no files for 5-6, only for"):
        open_source(path + " 5-6", missing="skip")


def test_a_frame_outside_the_path_still_stands_in(tmp_path: Path) -> None:
    source = open_source(shot(tmp_path, 1, 4, 5) + " 2-5", missing="hold")
    assert source.frames == (2, 3, 4, 5)
    assert source.read(2).pixels[0, 0, 0] == 1


def test_a_stray_number_does_not_make_a_million_holes(tmp_path: Path) -> None:
    path = shot(tmp_path, 1, 2, 20261123)
    with pytest.raises(InputError, match=r"20261123 frames, from shot\.0001\.exr to shot\.20261123\.exr"):
        open_source(path)
    assert open_source(path, missing="skip").frames == (1, 2, 20261123)
    assert open_source(path + " 1-2").frames == (1, 2)


def test_black_has_no_light_in_any_part(tmp_path: Path) -> None:
    def parts(number: int) -> Frame:
        return Frame.of_parts([picture(number), Frame.of(np.ones((8, 16, 1), np.float32), "Z", number=number)])

    with open_source(shot(tmp_path, 1, 3, make=parts), missing="black") as source:
        black = source.read(2)
        assert [part.channels for part in black.parts] == [part.channels for part in source.read(1).parts]
        assert not any(part.pixels.any() for part in black.parts)


def test_the_first_frames_may_be_broken(tmp_path: Path) -> None:
    path = shot(tmp_path, 1, 2, 3, 4)
    Path(path.replace("####", "0001")).write_bytes(b"no picture")
    Path(path.replace("####", "0002")).write_bytes(b"")
    with open_source(path) as source:
        source.check(source.frames)
        assert (source.size, source.frames) == ((16, 8), (1, 2, 3, 4))
        assert source.read(3).pixels[0, 0, 0] == 3
        with pytest.raises(InputError, match=r"frame 1, .*shot\.0001\.exr cannot be read"):
            source.read(1)


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    path = shot(tmp_path, 1)
    Path(path.replace("####", "0002")).touch()
    (tmp_path / "mask.png").touch()
    with open_source(path) as source, pytest.raises(InputError, match=r"frame 2, .* is empty \(0 bytes\)"):
        source.read(2)
    with pytest.raises(InputError, match=r"mask\.png .* is empty \(0 bytes\)"):
        open_source(str(tmp_path / "mask.png"))


def test_nothing_but_broken_files_is_the_error_of_the_first(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"shot.{number:04d}.exr").touch()
    with pytest.raises(InputError, match=r"shot\.0000\.exr cannot be read"):
        open_source(str(tmp_path / "shot.####.exr"))


def test_another_format_is_an_error_of_its_frame(tmp_path: Path) -> None:
    path = shot(tmp_path, 1, 2, 3, make=lambda number: picture(number, width=20 if number == 2 else 16))
    with open_source(path) as source:
        with pytest.raises(
            InputError, match=r"frame 2, .*0002\.exr is 20x8, but shot\.0001\.exr is 16x8; render"
        ) as caught:
            source.read(2)
        assert caught.value.frame == 2
        assert source.read(3).number == 3


def test_data_windows_and_channels_may_differ(tmp_path: Path) -> None:
    window = Window(0, 0, 16, 8)

    def moving(number: int) -> Frame:
        pixels = np.full((4, 5, 4), number, np.float16)
        data = Window(number, 1, 5, 4)
        return Frame(pixels=pixels, channels=tuple("RGBA"), data_window=data, display_window=window, number=number)

    path = shot(tmp_path, 1, 2, 3, make=lambda number: picture(number) if number == 1 else moving(number))
    with open_source(path) as source:
        assert [source.read(number).data_window for number in (1, 2, 3)] == [
            window,
            Window(2, 1, 5, 4),
            Window(3, 1, 5, 4),
        ]
        assert [source.read(number).channels for number in (1, 2)] == [tuple("RGB"), tuple("RGBA")]


def test_frames_of_other_windows_and_channels_are_rendered_where_they_have_colour(
    tmp_path: Path, generator: str
) -> None:
    path = shot(tmp_path, 1, 2, 3, 4)
    display, data = Window(0, 0, 16, 8), Window(-3, 2, 12, 5)
    odd = {2: "RGBAZ", 3: "RG"}
    for number, channels in odd.items():
        pixels = np.ones((5, 12, len(channels)), np.float16)
        frame = Frame(pixels=pixels, channels=tuple(channels), data_window=data, display_window=display, number=number)
        with open_sink(path) as sink:
            sink.write(frame)
    job = style(tmp_path, generator, path)
    report = render(job)
    assert (report.done, list(report.failed)) == ([1, 2, 4], [3])
    assert "frame 3 has no R, G, B or Y channel" in str(report.failed[3])
    made = open_source(job.output).read(2)
    assert (made.data_window, set(made.channels)) == (data, set("RGBAZ"))
    assert (made.pixels[..., made.channels.index("Z")] == 1).all()


def test_a_link_to_nothing_is_an_error_of_its_frame(tmp_path: Path) -> None:
    path = shot(tmp_path, 1, 3)
    Path(path.replace("####", "0002")).symlink_to(tmp_path / "gone.exr")
    with open_source(path) as source:
        assert source.identity(2)
        with pytest.raises(InputError, match=r"frame 2, .* no such file"):
            source.read(2)


def test_the_other_frames_of_a_shot_with_broken_ones_are_rendered(tmp_path: Path, generator: str) -> None:
    path = shot(tmp_path, 1, 2, 3, 4, 5)
    Path(path.replace("####", "0002")).write_bytes(b"")
    Path(path.replace("####", "0003")).unlink()
    Path(path.replace("####", "0003")).symlink_to("nowhere.exr")
    shot(tmp_path, 4, make=lambda number: picture(number, width=20))
    report = render(style(tmp_path, generator, path))
    assert (report.done, sorted(report.failed)) == ([1, 5], [2, 3, 4])
    assert "0 bytes" in str(report.failed[2])
    assert "20x8" in str(report.failed[4])
    assert rendered(tmp_path) == [1, 5]


@pytest.mark.parametrize(
    ("missing", "made"), [("hold", [1, 2, 3, 4, 5, 6]), ("black", [1, 2, 3, 4, 5, 6]), ("skip", [1, 5, 6])]
)
def test_holes_of_plate_and_mask_are_met_alike(
    tmp_path: Path, generator: str, missing: Missing, made: list[int]
) -> None:
    plate, mask = shot(tmp_path, 1, 2, 5, 6), shot(tmp_path, 1, 4, 5, 6, name="mask")
    job = style(tmp_path, generator, plate, mask=mask, missing=missing)
    assert render(job).done == made
    assert rendered(tmp_path) == made
    if missing != "skip":
        # Under a mask that is held, white, the look shows; under a black one it does not.
        with open_source(job.output) as source:
            untouched = bool((source.read(2).pixels == 2).all())
        assert untouched == (missing == "black")


@pytest.mark.parametrize(
    ("numbers", "error", "words"),
    [
        ((1, 3, 4), InputError, r"mask\.####\.exr has no file for 2; render it or choose --missing"),
        (
            (2, 3),
            UsageError,
            r"the mask .*mask\.####\.exr has frames 2-3, not 1; .* number the mask as the plate",
        ),
    ],
)
def test_a_mask_that_lacks_frames_is_refused_before_the_first(
    tmp_path: Path, generator: str, numbers: tuple[int, ...], error: type[Exception], words: str
) -> None:
    job = style(tmp_path, generator, shot(tmp_path, 1, 2, 3), mask=shot(tmp_path, *numbers, name="mask"))
    with pytest.raises(error, match=words):
        render(job)
    assert rendered(tmp_path) == []


def test_what_a_farm_passes_is_rendered(tmp_path: Path, generator: str) -> None:
    job = style(tmp_path, generator, shot(tmp_path, *range(1, 9)))
    assert render(replace(job, frames="openjd:1-7:3,8")).done == [1, 4, 7, 8]


def test_a_hole_in_one_view_is_an_error_of_that_view(tmp_path: Path, generator: str) -> None:
    shot(tmp_path, 1, 2, 3, 4, name="shot.left")
    shot(tmp_path, 1, 2, 4, name="shot.right")
    job = style(tmp_path, generator, str(tmp_path / "shot.%V.####.exr"), output="out.%V.####.exr")
    with pytest.raises(InputError, match=r"shot\.right\.####\.exr has no file for 3"):
        render(job)
    render(replace(job, options={"missing": "hold"}))
    names = sorted(path.name for path in (tmp_path / "out").glob("*.exr"))
    assert names == [f"out.{view}.000{number}.exr" for view in ("left", "right") for number in (1, 2, 3, 4)]
