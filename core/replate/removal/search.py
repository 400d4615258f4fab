"""The search for the true background: what other frames show of a hole, weighed against each other.

Three ways lead from a hole to another frame: dense motion continued from around it, the motion that the other frame's
pixels have themselves, and the motion of one plane. Which is right is not known beforehand, but what is wrong rarely
agrees with itself: each way's witnesses are heard, and each way counts the more the better they agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import cv2
import numpy as np

from .evidence import PATCH, RING, Region, Verdict, Way, Witness, testimony, verdict, witness
from .tracks import recognised
from .views import Array, View
from .ways import Ways

__all__ = ["Found", "judged", "search", "thinned"]

EVERY = 6  # of the nearest frames every one is asked, of those twice as far every second, and so on
SMOOTH = 2.5  # pixels over which the ways' agreement is compared
AGREED = 0.0036  # spread in ACEScct below which no way is better than the other
CLEAN = 1e4  # times as much as any frame counts what was painted by hand
LONE = 0.02  # error in ACEScct that is reckoned with where one witness speaks alone, and so agrees with itself
FAINT = 0.01  # share of a pixel's weight below which a witness is not asked: it would be fetched for nothing
RIM = 4  # pixels around the hole that are found, too, for what is done at its border


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found of a hole: witnesses with their final weights, over `region` of the canvas.

    `spread` h x w x 1 is how far they are apart in ACEScct.
    """

    region: Region
    witnesses: tuple[Witness, ...]
    spread: Array


def thinned(offsets: Sequence[int], *, step: int = 1) -> tuple[int, ...]:
    """Those of a window's offsets that are asked: all near by, fewer farther away, where they show much the same."""
    kept = [each for each in offsets if each and abs(each) // step % (2 ** _octave(abs(each) // step)) == 0]
    return tuple(sorted(kept, key=lambda each: (abs(each), each)))


def search(
    views: Mapping[int, View],
    *,
    ways: Ways,
    key: object,
    clean: Mapping[int, View] | None = None,
    motion: str = "auto",
    step: int = 1,
) -> Found | None:
    """Look for the hole of the view at offset 0 in the others; None where there is none, or nowhere to look.

    `clean` are views, by offset, in which nothing is hidden: what they show is taken, whatever the others say. The rest
    is handed to `Ways.each`.
    """
    hole = views[0].hole
    if not hole.any():
        return None
    region, asked = _region(hole), thinned(tuple(views), step=step)
    heard = [
        [
            witness(views[0], views[offset], way[offset], offset=offset, hole=hole, region=region)
            for offset in asked
            if offset in way
        ]
        for way in ways.each(views, region, asked=asked, motion=motion, step=step, key=key)
    ]
    found = judged(views, [told for told in heard if told], region)
    return _painted(found, views[0], clean, hole, region) if clean else found


def _painted(found: Found | None, here: View, clean: Mapping[int, View], hole: Array, region: Region) -> Found | None:
    """What was found, with what clean plates show in front: the frame's own, or else the nearest before and after."""
    told = [
        replace(each, weight=CLEAN * (each.weight > 0) * (0.1 + each.weight), clean=True)
        for offset in _nearest(clean)
        if (each := _shown(here, clean[offset], offset, hole, region)) is not None
    ]
    if not told:
        return found
    covered = np.sum([each.weight for each in told], axis=0) > 0
    spread = np.where(covered, np.float32(0), found.spread if found else np.float32(0))
    return Found(region=region, witnesses=(*told, *(found.witnesses if found else ())), spread=spread)


def _shown(here: View, there: View, offset: int, hole: Array, region: Region) -> Witness | None:
    """What a clean plate shows of the hole."""
    if offset == 0:
        at_rest = Way(motion=np.zeros((*hole.shape, 2), np.float32))
        return replace(witness(here, there, at_rest, offset=0, hole=hole, region=region), drift=_none(region))
    track = recognised(here, there)
    if track is None:
        return None
    return witness(here, there, Way(motion=track.motion), offset=offset, hole=hole, region=region)


def _none(region: Region) -> Array:
    """No drift: light was painted as it is to be."""
    rows, columns = region
    return np.zeros((rows.stop - rows.start, columns.stop - columns.start, 3), np.float32)


def _nearest(offsets: Collection[int]) -> list[int]:
    if 0 in offsets:
        return [0]
    before, after = [each for each in offsets if each < 0], [each for each in offsets if each > 0]
    return [*([max(before)] if before else ()), *([min(after)] if after else ())]


def judged(views: Mapping[int, View], heard: Sequence[Sequence[Witness]], region: Region) -> Found | None:
    """All ways' witnesses together, each believed as far as its own way agrees with itself."""
    if not heard:
        return None
    verdicts = [
        verdict([testimony(views[each.offset], each) for each in told], [each.weight for each in told], over=PATCH)
        for told in heard
    ]
    shares = np.stack([_share(each) for each in verdicts])
    total = np.maximum(shares.sum(axis=0), 1e-9)
    weights = [trusted * share / total for way, share in zip(verdicts, shares, strict=True) for trusted in way.trusted]
    believed = [
        replace(each, weight=np.where(part < FAINT, np.float32(0), part))
        for each, part in zip(chain.from_iterable(heard), _parts(weights), strict=True)
    ]
    spread = sum(share / total * way.spread for share, way in zip(shares, verdicts, strict=True))
    return Found(region=region, witnesses=tuple(believed), spread=np.asarray(spread))


def _parts(weights: Sequence[Array]) -> Iterator[Array]:
    """Weights made to add up to 1, where there are any."""
    total = np.sum(weights, axis=0)
    divisor = np.where(total > 0, total, np.float32(1))
    return (each / divisor for each in weights)


def _share(way: Verdict) -> Array:
    """How far a way is to be believed, relative to the others: h x w x 1, 0 where it shows nothing.

    The error of a way is how far its witnesses are apart, and the less is known of that the fewer they are: its square
    is added to that of `LONE` over their number, as their weights tell it (Kish, "Survey Sampling", 1965).
    """
    total = np.sum(way.trusted, axis=0)
    few = np.sum(np.square(way.trusted), axis=0) / np.maximum(total, 1e-9) ** 2
    apart, alone = (cv2.GaussianBlur(each, (0, 0), SMOOTH)[..., None] for each in (way.spread, few))
    share: Array = (total > 0) / (apart**2 + np.float32(LONE**2) * alone + np.float32(AGREED**2))
    return share


def _region(hole: Array) -> Region:
    """The rectangle of the hole and of the ring in which light is compared."""
    rows, columns = (np.nonzero(hole.any(axis=axis))[0] for axis in (1, 0))
    spans = zip((rows, columns), hole.shape, strict=True)
    top, left = (slice(max(0, at[0] - RING - RIM), min(side, at[-1] + RING + RIM + 1)) for at, side in spans)
    return top, left


def _octave(distance: int) -> int:
    return max(0, (distance - 1) // EVERY).bit_length()
