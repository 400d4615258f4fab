"""Time code as text, "hh:mm:ss:ff", counted on by frames (SMPTE ST 12-1).

Numbers run at the whole rate that stands for the true one: 24 for 24000/1001. Where a ";" or "." stands before the
frames, drop-frame counting keeps them near the clock: at 30000/1001 the numbers 00 and 01 are left out at the start of
every minute but each tenth, at 60000/1001 the numbers 00 to 03.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

__all__ = ["advanced", "find_timecode", "is_countable"]

_NTSC = Fraction(30000, 1001)
_PATTERN = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)")


def find_timecode(places: Iterable[Mapping[str, str]], rate: Fraction) -> str | None:
    """The first time code in the metadata of a file and its streams that can be counted at `rate`."""
    for metadata in places:
        for name, value in metadata.items():
            if name.lower() == "timecode" and is_countable(value, rate):
                return value
    return None


def is_countable(text: str, rate: Fraction) -> bool:
    """Whether `text` is one of the numbers that are counted at `rate`."""
    if not _PATTERN.fullmatch(text):
        return False
    hours, minutes, seconds, mark, number = _parts(text)
    if mark != ":" and (
        not _left_out(mark, rate) or (seconds == 0 and minutes % 10 and number < _left_out(mark, rate))
    ):
        return False
    return hours < 24 and minutes < 60 and seconds < 60 and number < round(rate) <= 60


def advanced(timecode: str, frames: int, rate: Fraction) -> str:
    """`timecode` counted on by `frames` at `rate`, past midnight from 00:00:00:00."""
    hours, minutes, seconds, mark, number = _parts(timecode)
    whole, left_out = round(rate), _left_out(mark, rate)
    minutes += 60 * hours
    count = (60 * minutes + seconds) * whole + number - left_out * (minutes - minutes // 10)
    day = 24 * 60 * 60 * whole - left_out * 24 * 54
    count = (count + frames) % day
    if left_out:
        tens, rest = divmod(count, 10 * 60 * whole - 9 * left_out)
        count += 9 * left_out * tens + left_out * max(0, (rest - left_out) // (60 * whole - left_out))
    clock, number = divmod(count, whole)
    return f"{clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02}{mark}{number:02}"


def _parts(text: str) -> tuple[int, int, int, str, int]:
    found = _PATTERN.fullmatch(text)
    assert found is not None
    hours, minutes, seconds, mark, frames = found.groups()
    return int(hours), int(minutes), int(seconds), mark, int(frames)


def _left_out(mark: str, rate: Fraction) -> int:
    """How many numbers each minute lacks."""
    return 0 if mark == ":" or rate % _NTSC else int(2 * rate / _NTSC)
