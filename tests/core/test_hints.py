"""What a network that colours is told: painted dots, and coloured frames moved into place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nets import PICTURE, PLATE, RESULT, Net
from plates import bits, read, write
from replate.card import Card, Port
from replate.color import transform
from replate.errors import InputError, UsageError
from replate.frame import Frame, Window
from replate.job import Job
from replate.picture.hints import hints_for
from replate.plan import prepare
from replate.render import render
from replate.window import WindowReader

SIZE = (96, 128)
FRAMES = range(1001, 1010)
TINT = np.array([1.6, 1.0, 0.5], np.float32)


def grey(frame: int) -> np.ndarray:
    """A soft texture that moves 2 pixels a frame."""
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)
    x = x - 2 * (frame - FRAMES[0])
    return 0.3 + 0.1 * np.sin(x / 5) * np.cos(y / 6) + 0.08 * np.sin(x / 11 + y / 7)


def coloured(frame: int) -> np.ndarray:
    """The plate in colour: the tint on the left half of the first frame, and where that moves."""
    x = np.arange(SIZE[1]) - 2 * (frame - FRAMES[0])
    return grey(frame)[..., None] * np.where((x < SIZE[1] // 2)[None, :, None], TINT, np.float32(1))


def picture(pixels: np.ndarray, number: int, **fields: object) -> Frame:
    return Frame.of(np.ascontiguousarray(pixels, np.float32), number=number, space="ACEScg", **fields)


def shots(number: int, **given: dict[int, Frame]) -> dict[str, dict[int, Frame]]:
    """Plates and inputs by frame number, as a node gets them for frame `number`."""
    wanted = {number, *(n for frames in given.values() for n in frames)}
    plates = {n - number: picture(np.repeat(grey(n)[..., None], 3, -1), n) for n in wanted}
    return {"plate": plates, **{name: {n - number: f for n, f in frames.items()} for name, frames in given.items()}}


def told(number: int, **given: dict[int, Frame]) -> np.ndarray:
    all_ = shots(number, **given)
    return hints_for(all_["plate"][0], all_, space="ACEScct")


def dot(colour: np.ndarray, alpha: float, **fields: object) -> Frame:
    layer = np.zeros((*SIZE, 4), np.float32)
    layer[40:50, 30:40] = [*(alpha * colour), alpha]
    return picture(layer, FRAMES[0], **fields)


def test_nothing_said_is_nothing() -> None:
    assert not told(1001).any()


@pytest.mark.parametrize("exposure", [0.25, 1.0, 4.0])
@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_a_dot_says_its_colour_whatever_its_brightness(exposure: float, alpha: float) -> None:
    said = told(1001, hints={1001: dot(exposure * 0.3 * TINT, alpha)})
    space = transform("ACEScg", "ACEScct")
    luminance = np.full((1, 1, 3), 0.3 * TINT @ [0.27222872, 0.67408177, 0.05368952], np.float32)
    plain = space.forward((0.3 * TINT)[None, None]) - space.forward(luminance)
    np.testing.assert_allclose(said[45, 35, :3], alpha * plain[0, 0], atol=1e-4)
    assert said[45, 35, 3] == pytest.approx(alpha) and not said[10, 10].any()


def test_straight_alpha_says_the_same_as_multiplied() -> None:
    multiplied, straight = dot(0.3 * TINT, 0.5), dot(0.6 * TINT, 0.5, metadata={"oiio:UnassociatedAlpha": 1})
    np.testing.assert_allclose(told(1001, hints={1001: multiplied}), told(1001, hints={1001: straight}), atol=1e-5)


def test_hints_without_alpha_are_refused() -> None:
    with pytest.raises(InputError, match="no alpha"):
        told(1001, hints={1001: picture(coloured(1001), 1001)})


def test_a_coloured_frame_follows_the_motion_of_the_plates() -> None:
    said = told(1004, reference={1001: picture(coloured(1001), 1001)})
    inside = said[10:-10, 12:-12]
    truth = told(1004, reference={1004: picture(coloured(1004), 1004)})[10:-10, 12:-12]
    covered = inside[..., 3] > 0.5
    assert covered.mean() > 0.8
    assert np.abs(inside - truth)[covered][:, :3].mean() < 0.002
    assert np.abs(truth[..., :3]).mean() > 0.01


def test_nearer_frames_count_more_and_only_the_nearest_count() -> None:
    plain = {n: picture(np.repeat(grey(n)[..., None], 3, -1), n) for n in (1001, 1009)}
    red = {n: picture(grey(n)[..., None] * TINT, n) for n in (1001, 1009)}
    near, far = ({1001: red[1001], 1009: plain[1009]}, {1001: plain[1001], 1009: red[1009]})
    ratio = told(1002, reference=near)[48, 64, 0] / told(1002, reference=far)[48, 64, 0]
    assert ratio > 3
    both = {**near, 1003: plain[1003] if 1003 in plain else picture(np.repeat(grey(1003)[..., None], 3, -1), 1003)}
    without = {n: frame for n, frame in both.items() if n != 1009}
    np.testing.assert_array_equal(told(1002, reference=both), told(1002, reference=without))


def test_painted_hints_lie_over_the_reference() -> None:
    blue = dot(0.3 * TINT[::-1], 1.0)
    said = told(1001, hints={1001: blue}, reference={1001: picture(coloured(1001), 1001)})
    np.testing.assert_array_equal(said[45, 35], told(1001, hints={1001: blue})[45, 35])
    assert said[80, 20, 3] == 1


def test_a_data_window_may_differ() -> None:
    plate = Frame(
        pixels=np.full((20, 30, 3), 0.3, np.float32),
        channels=tuple("RGB"),
        data_window=Window(25, 35, 30, 20),
        display_window=Window(0, 0, SIZE[1], SIZE[0]),
        number=1001,
        space="ACEScg",
    )
    said = hints_for(plate, {"plate": {0: plate}, "hints": {0: dot(TINT, 1.0)}}, space="ACEScct")
    assert said.shape == (20, 30, 4) and said[5:15, 5:15, 3].all() and said[..., 3].sum() == 100


@pytest.fixture
def tinter(tmp_path: Path) -> str:
    """A look that adds what it is told."""
    net = Net()
    pick = np.zeros((3, 4, 1, 1))
    pick[[0, 1, 2], [0, 1, 2]] = 1
    net.add("Add", "plate", net.conv("hints", pick), name="result")
    ports = (PLATE, Port(name="hints", role="hints", channels="RGBA"))
    card = Card(name="tinter", inputs=ports, outputs=(RESULT,), multiple=4)
    inputs = [("plate", PICTURE), ("hints", ("N", 4, "H", "W"))]
    return str(net.save(tmp_path / "tinter.onnx", inputs, [("result", PICTURE)], card=card))


@pytest.fixture
def shot(tmp_path: Path) -> dict[str, str]:
    """A plate of nine frames and a reference of two of them."""
    for folder in ("in", "ref"):
        (tmp_path / folder).mkdir()
    for number in FRAMES:
        write(tmp_path / "in" / f"p.{number}.exr", np.repeat(grey(number)[..., None], 3, -1), formats=["float"] * 3)
    for number in (1001, 1007):
        write(tmp_path / "ref" / f"r.{number}.exr", coloured(number), formats=["float"] * 3)
    return {"plate": str(tmp_path / "in" / "p.%04d.exr"), "reference": str(tmp_path / "ref" / "r.%04d.exr")}


def made(shot: dict[str, str], tinter: str, out: Path, *, frames: str = "", **params: float) -> list[np.ndarray]:
    job = Job(node="style", inputs=shot, output=str(out / "%04d.exr"), frames=frames, generator=tinter, params=params)
    report = render(job)
    assert not report.failed, report.failed
    return [bits(read(path)[0]) for path in sorted(out.glob("*.exr"))]


@pytest.mark.parametrize("steady", [0.0, 0.7])
def test_a_frame_is_a_function_of_files_and_number(
    shot: dict[str, str], tinter: str, tmp_path: Path, steady: float
) -> None:
    whole = made(shot, tinter, tmp_path / "whole", steady=steady)
    for frames in ("1004", "1009", "1001-1003", "1005-1008"):
        chunks = made(shot, tinter, tmp_path / "chunks", frames=frames, steady=steady)
    assert len(chunks) == len(whole) == len(FRAMES)
    assert all(np.array_equal(a, b) for a, b in zip(whole, chunks, strict=True))
    assert len({frame.tobytes() for frame in whole}) == len(FRAMES)


def test_mix_zero_is_the_plate(shot: dict[str, str], tinter: str, tmp_path: Path) -> None:
    plates = [bits(read(path)[0]) for path in sorted((tmp_path / "in").glob("*.exr"))]
    results = made(shot, tinter, tmp_path / "out", mix=0.0)
    assert all(np.array_equal(a, b) for a, b in zip(plates, results, strict=True))


def test_a_changed_reference_is_noticed_where_it_counts(shot: dict[str, str], tinter: str, tmp_path: Path) -> None:
    job = Job(node="style", inputs=shot, output=str(tmp_path / "out" / "%04d.exr"), generator=tinter)
    with prepare(job) as plan:
        assert plan.window(1004) == {"plate": {0: 1004, -3: 1001, 3: 1007}, "reference": {-3: 1001, 3: 1007}}
        assert plan.window(1007) == {"plate": {0: 1007}, "reference": {0: 1007}}
        before = {frame: plan.fingerprint(frame) for frame in FRAMES}
    write(tmp_path / "ref" / "r.1007.exr", 2 * coloured(1007), formats=["float"] * 3)
    with prepare(job) as plan:
        changed = [frame for frame in FRAMES if plan.fingerprint(frame) != before[frame]]
    assert changed == list(range(1002, 1010))


def test_reading_holds_no_more_than_the_window(shot: dict[str, str], tinter: str, tmp_path: Path) -> None:
    job = Job(node="style", inputs=shot, output=str(tmp_path / "out" / "%04d.exr"), generator=tinter)
    with prepare(job) as plan:
        reader = WindowReader(plan)
        for frame in FRAMES:
            reader.read(frame)
            assert len(reader.frames) <= 4, "two coloured frames and their plates"


def test_a_generator_without_the_port_says_so(shot: dict[str, str], tmp_path: Path) -> None:
    job = Job(node="style", inputs=shot, output=str(tmp_path / "%04d.exr"), generator="silver")
    with pytest.raises(UsageError, match="'silver' takes no reference"):
        render(job)


def test_a_reference_of_no_frame_of_the_shot_is_named(shot: dict[str, str], tinter: str, tmp_path: Path) -> None:
    lone = str(write(tmp_path / "lone.exr", coloured(1001)))
    inputs = {"plate": shot["plate"], "reference": lone}
    job = Job(node="style", inputs=inputs, output=str(tmp_path / "%04d.exr"), generator=tinter)
    with pytest.raises(InputError, match=r"of frame 1, which the plate does not have; .* reference\.1001\.exr"):
        render(job)


def test_a_plate_without_room_for_colour_is_refused(tinter: str, tmp_path: Path) -> None:
    lone = str(write(tmp_path / "y.exr", grey(1001)[..., None], channels=("Y",)))
    with pytest.raises(InputError, match="the one channel Y"):
        render(Job(node="style", inputs={"plate": lone}, output=str(tmp_path / "out.exr"), generator=tinter))


def test_hints_for_a_still(tinter: str, tmp_path: Path) -> None:
    plate = write(tmp_path / "old.exr", np.repeat(grey(1001)[..., None], 3, -1), formats=["float"] * 3)
    layer = dot(0.3 * TINT, 1.0).pixels
    hints = write(tmp_path / "dots.0007.exr", layer, formats=["float"] * 4)
    out = tmp_path / "out.exr"
    render(Job(node="style", inputs={"plate": str(plate), "hints": str(hints)}, output=str(out), generator=tinter))
    before, after = read(plate)[0], read(out)[0]
    changed = (np.abs(before - after) > 1e-4).any(-1)
    assert changed[40:50, 30:40].all() and changed.sum() == 100
