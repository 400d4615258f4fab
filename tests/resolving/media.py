"""The media pool: clips from real files, bins, importing, and putting onto the timeline."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av

from .world import Remote, World

if TYPE_CHECKING:
    from .project import Project
    from .timeline import Timeline

__all__ = ["Folder", "MediaPool", "MediaPoolItem", "exact"]

_NUMBERS = itertools.count(1)


def exact(told: str) -> Fraction:
    """A rate from what Resolve says of it."""
    return {"23.976": Fraction(24000, 1001), "29.97": Fraction(30000, 1001)}.get(told) or Fraction(told)


class MediaPoolItem(Remote):
    """A clip. `pictures` is what it shows where that is no file, as a nested timeline."""

    def __init__(self, world: World, name: str, *, pictures: Sequence[av.VideoFrame] = (), **properties: str) -> None:
        self.world, self.name, self.pictures = world, name, list(pictures)
        self.number = f"media-{next(_NUMBERS)}"
        self.properties, self.tags = properties, dict[str, str]()

    @classmethod
    def of(cls, world: World, path: str, *, first: int = 0, last: int = 0, rate: str = "24") -> MediaPoolItem:
        """A file or a sequence, as Resolve tells of it. Stills have one frame."""
        if "%" in path:
            width = re.search(r"%0(\d+)d", path)
            assert width is not None
            told = re.sub(r"%0\d+d", f"[{first:0{width[1]}d}-{last:0{width[1]}d}]", path)
            count = last - first + 1
        elif Path(path).suffix in (".mov", ".mp4", ".braw"):
            told, count = path, last + 1 if Path(path).suffix == ".braw" else _length(path)
        else:
            told, count = path, 1
        facts = {"File Path": told, "Frames": str(count), "FPS": rate, "Input Color Space": "Project"}
        return cls(world, Path(told).name, **facts)

    def GetName(self) -> Any:
        return self.name

    def GetUniqueId(self) -> Any:
        return self.number

    def GetClipProperty(self, name: str | None = None) -> Any:
        return dict(self.properties) if name is None else self.properties.get(name, "")

    def SetClipProperty(self, name: str, value: str) -> Any:
        self.properties[name] = value
        return True

    def SetThirdPartyMetadata(self, tags: dict[str, str]) -> Any:
        self.tags |= tags
        return True

    @property
    def rate(self) -> Fraction:
        return exact(self.properties["FPS"])


class Folder(Remote):
    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.folders, self.clips = list[Folder](), list[MediaPoolItem]()

    def GetName(self) -> Any:
        return self.name

    def GetSubFolderList(self) -> Any:
        return self.folders


class MediaPool(Remote):
    def __init__(self, world: World, project: Project) -> None:
        self.world, self.project = world, project
        self.root = self.current = Folder(world, "Master")

    def GetRootFolder(self) -> Any:
        return self.root

    def GetCurrentFolder(self) -> Any:
        return self.current

    def SetCurrentFolder(self, folder: Folder) -> Any:
        self.current = folder
        return True

    def AddSubFolder(self, folder: Folder, name: str) -> Any:
        folder.folders.append(Folder(self.world, name))
        return folder.folders[-1]

    def ImportMedia(self, wanted: list[Any]) -> Any:
        """Pictures that do not say their rate get the project's."""
        (given,) = wanted
        entry = {"FilePath": given} if isinstance(given, str) else given
        path, first, last = entry["FilePath"], entry.get("StartIndex", 0), entry.get("EndIndex", 0)
        names = [path % number for number in range(first, last + 1)] if "%" in path else [path]
        if not all(Path(name).is_file() for name in names):
            return []
        timed = _rate_of(path) if Path(path).suffix == ".mov" else self.project.timeline.told_rate
        self.current.clips.append(MediaPoolItem.of(self.world, path, first=first, last=last, rate=timed))
        return [self.current.clips[-1]]

    def AppendToTimeline(self, wanted: list[dict[str, Any]]) -> Any:
        """`endFrame` is not among the frames; what lies there already wins."""
        timeline, (entry,) = self.project.timeline, wanted
        media, count = entry["mediaPoolItem"], entry["endFrame"] - entry["startFrame"]
        is_still = media.properties["Frames"] == "1"
        duration = count if is_still else int(count * timeline.rate / media.rate)
        there = 10**6 if is_still else int(media.properties["Frames"])
        items = timeline.tracks[entry["trackIndex"] - 1].items
        start = entry["recordFrame"]
        if entry["endFrame"] > there or any(x.start < start + duration and start < x.start + x.length for x in items):
            return [None]
        timeline.put(entry["trackIndex"], media, start, duration, left=entry["startFrame"])
        return [None] if timeline.is_shy else [items[-1]]

    def DeleteTimelines(self, timelines: list[Timeline]) -> Any:
        self.project.timelines = [each for each in self.project.timelines if each not in timelines]
        return True


def _length(path: str) -> int:
    with av.open(path) as file:
        return sum(1 for packet in file.demux(video=0) if packet.size)


def _rate_of(path: str) -> str:
    with av.open(path) as file:
        told = file.streams.video[0].guessed_rate
        assert told is not None
        return f"{float(told):.3f}".rstrip("0").rstrip(".")
