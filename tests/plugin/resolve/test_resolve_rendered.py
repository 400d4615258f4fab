"""What Replate cannot read goes through Resolve's own render queue, which is then as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from films import counted, encode, number_in
from replate.media import open_source
from resolving.editing import START, Edit, movie, nested, same_as_command_line
from resolving.media import MediaPoolItem


def raw(edit: Edit) -> MediaPoolItem:
    path = edit.folder / "A001.braw"
    path.write_bytes(b"camera")
    media = edit.clip(str(path), last=19)
    media.pictures = list(counted(20))
    return media


def retimed(edit: Edit) -> MediaPoolItem:
    media = edit.clip(movie(edit.folder))
    media.pictures = list(counted(24))
    return media


@pytest.mark.parametrize("source", [nested, raw, retimed])
def test_resolve_renders_what_replate_cannot_read(edit: Edit, source: Callable[[Edit], MediaPoolItem]) -> None:
    speed = 2 if source is retimed else 1
    edit.preset["folder"] = str(edit.folder / "out")
    edit.timeline.put(1, source(edit), START, 6, left=4, speed=speed)
    other = encode(edit.folder / "other.mp4", counted(24), rate=24)
    edit.timeline.tracks.append(type(edit.timeline.tracks[0])("Video 2"))
    above = edit.timeline.put(2, edit.clip(str(other)), START, 6)
    went_well, told = edit.work()
    assert went_well, told
    assert "Resolve rendered it first" in told
    assert edit.project.timelines == [edit.timeline], "the copy is gone"
    assert edit.project.timeline is edit.timeline
    assert edit.timeline.tracks[2].is_on and edit.placed(3) == [above]
    assert not edit.project.jobs
    assert edit.project.settings == {"ExportVideo": False, "of": "the user"}, "the Deliver page is as it was"
    assert list(edit.project.presets) == ["H.264 Master"]
    assert edit.world.page == "color"
    (placed,) = edit.placed()
    assert (placed.start, placed.length, placed.graded) == (START, 6, "plain")
    assert placed.media
    intermediate = json.loads(placed.media.tags["Replate"])["inputs"]["plate"]
    same_as_command_line(placed.media.properties["File Path"], edit, intermediate, "1-6")
    numbers = [number_in(read_frame(intermediate, frame)) for frame in range(1, 7)]
    assert numbers == [5 + speed * frame for frame in range(6)]


def read_frame(path: str, frame: int) -> Any:
    return open_source(path).read(frame).pixels


def test_a_take_of_what_resolve_rendered_would_be_graded_twice(edit: Edit) -> None:
    edit.preset |= {"place": "take", "folder": str(edit.folder / "out")}
    item = edit.timeline.put(1, nested(edit), START, 4)
    went_well, told = edit.work()
    assert went_well
    assert "graded twice" in told
    assert not item.takes and len(edit.placed()) == 1


def test_a_render_that_fails_in_resolve_is_told_with_its_reason(edit: Edit) -> None:
    edit.project.reason = "Disk Full"
    edit.timeline.put(1, nested(edit), START, 4)
    went_well, told = edit.work()
    assert not went_well
    assert "Disk Full" in told
    assert edit.project.timelines == [edit.timeline] and not edit.project.jobs
