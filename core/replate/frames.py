"""Frame ranges as compositors write them, `1001-1100`, `1-10x2`, `1,5 9`, `-8--5`, `10-1`, and as farms do.

The grammar is the common part of Nuke's, OpenCue's and fileseq's. Open Job Description writes a step after a colon,
where fileseq means a stagger: `to_openjd` and `parse_openjd` translate, and the prefix `openjd:` says what is meant.
This is our own code, with fileseq as the measure in its tests, because fileseq takes `1,5 9` for 1 and 59, and ranges
of any length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from .errors import UsageError

__all__ = ["MOST_FRAMES", "OPENJD", "count_frames", "format_frames", "parse_frames", "parse_openjd", "to_openjd"]

MOST_FRAMES = 1_000_000
"""More than half a day at 24 frames a second is a slip of the hand, and would fill the memory with numbers."""

OPENJD = "openjd:"
"""What a frame range begins with that is written as in Open Job Description: `openjd:1001-1100:2`."""

_PART = re.compile(r"(-?\d{1,18})(?:-(-?\d{1,18})(?:([x:])(-?\d{1,18}))?)?", re.ASCII)


def parse_frames(text: str) -> tuple[int, ...]:
    """The frame numbers that `text` names, in its order, each once.

    Parts are separated by commas or spaces: `N`, `A-B`, or `A-BxS` for every S-th frame from A towards B.
    A, B and N may be negative; A may be greater than B. What follows `openjd:` is read by `parse_openjd`. Raises
    UsageError for anything else.
    """
    if text.startswith(OPENJD):
        return parse_openjd(text.removeprefix(OPENJD))
    parts = text.replace(",", " ").split()
    if not parts:
        raise UsageError("the frame range is empty; write it as 1001-1100, 1-10x2 or 1,5,9")
    return tuple(dict.fromkeys(chain.from_iterable(_parse_part(part, text) for part in parts)))


def parse_openjd(text: str) -> tuple[int, ...]:
    """The frame numbers of an Open Job Description range expression, in the order in which they are written.

    `N`, `A-B` or `A-B:S`, separated by commas; S is negative where A is greater than B, and ranges may not overlap
    (`<IntRangeExpr>` of the 2023-09 specification). Raises UsageError for anything else.
    """
    ranges = [_parse_openjd_part(part.strip(" \t"), text) for part in text.split(",")]
    spans = sorted(sorted((numbers[0], numbers[-1])) for numbers in ranges)
    for (_, end), (start, _) in pairwise(spans):
        if start <= end:
            raise UsageError(f"the frame range '{text}' has parts that overlap at {start}; part them, as in 1-4,5-9:2")
    return tuple(chain.from_iterable(ranges))


def format_frames(numbers: Iterable[int], *, steps: bool = True) -> str:
    """The shortest usual way to write `numbers` in their order; `parse_frames`, Nuke and fileseq read it back.

    Without `steps`, for who knows none, only frames that follow each other are joined: `1-5,7,9`.
    """
    return ",".join(_format_run(run) for run in _runs(list(numbers), steps=steps))


def to_openjd(numbers: Iterable[int]) -> str:
    """`numbers` as an Open Job Description range expression, in ascending order, because a farm keeps no other.

    Raises UsageError where there are none, for which it has no expression.
    """
    if not (text := format_frames(sorted(set(numbers)))):
        raise UsageError("there are no frames to hand to the farm; name some with --frames")
    return text.replace("x", ":")


def count_frames(count: int) -> str:
    """`1 frame`, `2 frames`."""
    return f"{count} frame" if count == 1 else f"{count} frames"


def _parse_part(part: str, text: str) -> range:
    first, last, mark, step = _match(part, text, "1-10x2")
    if mark == ":":
        raise UsageError(
            f"the colon of '{part}' in the frame range '{text}' is a step to Open Job Description but a stagger to "
            f"fileseq; write {first}-{last}x{abs(step)} for steps, or put {OPENJD} before what a farm passes"
        )
    return _range(first, last, -step if step > 0 and first > last else step, part, text)


def _parse_openjd_part(part: str, text: str) -> range:
    first, last, mark, step = _match(part, text, "1-10:2")
    if mark == "x":
        raise UsageError(f"'{part}' in the frame range '{text}' is not Open Job Description, which steps by a colon")
    return _range(first, last, step, part, text)


def _match(part: str, text: str, example: str) -> tuple[int, int, str, int]:
    """First, last, the mark before the step, and the step."""
    match = _PART.fullmatch(part)
    if match is None:
        raise UsageError(f"'{part}' in the frame range '{text}' is no frame or range; write 1001-1100 or {example}")
    first = int(match[1])
    return first, first if match[2] is None else int(match[2]), match[3] or "", int(match[4] or 1)


def _range(first: int, last: int, step: int, part: str, text: str) -> range:
    if step == 0 or (last - first) * step < 0:
        raise UsageError(f"'{part}' in the frame range '{text}' steps by {step}, which does not lead to {last}")
    if abs(last - first) // abs(step) >= MOST_FRAMES:
        raise UsageError(f"'{part}' in the frame range '{text}' names more than {MOST_FRAMES} frames")
    return range(first, last + (1 if step > 0 else -1), step)


def _runs(numbers: list[int], *, steps: bool) -> Iterator[list[int]]:
    """Cut into pieces of constant step, each as long as it can be; of step 1 where there are to be no `steps`."""
    start = 0
    while start < len(numbers):
        end = start + 1
        step = numbers[end] - numbers[start] if steps and end < len(numbers) else 1
        while end < len(numbers) and numbers[end] - numbers[end - 1] == step:
            end += 1
        # Two frames far apart are no range: the second may begin a better one.
        end = start + 1 if end - start == 2 and abs(step) != 1 else end
        yield numbers[start:end]
        start = end


def _format_run(run: list[int]) -> str:
    if len(run) == 1:
        return str(run[0])
    step = abs(run[1] - run[0])
    return f"{run[0]}-{run[-1]}" + (f"x{step}" if step > 1 else "")
