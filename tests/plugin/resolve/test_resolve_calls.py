"""Calls of Resolve: all of them are in the published stubs, and each of them may fail."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest

from plates import write_shot
from resolving.editing import START, Edit, nested
from resolving.media import MediaPoolItem
from resolving.project import Project
from resolving.stubs import calls
from resolving.timeline import Timeline, TimelineItem
from resolving.windows import Desktop, Seen
from resolving.world import World
from services import ROOT


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
