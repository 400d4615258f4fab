"""Frame ranges as compositors write them: `1001-1100`, `1-10x2`, `1,5 9`, `-8--5`, `10-1`.

The grammar is the common part of Nuke's and fileseq's; Open Job Description's `A-B:S` is written by `farm.py` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .errors import UsageError

__all__ = ["count_frames", "format_frames", "parse_frames"]

# More than half a day at 24 frames a second is a slip of the hand, and would fill the memory with numbers.
_LIMIT = 1_000_000
_PART = re.compile(r"(-?\d+)(?:-(-?\d+)(?:x(\d+))?)?", re.ASCII)


def parse_frames(text: str) -> tuple[int, ...]:
    """The frame numbers that `text` names, in its order, each once.

    Parts are separated by commas or spaces: `N`, `A-B`, or `A-BxS` for every S-th frame from A towards B.
    A, B and N may be negative; A may be greater than B. Raises UsageError for anything else.
    """
    parts = text.replace(",", " ").split()
    if not parts:
        raise UsageError("the frame range is empty; write it as 1001-1100, 1-10x2 or 1,5,9")
    numbers = dict.fromkeys(number for part in parts for number in _parse_part(part, text))
    return tuple(numbers)


def _parse_part(part: str, text: str) -> range:
    match = _PART.fullmatch(part)
    if match is None:
        raise UsageError(f"'{part}' in the frame range '{text}' is not a frame or a range; write 1001-1100 or 1-10x2")
    first, step = int(match[1]), int(match[3] or 1)
    last = first if match[2] is None else int(match[2])
    if step == 0:
        raise UsageError(f"'{part}' in the frame range '{text}' steps by 0; the number after x is 1 or more")
    if abs(last - first) // step >= _LIMIT:
        raise UsageError(f"'{part}' in the frame range '{text}' names more than {_LIMIT} frames")
    return range(first, last + 1, step) if first <= last else range(first, last - 1, -step)


def format_frames(numbers: Iterable[int]) -> str:
    """The shortest usual way to write `numbers` in their order; `parse_frames` reads it back."""
    return ",".join(_format_run(run) for run in _runs(list(numbers)))


def count_frames(count: int) -> str:
    """`1 frame`, `2 frames`."""
    return f"{count} frame" if count == 1 else f"{count} frames"


def _runs(numbers: list[int]) -> Iterator[list[int]]:
    """Cut into pieces of constant step, each as long as it can be."""
    start = 0
    while start < len(numbers):
        end = start + 1
        step = numbers[end] - numbers[start] if end < len(numbers) else 0
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
