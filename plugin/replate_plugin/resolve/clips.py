"""What a clip on the timeline shows: which frames of which file, and where on the timeline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..errors import ServiceError
from .calls import must, offers
from .rates import frames_for, rate

__all__ = ["Shot", "chosen", "shot", "track_of"]

_SEQUENCE = re.compile(r"(?P<head>.*?)\[(?P<first>\d+)-(?P<last>\d+)\](?P<tail>\.\w+)", re.DOTALL)
_SLACK = 1.5  # frames by which Resolve's accounts of one clip may differ without a change of speed


@dataclass(frozen=True)
class Shot:
    """A clip that is to be worked on.

    `start` and `duration` are frames of the timeline, `start` counts as the timeline's time code does. `frames` are
    those of the file, as Replate counts them; `used` of them are shown, one more may be there to spare. `why` says why
    Resolve has to render the clip first; there is no file then, or none that shows what the clip shows.
    """

    item: Any
    name: str
    track: int
    start: int
    duration: int
    rate: Fraction
    path: str = ""
    frames: range = range(0)
    used: int = 0
    why: str = ""
    is_still: bool = False
    is_graded: bool = False


def chosen(timeline: Any) -> list[Any]:
    """The selected clips of video, where this Resolve tells them, else the one under the playhead."""
    selected = (timeline.GetSelectedClips() or []) if offers(timeline, "GetSelectedClips") else []
    items = [item for item in selected if item and track_of(item) is not None]
    current = timeline.GetCurrentVideoItem() if not items else None
    return items or [must(current, "no clip is selected, and none is under the playhead; select one and start again")]


def shot(item: Any, timeline: Any) -> Shot:
    """What this clip shows. Raises ServiceError where its file is missing, or it lies on no video track."""
    name = str(item.GetName() or "the clip")
    rhythm = rate(timeline.GetSetting("timelineFrameRate"), of="the timeline")
    track = must(track_of(item), f"{name} is on no video track; select a clip that is")
    start, duration = (
        must(value, f"Resolve does not say where {name} is") for value in (item.GetStart(), item.GetDuration())
    )
    place = {"item": item, "name": name, "track": track, "start": int(start), "duration": int(duration)}
    source = item.GetMediaPoolItem()
    path = str(source.GetClipProperty("File Path") or "") if source else ""
    if not path:
        return Shot(**place, rate=rhythm, why=f"{name} is no footage from a file")
    return _from_file(place, path, source, rhythm)


def _from_file(place: dict[str, Any], path: str, source: Any, rhythm: Fraction) -> Shot:
    name, item, duration = place["name"], place["item"], place["duration"]
    pattern, first = _named(path, name)
    own = rate(source.GetClipProperty("FPS"), of=name)
    used = frames_for(duration, timeline=rhythm, source=own)
    there = int(float(source.GetClipProperty("Frames") or 0))
    if there == 1:
        return Shot(**place, rate=own, path=pattern, frames=range(first, first + 1), used=duration, is_still=True)
    left = int(must(item.GetLeftOffset(), f"Resolve does not say which part of its file {name} shows"))
    if _is_retimed(item, left, float(duration * own / rhythm), own):
        return Shot(**place, rate=rhythm, why=f"{name} changes the speed of its file")
    spare = 1 if own != rhythm and left + used < there else 0
    frames = range(first + left, first + left + used + spare)
    return Shot(**place, rate=own, path=pattern, frames=frames, used=used)


def _named(path: str, name: str) -> tuple[str, int]:
    """A file's path as Replate writes it, and the number of its first frame; movies count from 1."""
    found = _SEQUENCE.fullmatch(path)
    if found is None:
        if not Path(path).is_file():
            raise ServiceError(
                f"the file of {name} is missing: {path}; relink it in the media pool", exit_code=3, path=path
            )
        return path, 1
    return f"{found['head']}%0{len(found['first'])}d{found['tail']}", int(found["first"])


def _is_retimed(item: Any, left: int, shown: float, own: Fraction) -> bool:
    """Whether speed was changed, or cannot be told: the offset then is not in frames of the file, or other frames than
    `shown` are."""
    begin = item.GetSourceStartFrame()
    if begin is None or begin is False or abs(left - int(begin)) > _SLACK:
        return True
    if not offers(item, "GetSourceEndTime"):  # before Resolve 19
        return False
    ends = item.GetSourceStartTime(), item.GetSourceEndTime()
    if any(value is None or value is False for value in ends):
        return True
    return bool(abs(float(own) * (ends[1] - ends[0]) - shown) > _SLACK)


def track_of(item: Any) -> int | None:
    """The video track that an item lies on now, None where it lies on none; tracks are added beneath others."""
    kind, index = item.GetTrackTypeAndIndex() or ("", 0)
    return int(index) if kind == "video" else None
