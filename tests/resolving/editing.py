"""An edit in the fake Resolve, an artist before it, and what the command line makes of the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from films import counted, encode
from plates import bits
from replate.job import Job
from replate.media import open_source
from replate.render import render
from replate_plugin.client import Service
from replate_plugin.resolve.menu import run

from .media import MediaPoolItem
from .project import Project, Resolve
from .timeline import Timeline, TimelineItem
from .windows import Desktop, Fusion, Seen
from .world import World

__all__ = ["START", "Edit", "close", "movie", "nested", "render_it", "same_as_command_line"]

START = 86400
"""An hour at 24 frames a second, where timelines begin."""


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

    def keep_preset(self) -> None:
        """Write what was set last."""
        (self.folder / "presets").mkdir(exist_ok=True)
        (self.folder / "presets" / "resolve-style.json").write_text(json.dumps(self.preset))

    def start(self, **given: Any) -> bool:
        """Start the script with these globals; whether all went well."""
        self.keep_preset()
        there = {"resolve": Resolve(self.world, self.project), "fusion": Fusion(), **given}
        return run("style", there, service=Borrowed(self.service))

    def select_all(self) -> None:
        """Select what lies on the first track, in a Resolve that tells of it."""
        self.world.lacks.discard("GetSelectedClips")
        self.timeline.selected = list(self.timeline.tracks[0].items)

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


def movie(folder: Path, *, count: int = 24, rate: int = 24) -> str:
    return str(encode(folder / "shot.mp4", counted(count), rate=rate, options={"g": "6"}))


def nested(edit: Edit) -> MediaPoolItem:
    return MediaPoolItem(edit.world, "Nested", pictures=list(counted(20, width=128, height=32)), FPS="24", Frames="20")


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
