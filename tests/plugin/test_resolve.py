"""Replate in a DaVinci Resolve that misbehaves as the real one does; the service and the files are real."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from films import counted, encode, number_in
from nets import tiny_style
from plates import bits, read, write_shot
from replate.job import Job
from replate.media import open_source
from replate.render import render
from replate_plugin.client import Service
from replate_plugin.resolve.menu import run
from resolving.media import MediaPoolItem
from resolving.stubs import calls
from resolving.timeline import Project, Resolve, Timeline, TimelineItem
from resolving.windows import Desktop, Fusion, Seen
from resolving.world import World
from services import ROOT, served

START = 86400  # an hour at 24 frames a second, where timelines begin


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with served(tmp_path_factory.mktemp("resolve") / "service", client="DaVinci Resolve") as connected:
        yield connected


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_style(tmp_path_factory.mktemp("look") / "tiny.onnx"))


@dataclass
class Edit:
    """A project with a timeline, and an artist before it."""

    world: World
    project: Project
    timeline: Timeline
    folder: Path
    service: Service
    preset: dict[str, Any]

    def clip(self, path: str, **facts: Any) -> MediaPoolItem:
        return MediaPoolItem.of(self.world, path, **facts)

    def work(self, *, desktop: Desktop | None = None) -> tuple[bool, str]:
        """Start the script; whether all went well, and what was told in the end."""
        desktop = desktop or Desktop(render_it, close)
        return self.start(bmd=desktop), desktop.windows[-1].text

    def start(self, **given: Any) -> bool:
        """Start the script with these globals; whether all went well."""
        (self.folder / "presets").mkdir(exist_ok=True)
        (self.folder / "presets" / "resolve-style.json").write_text(json.dumps(self.preset))
        there = {"resolve": Resolve(self.world, self.project), "fusion": Fusion(), **given}
        return run("style", there, service=Borrowed(self.service))

    def placed(self, track: int = 2) -> list[TimelineItem]:
        return self.timeline.tracks[track - 1].items


class Borrowed:
    """The service of the module, which a script does not hang up on."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __enter__(self) -> Service:
        return self._service

    def __exit__(self, *_: object) -> None: ...


def render_it(window: Seen) -> None:
    window.click("Render")


def close(window: Seen) -> None:
    window.click("OK")


