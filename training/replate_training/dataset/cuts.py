"""Where one shot ends and the next begins, told from the proxies of consecutive frames.

Four things end a shot:

- a **cut**: the picture changes by more than motion explains. What motion explains is the median change of the frames
  around. A flash, or one damaged frame, is no cut: behind it, the picture is as it was before.
- **blank** frames: black, white, one colour. They belong to no shot, nor do the frames that fade into them.
- a **dissolve**: halfway through it the picture is the mean of what is before and behind, which no motion makes.
- **another size**, where pictures lie in files of their own.

PySceneDetect finds cuts as well (benchmarks/dataset.py compares), but requires the OpenCV with windows, which is
installed over the one without that everything else here needs; and it sees no dissolves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from replate.color import convert, default_space

from .proxy import SPACE, Array, distance, signature

__all__ = ["shots"]

_CHANGE = 0.04  # less than any two of a dozen unrelated shots differ, in ACEScct
_TIMES_MOTION = 3.0
_AROUND = 3
_UNLIKE = 0.75  # correlation; a lamp that is switched on leaves more
_TORN = 0.4  # the same for pictures that can have nothing to do with each other
_FLASH = 5  # frames, in which things do not move as far as that
_BLANK = 0.012  # contrast; a fifth of a stop
_FADING = 0.004  # a frame: a fade of two seconds takes more from a picture of usual brightness
_REACHES = (4, 7, 11)  # half lengths at which dissolves are looked for, in frames
_MIXED = 0.5  # distance from the mean of both ends, of half their difference; motion is at 1


def shots(proxies: Array, sizes: Sequence[tuple[int, int]] = ()) -> list[list[int]]:
    """The shots in N x 32 x 32 x 3, as positions in order; what is in none of them belongs to no shot.

    `sizes` are those of the pictures, where they may differ.
    """
    looks = signature(proxies)
    if len(looks) > 1 and np.median((looks[1:] * looks[:-1]).sum(-1)) < _TORN:
        return [[index] for index in range(len(proxies))]  # numbered photographs, and no shot
    out = _blanks(proxies) | _dissolves(proxies, looks)
    borders = _cuts(proxies, looks) | {index for index, (a, b) in enumerate(pairwise(sizes), 1) if a != b}
    left = [index for index in range(len(proxies)) if index not in out]
    found = [[index] for index in left[:1]]
    for before, index in pairwise(left):
        cut = any(border in borders for border in range(before + 1, index + 1))
        alike = looks[before] @ looks[index]
        if cut or (index - before > 1 and alike < (_TORN if index - before <= _FLASH else _UNLIKE)):
            found.append([])
        found[-1].append(index)
    return found


def _cuts(proxies: Array, looks: Array) -> set[int]:
    """Positions at which another shot begins without a transition."""
    change = distance(proxies[1:], proxies[:-1])
    found = (index + 1 for index in np.flatnonzero(change > _CHANGE).tolist())
    return {index for index in found if _is_cut(proxies, looks, change, index)}


def _is_cut(proxies: Array, looks: Array, change: Array, index: int) -> bool:
    before, after = max(index - 2, 0), min(index + 1, len(proxies) - 1)
    across = [(index - 1, index), (before, index), (index - 1, after), (before, after)]
    jump = min(float(distance(proxies[a], proxies[b])) for a, b in across)
    around = [change[at - 1] for at in range(index - _AROUND, index + _AROUND + 1) if 0 < at <= len(change)]
    motion = float(np.median(around)) if len(around) > _AROUND else 0.0
    alike = max(float(looks[a] @ looks[b]) for a, b in across)
    return alike < _TORN or (jump > max(_CHANGE, _TIMES_MOTION * motion) and alike < _UNLIKE)


def _blanks(proxies: Array) -> set[int]:
    """Positions of frames without a picture, and of those on the way there."""
    contrast, light = proxies.mean(-1).std((1, 2)), proxies.mean((1, 2, 3))
    blank = np.flatnonzero(contrast < _BLANK).tolist()
    ways = ((range(index, end, step), light[index]) for index in blank for step, end in ((1, len(light)), (-1, -1)))
    return set(blank).union(*(_fade(light, way, start) for way, start in ways))


def _fade(light: Array, way: Iterable[int], start: float) -> Iterator[int]:
    """Frames away from a blank one, as long as each goes on getting less like it."""
    for before, index in pairwise(way):
        if abs(light[index] - start) < abs(light[before] - start) + _FADING:
            return
        yield index


def _dissolves(proxies: Array, looks: Array) -> set[int]:
    """Positions of frames that mix two shots. Mixing is done on what is seen, hence in code values of the screen."""
    found = set[int]()
    shown = convert(proxies.reshape(len(proxies), -1, 3), SPACE, default_space("picture")).reshape(proxies.shape)
    for reach in _REACHES:
        middle = np.arange(reach, len(proxies) - reach)
        before, after = shown[middle - reach], shown[middle + reach]
        ends = distance(proxies[middle - reach], proxies[middle + reach])
        mixed = distance(shown[middle], (before + after) / 2) < _MIXED * distance(before, after) / 2
        unlike = (looks[middle - reach] * looks[middle + reach]).sum(-1) < _UNLIKE
        for index in middle[mixed & unlike & (ends > _CHANGE)]:
            found |= set(range(index - 2 * reach // 3, index + 2 * reach // 3 + 1))
    return found
