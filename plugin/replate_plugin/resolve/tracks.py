"""The track that a result goes to: right above its clip and earlier results, so that it hides nothing else."""

from __future__ import annotations

from typing import Any

from ..errors import ServiceError
from .calls import must, track_count
from .clips import Shot, track_of

__all__ = ["NAME", "track_above"]

NAME = "Replate"


def track_above(timeline: Any, shot: Shot) -> tuple[int, list[str]]:
    """A track of ours that is free where the clip is, or a new one, and what to know of it; nothing but results lies
    between. Raises ServiceError where none can be added.
    """
    below, count = track_of(shot.item) or shot.track, track_count(timeline)
    for index in range(below + 1, count + 1):
        is_free, is_ours = _is_free(timeline, index, shot), timeline.GetTrackName("video", index) == NAME
        if is_free and is_ours:
            return index, []
        if is_ours:
            below = index
        elif not is_free:
            return _inserted(timeline, below + 1, count)
    return _added(timeline, count), []


def _inserted(timeline: Any, index: int, count: int) -> tuple[int, list[str]]:
    """A new track between others; where this Resolve cannot do that, one at the top, which is said."""
    if timeline.AddTrack("video", {"index": index}) and track_count(timeline) == count + 1:
        if not timeline.GetItemListInTrack("video", index):
            timeline.SetTrackName("video", index, NAME)
            return index, []
        timeline.SetTrackName("video", count + 1, NAME)  # it came at the top all the same
        made = count + 1
    else:
        made = _added(timeline, count)
    return made, ["the result lies at the top, over clips that lay above its own; move it down"]


def _added(timeline: Any, count: int) -> int:
    """A new track at the top."""
    must(timeline.AddTrack("video"), "no video track can be added; is the timeline locked?")
    if track_count(timeline) != count + 1:
        raise ServiceError("no video track was added; the result is in the bin, put it there by hand")
    timeline.SetTrackName("video", count + 1, NAME)
    return count + 1


def _is_free(timeline: Any, index: int, shot: Shot) -> bool:
    items = timeline.GetItemListInTrack("video", index) or []
    return all(item.GetEnd() <= shot.start or item.GetStart() >= shot.start + shot.duration for item in items)
