"""What pictures a movie holds, when they are shown, and how they fall on a constant frame rate."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median

import av
import numpy as np
import numpy.typing as npt

from ..frames import MOST_FRAMES

__all__ = ["Grid", "Index", "conform", "scan"]

# Rates that movies are shot and shown at; ticks of a millisecond cannot tell 24000/1001 from 2997/125.
_RATES = tuple(Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120)) + tuple(
    map(Fraction, (12, 15, 24, 25, 30, 48, 50, 60, 72, 90, 96, 100, 120, 144, 240))
)
_USUAL_RATE = Fraction(24)
_DURATION = re.compile(r"(\d+):(\d+):(\d+\.\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The pictures of a video stream in ticks of its time base.

    `times` is when each is shown, in that order; `keys` are the times of those that decoding can begin with, `end` is
    when the last one ends. `missing` is how many more the file promises, being cut off.
    """

    times: list[int]
    keys: list[int]
    end: int
    missing: int = 0


def scan(container: av.container.InputContainer, stream: av.VideoStream) -> Index:
    """The index of `stream`: from the container's own table where that is enough, else from every packet.

    It is enough where every picture is a key (ProRes, DNxHR), because then the order of decoding is that of showing;
    those are the movies that are too large to be read twice. No container's word is taken for a number of frames.
    """
    return _from_table(container, stream) or _from_packets(container, stream)


def _from_table(container: av.container.InputContainer, stream: av.VideoStream) -> Index | None:
    entries = list(stream.index_entries)
    if not entries or len(entries) != _promised(container, stream) or not all(entry.is_keyframe for entry in entries):
        return None
    shown = [entry for entry in entries if entry.size and not entry.is_discard]
    steps = [later.timestamp - earlier.timestamp for earlier, later in pairwise(shown)]
    if not shown or any(step <= 0 for step in steps):
        return None
    # Tables hold the time of decoding.
    first = next(container.demux(stream))
    shift = first.pts - entries[0].timestamp if first.pts is not None else 0
    times = [entry.timestamp + shift for entry in shown if entry.pos + entry.size <= container.size]
    end = times[-1] + round(median(steps)) if steps and times else 0
    return Index(times=times, keys=times, end=end, missing=len(shown) - len(times))


def _from_packets(container: av.container.InputContainer, stream: av.VideoStream) -> Index:
    promised, last = _promised(container, stream), -1
    seen: list[tuple[int, bool, bool, int]] = []
    with contextlib.suppress(av.FFmpegError):
        for packet in container.demux(stream):
            time = packet.pts if packet.pts is not None else packet.dts
            if packet.size and time is not None:
                seen.append((time, packet.is_keyframe, packet.is_discard, packet.duration or 0))
                last = packet.dts if packet.dts is not None else last
    keys = sorted({time for time, key, _, _ in seen if key})
    # Pictures before the first key lack what they were made from; those outside of an edit are not shown.
    shown = {time: length for time, _, outside, length in seen if keys and time >= keys[0] and not outside}
    times = sorted(shown)
    end = times[-1] + shown[times[-1]] if times else 0
    # AVI's clock counts frames, and those that only hold the picture before have no packet.
    found = last + 1 if container.format.name == "avi" else len(seen)
    missing = max(0, promised - found) or _lost(stream, times, end)
    return Index(times=times, keys=keys, end=end, missing=missing)


def _promised(container: av.container.InputContainer, stream: av.VideoStream) -> int:
    """How many packets the file says to hold, 0 where it does not say; QuickTime counts those outside of edits, too."""
    if "mov" not in container.format.name.split(","):
        return int(stream.frames)
    return min(int(stream.frames), len(stream.index_entries))


def _lost(stream: av.VideoStream, times: list[int], end: int) -> int:
    """How many pictures lie between the last one and the end that Matroska notes ahead of them."""
    noted = _DURATION.fullmatch(stream.metadata.get("DURATION", ""))
    if noted is None or len(times) < 2:
        return 0
    hours, minutes, seconds = map(Fraction, noted.groups())
    step = Fraction(times[-1] - times[0], len(times) - 1)
    noted_end = (3600 * hours + 60 * minutes + seconds) / stream.time_base
    return max(0, round(Fraction(noted_end - end) / step))


@dataclass(frozen=True, slots=True)
class Grid:
    """A constant frame rate, and for each of its frames the place of the picture that is shown then."""

    rate: Fraction
    places: Sequence[int]


def conform(index: Index, tick: Fraction, stated: Iterable[Fraction | None]) -> Grid:
    """The rate at which every picture of `index` has a frame of its own; else the nearest usual rate, by the clock.

    `tick` is the length of a tick in seconds, `stated` what the file says of its rate. By the clock, each frame shows
    the picture that is on screen in the middle of it, so that sound stays with the picture.
    """
    told = [rate for rate in stated if rate]
    if len(index.times) < 2:
        return Grid(next(iter(told), _USUAL_RATE), range(len(index.times)))
    measured = 1 / (tick * Fraction(median(later - earlier for earlier, later in pairwise(index.times))))
    blur = float(tick * measured)
    rate = min(_candidates(told, measured), key=lambda rate: max(_drift(index, tick, rate), blur))
    if _drift(index, tick, rate) < 0.5:
        return Grid(rate, range(len(index.times)))
    rate = min(_RATES, key=lambda rate: abs(rate - measured))
    begins, end = _positions(index, tick, rate), (index.end - index.times[0]) * tick * rate
    # A clock that lies promises more; `MovieSource` then refuses the file.
    count = min(max(round(end), int(begins[-1]) + 1), MOST_FRAMES + 1)
    places = np.searchsorted(begins, np.arange(count) + 0.5) - 1
    return Grid(rate, places.tolist())


def _candidates(told: Sequence[Fraction], measured: Fraction) -> list[Fraction]:
    """Rates to try; where the ticks cannot tell two apart, the earlier one counts."""
    near = sorted(_RATES, key=lambda rate: abs(rate - measured))[:5]
    return [*(rate for rate in told if rate in _RATES), *near, *told]


def _positions(index: Index, tick: Fraction, rate: Fraction) -> npt.NDArray[np.float64]:
    """When each picture is shown, in frames since the first."""
    return (np.array(index.times, np.float64) - index.times[0]) * float(tick * rate)


def _drift(index: Index, tick: Fraction, rate: Fraction) -> float:
    """How far, in frames, pictures stray from one a frame."""
    stray = _positions(index, tick, rate) - np.arange(len(index.times))
    return float(np.ptp(stray) / 2)
