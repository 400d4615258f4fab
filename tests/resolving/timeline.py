"""Timelines and what lies on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av

from films import flat

from .media import MediaPoolItem, exact
from .world import Remote, World

if TYPE_CHECKING:
    from .project import Project

__all__ = ["Timeline", "TimelineItem"]


@dataclass
class Track:
    name: str
    items: list[TimelineItem] = field(default_factory=list)
    is_on: bool = True


class Timeline(Remote):
    """Video tracks. `is_shy`: it does not tell what was put onto it, though it was. `only_on_top`: new tracks are."""

    def __init__(
        self, world: World, project: Project, *, rate: str = "24", name: str = "Edit", tracks: int = 1
    ) -> None:
        self.world, self.project, self.told_rate, self.name = world, project, rate, name
        self.tracks = [Track(f"Video {number + 1}") for number in range(tracks)]
        self.is_shy, self.only_on_top, self.selected = False, False, list[TimelineItem]()
        project.timelines.append(self)
        project.timeline = project.timeline or self

    @property
    def rate(self) -> Fraction:
        return exact(self.told_rate)

    def put(
        self, track: int, media: MediaPoolItem | None, start: int, length: int, *, left: int = 0, speed: float = 1
    ) -> TimelineItem:
        """What an editor does by hand."""
        item = TimelineItem(self.world, media, start, length, left=left, speed=speed)
        item.timeline = self
        self.tracks[track - 1].items.append(item)
        return item

    def GetName(self) -> Any:
        return self.name

    def GetSetting(self, name: str) -> Any:
        told = {
            "timelineFrameRate": self.told_rate,
            "timelineResolutionWidth": "1920",
            "timelineResolutionHeight": "1080",
        }
        return told.get(name, "")

    def GetSelectedClips(self) -> Any:
        return self.selected

    def GetCurrentVideoItem(self) -> Any:
        return next((item for track in self.tracks for item in track.items), None)

    def GetTrackCount(self, kind: str) -> Any:
        return len(self.tracks)

    def AddTrack(self, kind: str, options: dict[str, int] | None = None) -> Any:
        index = len(self.tracks) + 1 if options is None or self.only_on_top else options["index"]
        self.tracks.insert(index - 1, Track(f"Video {len(self.tracks) + 1}"))
        return True

    def GetTrackName(self, kind: str, number: int) -> Any:
        return self.tracks[number - 1].name

    def SetTrackName(self, kind: str, number: int, name: str) -> Any:
        self.tracks[number - 1].name = name
        return True

    def SetTrackEnable(self, kind: str, number: int, is_on: bool) -> Any:
        self.tracks[number - 1].is_on = is_on
        return True

    def GetItemListInTrack(self, kind: str, number: int) -> Any:
        return list(self.tracks[number - 1].items)

    def DeleteClips(self, items: list[TimelineItem], ripple: bool) -> Any:
        if self.world.page != "edit":
            return False
        for track in self.tracks:
            track.items = [item for item in track.items if item not in items]
        return True

    def DuplicateTimeline(self, name: str) -> Any:
        """The copy is opened."""
        copy = Timeline(self.world, self.project, rate=self.told_rate, name=name, tracks=len(self.tracks))
        for number, track in enumerate(self.tracks):
            for item in track.items:
                copy.put(number + 1, item.media, item.start, item.length, left=item.left, speed=item.speed)
        self.project.timeline = copy
        return copy

    def shown(self, frame: int) -> av.VideoFrame:
        """What is seen at a frame."""
        for track in reversed([track for track in self.tracks if track.is_on]):
            for item in track.items:
                if item.start <= frame < item.start + item.length:
                    if not (item.media and item.media.pictures):
                        return flat("yuv422p10le", (512, 512, 512), width=64, height=48)
                    return item.media.pictures[item.left + int((frame - item.start) * item.speed)]
        raise AssertionError(f"nothing is seen at {frame}")


class TimelineItem(Remote):
    """A clip on the timeline, `left` frames of its source in. `speed` other than 1 makes its offset a warped one."""

    def __init__(
        self, world: World, media: MediaPoolItem | None, start: int, length: int, *, left: int = 0, speed: float = 1
    ) -> None:
        self.world, self.media, self.start, self.length, self.left, self.speed = (
            world,
            media,
            start,
            length,
            left,
            speed,
        )
        self.timeline: Timeline
        self.takes, self.selected, self.graded = list[MediaPoolItem](), 0, "plain"
        self.properties: dict[str, Any] = {"ZoomX": 1.0, "Pan": 0.0}

    def GetName(self) -> Any:
        return self.media.name if self.media else "Text+"

    def GetMediaPoolItem(self) -> Any:
        return self.media

    def GetStart(self) -> Any:
        return self.start

    def GetEnd(self) -> Any:
        return self.start + self.length

    def GetDuration(self) -> Any:
        return self.length

    def GetLeftOffset(self) -> Any:
        return round(self.left / self.speed)

    def GetSourceStartFrame(self) -> Any:
        return self.left + self.left % 2  # one too high for some

    def GetSourceStartTime(self) -> Any:
        return self._seconds(0)

    def GetSourceEndTime(self) -> Any:
        return self._seconds(self.length)

    def _seconds(self, frames: int) -> float:
        """Counted from the source's time code, not from its first frame."""
        assert self.media
        return 3600 + self.left / float(self.media.rate) + self.speed * frames / float(self.timeline.rate)

    def GetTrackTypeAndIndex(self) -> Any:
        for number, track in enumerate(self.timeline.tracks):
            if self in track.items:
                return "video", number + 1
        return "audio", 1

    def AddTake(self, clip: MediaPoolItem) -> Any:
        self.takes = [*(self.takes or [self.media]), clip]  # type: ignore[list-item]
        return True

    def GetTakesCount(self) -> Any:
        return len(self.takes)

    def SelectTakeByIndex(self, number: int) -> Any:
        self.selected = number
        return 1 <= number <= len(self.takes)

    def CopyGrades(self, items: list[TimelineItem]) -> Any:
        for item in items:
            item.graded = self.graded
        return True

    def GetProperty(self) -> Any:
        return dict(self.properties)

    def SetProperty(self, name: str, value: Any) -> Any:
        self.properties[name] = value
        return True