@pytest.fixture
def edit(tmp_path: Path, service: Service, look: str, monkeypatch: pytest.MonkeyPatch) -> Edit:
    monkeypatch.setenv("REPLATE_PRESETS", str(tmp_path / "presets"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("replate_plugin.resolve.through._LOOK", 0.0)
    world = World()
    project = Project(world)
    return Edit(world, project, Timeline(world, project), tmp_path, service, {"generator": look})


def movie(folder: Path, *, count: int = 24, rate: int = 24) -> str:
    return str(encode(folder / "shot.mp4", counted(count), rate=rate, options={"g": "6"}))


def same_as_command_line(path: str, edit: Edit, plate: str, frames: str) -> None:
    """Frame by frame the pixels that the command line gives."""
    expected = str(edit.folder / "expected" / Path(path).name)
    render(
        Job(node="style", inputs={"plate": plate}, output=expected, frames=frames, generator=edit.preset["generator"])
    )
    ours, theirs = open_source(path), open_source(expected)
    assert list(ours.frames) == list(theirs.frames)
    for frame in theirs.frames:
        assert np.array_equal(bits(ours.read(frame).pixels), bits(theirs.read(frame).pixels))


def test_a_movie_comes_back_above_its_clip(edit: Edit) -> None:
    plate = movie(edit.folder)
    item = edit.timeline.put(1, edit.clip(plate), START + 100, 8, left=5)
    item.graded, item.properties["ZoomX"] = "teal and orange", 1.5
    went_well, told = edit.work()
    assert went_well, told
    (placed,) = edit.placed()
    assert (placed.start, placed.length, placed.left) == (START + 100, 8, 0)
    assert (placed.graded, placed.properties["ZoomX"]) == ("teal and orange", 1.5)
    assert [clip.name for clip in edit.project.pool.root.folders[0].clips] == ["shot_style_v001.mov"]
    assert edit.project.pool.root.folders[0].name == "Replate"
    assert edit.project.pool.current is edit.project.pool.root
    assert item.media and item.media.properties["File Path"] == plate, "the clip itself is as it was"
    assert placed.media and json.loads(placed.media.tags["Replate"])["frames"] == "6-13"
    same_as_command_line(placed.media.properties["File Path"], edit, plate, "6-13")


def test_the_first_frame_of_a_source_is_not_believed(edit: Edit) -> None:
    """The call for it is one too high for some clips; the offset is right."""
    plate = movie(edit.folder)
    for left in (4, 5):
        item = edit.timeline.put(1, edit.clip(plate), START + 10 * left, 3, left=left)
        assert item.GetSourceStartFrame() in (left, left + 1)
    edit.world.has_selection, edit.timeline.selected = True, list(edit.timeline.tracks[0].items)
    went_well, told = edit.work()
    assert went_well, told
    frames = [json.loads(item.media.tags["Replate"])["frames"] for item in edit.placed() if item.media]
    assert frames == ["5-7", "6-8"]


def test_a_sequence_comes_back_as_a_sequence(edit: Edit) -> None:
    plate = write_shot(edit.folder / "in", range(1001, 1013))
    edit.timeline.put(1, edit.clip(plate, first=1001, last=1012), START, 4, left=3)
    went_well, told = edit.work()
    assert went_well, told
    (placed,) = edit.placed()
    assert placed.media and placed.media.properties["File Path"].endswith("plate_style_v001.[1004-1007].exr")
    assert placed.length == 4
    result = edit.folder / "in" / "replate" / "plate_style_v001"
    same_as_command_line(str(result / "plate_style_v001.%04d.exr"), edit, plate, "1004-1007")
    job = Job.load(result / "plate_style_v001.json")
    assert job.frames == "1004-1007", "the farm can render it from the file beside it"


@pytest.mark.parametrize(("source", "edited"), [("24", "23.976"), ("29.97", "24"), ("25", "50"), ("23.976", "29.97")])
def test_mixed_rates_fill_the_place_to_the_frame(edit: Edit, source: str, edited: str) -> None:
    """Resolve rounds down what it is given; a frame to spare makes up for it."""
    plate = write_shot(edit.folder / "in", range(0, 30))
    edit.timeline.told_rate = edited
    for number, length in enumerate((5, 7, 9)):
        edit.timeline.put(1, edit.clip(plate, first=0, last=29, rate=source), START + 20 * number, length, left=2)
    edit.world.has_selection, edit.timeline.selected = True, list(edit.timeline.tracks[0].items)
    went_well, told = edit.work()
    assert went_well, told
    found = [(item.start, item.length) for item in edit.placed()]
    assert found == [(START, 5), (START + 20, 7), (START + 40, 9)]
    assert {item.media.properties["FPS"] for item in edit.placed() if item.media} == {source}


def test_a_second_result_finds_a_place_of_its_own(edit: Edit) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 4)
    for _ in range(2):
        went_well, told = edit.work()
        assert went_well, told
    assert [len(track.items) for track in edit.timeline.tracks] == [1, 1, 1]
    names = [item.media.name for track in edit.timeline.tracks[1:] for item in track.items if item.media]
    assert names == ["shot_style_v001.mov", "shot_style_v002.mov"], "nothing is replaced"


def test_what_is_on_the_track_counts_not_what_resolve_says(edit: Edit) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 4)
    edit.timeline.is_shy = True
    assert edit.work()[0]
    assert len(edit.placed()) == 1


