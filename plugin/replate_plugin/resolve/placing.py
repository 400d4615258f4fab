"""A result brought into the project: imported into a bin, put on a track above its clip, or made a take of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ..errors import ServiceError
from .calls import media_pool, must
from .clips import Shot
from .rates import rate
from .rendering import Files
from .tracks import track_above

__all__ = ["BIN", "as_take", "imported", "on_track"]

BIN = "Replate"
_HAIR = Fraction(1, 100)  # of a frame, so that rounding down does no harm


def imported(project: Any, files: Files, shot: Shot) -> tuple[Any, list[str]]:
    """The result as a clip in the bin, and what could not be done to it. Raises ServiceError."""
    pool = media_pool(project)
    before = pool.GetCurrentFolder()
    must(pool.SetCurrentFolder(_bin(pool)), f"the bin {BIN} cannot be opened")
    first, last = files.frames[0], files.frames[-1]
    wanted: Any = {"FilePath": files.path, "StartIndex": first, "EndIndex": last} if files.is_sequence else files.path
    found = pool.ImportMedia([wanted])
    if before is not None:
        pool.SetCurrentFolder(before)
    clip = must(found, f"Resolve does not import {files.path}; it is rendered, so import it by hand")[0]
    clip = must(clip, f"Resolve does not import {files.path}; it is rendered, so import it by hand")
    return clip, list(_described(clip, files, shot))


def _bin(pool: Any) -> Any:
    root = must(pool.GetRootFolder(), "the media pool has no root folder")
    for folder in root.GetSubFolderList() or []:
        if folder.GetName() == BIN:
            return folder
    return must(pool.AddSubFolder(root, BIN), f"the bin {BIN} cannot be made; is the project locked by somebody?")


def _described(clip: Any, files: Files, shot: Shot) -> Iterator[str]:
    """Make the result be read as its clip is; what cannot be done."""
    wanted = {} if shot.is_still else {"FPS": f"{float(shot.rate):.3f}".rstrip("0").rstrip(".")}
    source = None if shot.is_graded else shot.item.GetMediaPoolItem()
    space = source.GetClipProperty("Input Color Space") if source else None
    wanted |= {"Input Color Space": space} if space else {}
    for name, value in wanted.items():
        if _told(clip.GetClipProperty(name)) != _told(value) and not clip.SetClipProperty(name, value):
            yield f"{name} of the result cannot be set to {value}; set it under Clip Attributes"
    if not clip.SetThirdPartyMetadata({"Replate": json.dumps(files.job)}):
        yield "the result could not be tagged with its settings; they are in the file beside it"


def _told(value: Any) -> Any:
    """A property for comparing: rates come as numbers and as text, "24" and 24.0."""
    try:
        return round(float(value), 2)
    except (TypeError, ValueError):
        return value


def on_track(resolve: Any, project: Any, timeline: Any, shot: Shot, clip: Any) -> list[str]:
    """Put the result above its clip, at the same frame and as long, graded as it is; what could not be done.

    Whatever Resolve says, what counts is what then lies on the track. Raises ServiceError where nothing does.
    """
    track, notes = track_above(timeline, shot)
    pool, placed = media_pool(project), None
    for count in _counts(shot, rate(timeline.GetSetting("timelineFrameRate"), of="the timeline")):
        if placed is not None and not _deleted(resolve, timeline, placed):
            break
        placed = _append(pool, timeline, clip, shot, track, count)
        if int(placed.GetDuration()) == shot.duration:
            break
    return [*notes, *_finished(placed, shot)]


def _counts(shot: Shot, rhythm: Fraction) -> list[float]:
    """Numbers of frames to try until the result is as long as its clip: Resolve rounds other rates, mostly down."""
    if shot.is_still or shot.rate == rhythm:
        return [shot.used]
    exact = float((shot.duration + _HAIR) * shot.rate / rhythm)
    return [shot.used, *([shot.used + 1] if len(shot.frames) > shot.used else []), exact]


def _append(pool: Any, timeline: Any, clip: Any, shot: Shot, track: int, count: float) -> Any:
    """The item that lies there afterwards. `endFrame` is not among the frames."""
    wanted = {"mediaPoolItem": clip, "startFrame": 0, "endFrame": count, "mediaType": 1}
    pool.AppendToTimeline([{**wanted, "trackIndex": track, "recordFrame": shot.start}])
    for item in timeline.GetItemListInTrack("video", track) or []:
        source = item.GetMediaPoolItem()
        if source and source.GetUniqueId() == clip.GetUniqueId() and int(item.GetStart()) == shot.start:
            return item
    raise ServiceError(
        f"Resolve did not put the result above {shot.name}; it is in the bin {BIN}, put it there by hand"
    )


def _deleted(resolve: Any, timeline: Any, item: Any) -> bool:
    """Take away what was just put there; Resolve does that on the Edit page only."""
    resolve.OpenPage("edit")
    return bool(timeline.DeleteClips([item], False))


def _finished(placed: Any, shot: Shot) -> Iterator[str]:
    if int(placed.GetDuration()) != shot.duration:
        yield f"the result is {placed.GetDuration()} frames long, {shot.name} is {shot.duration}; trim it"
    if shot.is_graded:
        return
    if not shot.item.CopyGrades([placed]):
        yield f"the grade of {shot.name} could not be copied to the result"
    now = placed.GetProperty() or {}
    for name, value in (shot.item.GetProperty() or {}).items():
        if now.get(name) != value and not placed.SetProperty(name, value):
            yield f"{name} of {shot.name} could not be copied to the result"


def as_take(shot: Shot, clip: Any) -> list[str]:
    """Make the result a take of the clip and select it; old take and grade stay. Raises ServiceError."""
    if not shot.item.AddTake(clip):
        raise ServiceError(f"{shot.name} takes no further take; the result is in the bin {BIN}")
    number = shot.item.GetTakesCount()
    if not (number and shot.item.SelectTakeByIndex(number)):
        return [f"the result is a take of {shot.name}, but could not be selected; choose it in the take selector"]
    return []
