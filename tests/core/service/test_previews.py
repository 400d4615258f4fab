"""Previews of one shot share what they can, and are the same as if they shared nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nets import tiny_style
from plates import plate, write, write_shot
from replate.errors import ReplateError
from replate.frame import Frame
from replate.job import Job
from replate.keeping import stamps
from replate.media.sequence import SequenceSource
from replate.nodes import Node, Style
from replate.preview import preview
from replate.service.opened import Frames, PreviewWorkshop
from replate.service.warm import WarmGenerators
from replate.workshop import Workshop
from walks import box, walk

FRAMES = range(1, 9)


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a test are young, whatever their dates say; two seconds would be long."""
    monkeypatch.setattr(stamps, "_SETTLED", -(10**12))


@pytest.fixture
def style(tmp_path: Path) -> Job:
    look = str(tiny_style(tmp_path / "tiny.onnx", change=0.3))
    inputs = {"plate": write_shot(tmp_path / "in", FRAMES), "mask": write_shot(tmp_path / "m", FRAMES, channels="Y")}
    return Job(node="style", inputs=inputs, output=str(tmp_path / "o.%04d.exr"), generator=look)


@pytest.fixture
def removal(tmp_path: Path) -> Job:
    shot = walk(tmp_path / "walk", FRAMES)
    inputs = {"plate": shot.plate, "mask": shot.mask}
    output = str(tmp_path / "o.%04d.exr")
    return Job(node="removal", inputs=inputs, output=output, generator=shot.generator, params={"reach": 2})


def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the frames that are read from files from now on."""
    numbers: list[int] = []
    read = SequenceSource.read

    def counted(self: SequenceSource, number: int) -> Frame:
        numbers.append(number)
        return read(self, number)

    monkeypatch.setattr(SequenceSource, "read", counted)
    return numbers


def nodes(monkeypatch: pytest.MonkeyPatch) -> list[Node]:
    """Nodes that are made from now on."""
    made: list[Node] = []
    init = Style.__init__
    monkeypatch.setattr(Style, "__init__", lambda self, engine: (made.append(self), init(self, engine))[1])
    return made


def _style_changes(chance: random.Random, job: Job) -> Iterator[Job]:
    while True:
        params = {
            "steady": chance.choice([0.0, 0.6]),
            "mix": chance.choice([0.5, 1.0]),
            "mask.grow": chance.choice([0, 2]),
        }
        yield replace(job, params=params, options={"tile": "off" if chance.random() < 0.1 else "auto"})


def _removal_changes(chance: random.Random, job: Job) -> Iterator[Job]:
    while True:
        params = {"grain.amount": chance.choice([0.0, 1.0]), "mask.grow": chance.choice([1, 3]), "reach": 2}
        yield replace(job, params=params)


def _style_edit(chance: random.Random, job: Job) -> None:
    name = chance.choice(["plate", "mask"])
    number = chance.choice(FRAMES)
    channels = {"plate": "RGBA", "mask": "Y"}[name]
    pixels = plate(48, 64, frame=chance.randrange(100), channels=len(channels))
    write(Path(job.inputs[name] % number), pixels, channels=channels)


def _removal_edit(chance: random.Random, job: Job) -> None:
    matte = np.roll(box(0), chance.randrange(40), axis=1)
    write(Path(job.inputs["mask"] % chance.choice(FRAMES)), matte[..., None].astype(np.float32), channels="Y")


@pytest.mark.parametrize(
    ("name", "changes", "edit", "steps"),
    [("style", _style_changes, _style_edit, 25), ("removal", _removal_changes, _removal_edit, 8)],
)
def test_whatever_came_before_a_preview_is_what_it_would_be_alone(
    request: pytest.FixtureRequest, name: str, changes: Callable[..., Any], edit: Callable[..., None], steps: int
) -> None:
    """Knobs, frames and files change by chance, as an artist's and a farm's do."""
    job, chance, warm = request.getfixturevalue(name), random.Random(5), PreviewWorkshop(WarmGenerators())
    for _, changed in zip(range(steps), changes(chance, job), strict=False):
        if chance.random() < 0.4:
            edit(chance, job)
        frame = chance.choice(FRAMES[2:5])
        made, alone = preview(changed, frame, workshop=warm), preview(changed, frame)
        assert np.array_equal(made.pixels, alone.pixels, equal_nan=True)
        assert made.metadata == alone.metadata


def test_a_frame_is_read_once(style: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers, warm = reads(monkeypatch), PreviewWorkshop(Workshop())
    job = replace(style, inputs={"plate": style.inputs["plate"]}, params={"steady": 0.5})
    preview(job, 3, workshop=warm)
    assert numbers == [1, 2, 3, 4, 5]
    for mix in (0.1, 0.2):
        preview(replace(job, params={"steady": 0.5, "mix": mix}), 3, workshop=warm)
    preview(job, 4, workshop=warm)
    assert numbers == [1, 2, 3, 4, 5, 6]
    write(Path(job.inputs["plate"] % 4), plate(48, 64, frame=50))
    preview(job, 4, workshop=warm)
    assert numbers == [1, 2, 3, 4, 5, 6, 4]


def test_a_node_stays_while_only_knobs_and_frames_change(style: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    made, warm = nodes(monkeypatch), PreviewWorkshop(Workshop())
    generator = Workshop().generator(style.generator, device="cpu", threads=None)
    monkeypatch.setattr(warm, "generator", lambda *_, **__: generator)
    for frame, mix in ((1, 0.5), (2, 0.5), (2, 0.7)):
        preview(replace(style, params={"mix": mix}), frame, workshop=warm)
    assert len(made) == 1
    preview(replace(style, options={"tile": "off"}), 2, workshop=warm)
    preview(replace(style, inputs={"plate": style.inputs["plate"]}), 2, workshop=warm)
    assert len(made) == 3
    write(Path(style.inputs["plate"] % 2), plate(48, 64, frame=50))
    preview(replace(style, inputs={"plate": style.inputs["plate"]}), 5, workshop=warm)
    assert len(made) == 4, "what it remembers of a frame may not be true any more, whichever is asked for"


def test_a_frame_that_fails_is_read_again(style: Job) -> None:
    warm, broken = PreviewWorkshop(Workshop()), Path(style.inputs["plate"] % 3)
    whole = broken.read_bytes()
    broken.write_bytes(b"nothing")
    for _ in range(2):
        with pytest.raises(ReplateError):
            preview(style, 3, workshop=warm)
    broken.write_bytes(whole)
    assert np.array_equal(preview(style, 3, workshop=warm).pixels, preview(style, 3).pixels)


def test_frames_take_no_more_memory_than_allowed() -> None:
    frame = Frame.of(np.zeros((10, 10, 4), np.float32))
    frames = Frames(most=3 * frame.nbytes)
    first, second = object(), object()
    for number in range(5):
        frames.put(first, number, frame)
    assert [frames.take(first, number) is frame for number in range(5)] == [False, False, True, True, True]
    for source in (first, second, second):
        frames.put(source, 1, frame)
    frames.clear(second)
    assert frames.take(second, 1) is None
    assert frames.take(first, 1) is frame
    assert frames._bytes == 0
    frames.put(first, 1, frame)
    frames.clear()
    assert (frames._bytes, frames.take(first, 1)) == (0, None)