def test_a_take_keeps_the_clip_where_it_is(edit: Edit) -> None:
    item = edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 4)
    edit.preset["place"] = "take"
    went_well, told = edit.work()
    assert went_well, told
    assert [take.name for take in item.takes] == ["shot.mp4", "shot_style_v001.mov"]
    assert item.selected == 2
    assert len(edit.timeline.tracks) == 1


def test_a_still_is_as_long_as_its_clip(edit: Edit) -> None:
    plate = write_shot(edit.folder / "in", [7]) % 7
    edit.timeline.put(1, edit.clip(plate), START, 30)
    went_well, told = edit.work()
    assert went_well, told
    (placed,) = edit.placed()
    assert (placed.start, placed.length) == (START, 30)
    assert placed.media and read(placed.media.properties["File Path"])[0].shape == read(plate)[0].shape


def nested(edit: Edit) -> MediaPoolItem:
    return MediaPoolItem(edit.world, "Nested", pictures=list(counted(20)), FPS="24", Frames="20")


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
    assert edit.timeline.tracks[1].is_on and edit.placed() == [above]
    assert not edit.project.jobs
    assert edit.project.settings == {"ExportVideo": False, "of": "the user"}, "the Deliver page is as it was"
    assert list(edit.project.presets) == ["H.264 Master"]
    assert edit.world.page == "color"
    (placed,) = edit.placed(3)
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


def test_a_missing_file_is_named(edit: Edit) -> None:
    edit.timeline.put(
        1, MediaPoolItem(edit.world, "gone", **{"File Path": "/gone/a.mov", "Frames": "9", "FPS": "24"}), 0, 4
    )
    went_well, told = edit.work(desktop=Desktop(close))
    assert not went_well
    assert "/gone/a.mov" in told and "relink" in told


def test_no_clip_no_work(edit: Edit) -> None:
    went_well, told = edit.work(desktop=Desktop(close))
    assert not went_well
    assert "select one" in told


def test_cancel_ends_the_render_and_leaves_the_timeline(edit: Edit) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 20)
    desktop = Desktop(render_it, close)
    desktop.meanwhile = lambda window: window.click("Cancel")
    went_well, told = edit.work(desktop=desktop)
    assert not went_well
    assert "cancelled" in told
    assert len(edit.timeline.tracks) == 1


def test_what_is_asked_is_what_is_rendered(edit: Edit) -> None:
    plate = movie(edit.folder)
    edit.timeline.put(1, edit.clip(plate), START, 2)

    def artist(window: Seen) -> None:
        assert window.field("Mix").kind == "DoubleSpinBox" and window.field("Mix").Maximum == 1.0
        window.field("Mix").Value = 0.25
        window.field("Mask").Text = "plate:A"
        window.click(next(name for name in window.On if name.endswith("Find")))
        window.click("Render")

    given_up: list[str] = []
    desktop = Desktop(artist, lambda window: (given_up.append(window.text), close(window))[1])
    edit.work(desktop=desktop)
    kept = json.loads((edit.folder / "presets" / "resolve-style.json").read_text())
    assert kept["knobs"] == {"mix": 0.25}
    assert kept["inputs"] == {"mask": "plate:A"}
    assert "no channel 'A'" in given_up[0], "this movie has no alpha, and it is said"


def test_another_generator_brings_a_form_of_its_own_that_keeps_what_was_set(edit: Edit) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 1)

    def choose(window: Seen) -> None:
        window.field("Strength").Value = 0.5
        window.choose("Generator", "colorize")

    def cancel(window: Seen) -> None:
        assert window.field("Generator").CurrentText == "colorize"
        assert window.field("Strength").Value == 0.5
        window.click("Cancel")

    edit.preset["generator"] = "silver"
    desktop = Desktop(choose, cancel)
    assert not edit.start(bmd=desktop)
    assert len(desktop.windows) == 2 and not any(window.is_open for window in desktop.windows)


def test_the_free_edition_works_from_a_file_and_is_asked_for_no_window(
    edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    class Advertisement:
        @property
        def UIManager(self) -> None:
            raise AssertionError("asking for it opens a window that blocks")

    edit.world.product = "DaVinci Resolve"
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 2)
    assert edit.start(fusion=Advertisement(), bmd=object())
    said = capsys.readouterr().out
    assert "resolve-style.json" in said and "100%" in said


def test_outside_of_resolve_it_says_where_it_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    assert not run("style", {})
    assert "Workspace > Scripts" in capsys.readouterr().out


def outcome(edit: Edit, source: MediaPoolItem, **preset: Any) -> tuple[bool, str, TimelineItem]:
    """A run on a clip of another rate than the timeline's, which takes the longest way."""
    item = edit.timeline.put(1, source, START, 3)
    edit.preset |= {"folder": str(edit.folder / "out"), **preset}
    return *edit.work(desktop=Desktop(*[either] * 3)), item


def either(window: Seen) -> None:
    """Whatever window comes: the form is filled, a message read."""
    window.click("Render" if "Render" in window.On else "OK")


def slower(edit: Edit) -> MediaPoolItem:
    return edit.clip(write_shot(edit.folder / "in", range(1, 9), size=(16, 16)), first=1, last=8, rate="23.976")


WAYS = [(nested, "track", None), (slower, "track", False), (slower, "take", None)]


@pytest.mark.parametrize(("source", "place", "answer"), WAYS)
def test_whatever_call_fails_is_told_and_harms_nothing(
    edit: Edit, source: Callable[[Edit], MediaPoolItem], place: str, answer: bool | None
) -> None:
    went_well, told, _ = outcome(edit, source(edit), place=place)
    assert went_well, told
    usual = len(told.splitlines())
    assert not edit.world.unknown
    for call in sorted(set(edit.world.called) - HARMLESS):
        again = fresh(edit)
        again.world.refused = {call: answer}
        went_well, told, item = outcome(again, source(again), place=place)
        assert not went_well or len(told.splitlines()) > usual, f"{call} failed and nothing is said: {told}"
        assert item in again.timeline.tracks[0].items and item.media, call
        assert "unexpectedly" not in told, (call, told)


HARMLESS = {
    "Resolve.GetProductName",  # then it is not the Studio edition
    "Resolve.GetVersionString",
    "Resolve.GetCurrentPage",  # then it is not gone back to
    "Resolve.OpenPage",
    "Project.GetRenderPresetList",
    "Project.LoadRenderPreset",
    "Project.DeleteRenderJob",
    "MediaPool.GetCurrentFolder",
    "Folder.GetSubFolderList",
    "Folder.GetName",
    "MediaPool.AppendToTimeline",  # what counts is what lies there
    "Timeline.SetTrackName",
    "Timeline.GetTrackName",
    "TimelineItem.GetProperty",
    "MediaPoolItem.GetClipProperty",
    "MediaPoolItem.GetUniqueId",  # then the frame that it begins at tells it
    "TimelineItem.GetName",
    "Timeline.GetName",
}


def fresh(edit: Edit) -> Edit:
    world = World()
    project = Project(world)
    return Edit(world, project, Timeline(world, project), edit.folder, edit.service, dict(edit.preset))


def test_every_call_of_the_adapter_is_in_the_published_stubs() -> None:
    files = sorted((ROOT / "plugin" / "replate_plugin" / "resolve").glob("*.py"))
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    used = {
        node.func.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr[0].isupper()
    }
    known = {name.partition(".")[2] for name in calls()}
    assert {"ImportMedia", "AppendToTimeline", "AddTake", "GetLeftOffset"} <= used
    assert used - known == WINDOWS, "names that the stubs do not have are those of windows"


WINDOWS = {
    *("AddItems", "AddTab", "AddWindow", "ExitLoop", "GetItems", "Hide", "RequestFile", "RunLoop", "Show", "StepLoop"),
    *("Button", "HGroup", "Label", "Stack", "TabBar", "UIDispatcher", "VGroup"),
}
"""The UIManager's, for which nobody publishes stubs."""
