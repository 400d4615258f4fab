"""Where the background of one frame lies in another, behind what is hidden, too.

Dense motion is measured between neighbouring frames, continued into the holes from around them, chained to frames
farther off and measured there once more, from the chain on. Everything is a function of the frames' own pixels; what is
remembered is remembered for speed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from ..picture.motion import fetched, grid, returns
from .planes import continued, homography, planar, plane_of
from .pyramid import finite
from .veils import both_ways, covered, dense
from .views import Array, View, level

__all__ = ["Track", "Tracks", "measured_from", "recognised"]

ALIKE = 0.022  # largest mean difference in ACEScct of two pixels taken for the same: a few codes of an 8-bit picture
RECOGNISED = 3.0  # pixels by which a point that looks alike may miss a plane's motion
SHOT = 0.25  # correlation of neighbours times the share of sure motion: 0.8 and more in a shot, across cuts below 0.1
SPARE = 8  # tracks that are remembered beyond those of a window
CUT = 0.5  # correlation of two frames, one moved onto the other, below which they are of two scenes


@dataclass(frozen=True, kw_only=True)
class Track:
    """Motion from one view to another: pixel (x, y) is found at (x, y) + `motion` (H x W x 2 float32) there.

    `sure` (H x W bool) is where that was measured; elsewhere it is continued. `plane` (3 x 3) moves what is sure as one
    plane. `same` is False where a cut lies between the two.
    """

    motion: Array
    sure: Array
    plane: Array
    same: bool = True


class Tracks:
    """Tracks between the frames of a window. Those of the next window's neighbours are remembered."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, int, int], Track] = OrderedDict()

    def from_frame(
        self, views: Mapping[int, View], *, asked: Collection[int], key: object, threads: int = 1
    ) -> dict[int, Track]:
        """A track from the frame at offset 0 to those that are `asked` for before and after it, up to the next cut.

        `views` are the window's by offset; `key` stands for everything but their numbers that they follow from.
        `threads` changes the time and nothing else.
        """
        while len(self._known) > 2 * len(views) + SPARE:
            self._known.popitem(last=False)
        steps, paths = dict[int, Track](), dict[int, Array]()
        for way in (1, -1):
            here, path = 0, np.zeros((*views[0].hidden.shape, 2), np.float32)
            for offset in sorted((each for each in views if each * way > 0), key=abs):
                step = self.between(views[here], views[offset], key)
                if not step.same:
                    break
                path = path + fetched(step.motion, grid(path.shape) + path)
                if here == 0:
                    steps[offset] = step
                elif offset in asked and views[0].vectors:
                    steps[offset] = _given(path, views[0], views[offset])
                elif offset in asked:
                    paths[offset] = path
                here = offset
        with ThreadPoolExecutor(threads) as team:
            measured = team.map(lambda each: measured_from(each[1], views[0], views[each[0]]), paths.items())
            return steps | dict(zip(paths, measured, strict=True))

    def unmoved(self, views: Mapping[int, View]) -> list[int]:
        """Offsets of the frames up to the next cut on either side, for a camera that does not move."""
        return [*self._until_cut(views, 1), *self._until_cut(views, -1)]

    @staticmethod
    def _until_cut(views: Mapping[int, View], way: int) -> Iterator[int]:
        here = 0
        for offset in sorted((each for each in views if each * way > 0), key=abs):
            if _correlation(views[here], views[offset], np.zeros((*views[0].hidden.shape, 2), np.float32)) <= CUT:
                return
            yield offset
            here = offset

    def between(self, here: View, there: View, key: object) -> Track:
        """The track between neighbours in the window."""
        name = (key, here.number, there.number)
        if name not in self._known:
            first, second = sorted((here, there), key=lambda view: view.number)  # they are not treated alike
            self._remember((key, first.number, second.number), *_neighbours(first, second))
            self._known.move_to_end(name)
        return self._known[name]

    def _remember(self, name: tuple[object, int, int], forth: Track, back: Track) -> None:
        key, here, there = name
        self._known[key, there, here] = back
        self._known[name] = forth


def recognised(here: View, there: View) -> Track | None:
    """The track to a frame however far away, from what both show alike; None where that is little.

    Points that look the same in both (Rublee et al., "ORB: an efficient alternative to SIFT or SURF", 2011) give the
    motion of a plane, from which the search begins.
    """
    finder = cv2.ORB.create(1500)
    (points, marks), (others, other_marks) = (
        finder.detectAndCompute(view.grey, (~view.hidden).astype(np.uint8)) for view in (here, there)
    )
    start = np.zeros((*here.hidden.shape, 2), np.float32)
    if marks is not None and other_marks is not None:
        pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(marks, other_marks)
        places = [(points[each.queryIdx].pt, others[each.trainIdx].pt) for each in pairs]
        start = planar(homography(np.array(places, np.float32).reshape(-1, 2, 2), RECOGNISED), start.shape)
    track = measured_from(start, here, there)
    return track if _correlation(here, there, track.motion) > CUT else None


def _neighbours(here: View, there: View) -> tuple[Track, Track]:
    """Both tracks between two neighbours."""
    if here.vectors and there.vectors:
        way = 1 if there.number > here.number else -1
        return _given(here.vectors[way], here, there), _given(there.vectors[-way], there, here)
    forth, back = both_ways(here, there)
    pairs = ((forth, here, there, returns(forth, back)), (back, there, here, returns(back, forth)))
    same = min(_correlation(a, b, way) * _share(agreed, a) for way, a, b, agreed in pairs) > SHOT
    first, second = (_continued(way, agreed & _seen(way, a, b), a, same=same) for way, a, b, agreed in pairs)
    return first, second


def _share(agreed: Array, here: View) -> float:
    """How much of what is seen moves as surely forth as back: dense motion makes any two pictures somewhat alike."""
    return 1.0 if here.hidden.all() else float(agreed[~here.hidden].mean())


def _given(motion: Array, here: View, there: View) -> Track:
    """The track of a motion that is known, behind what is hidden, too."""
    known = finite(motion)
    motion = np.where(known[..., None], motion, np.float32(0))
    sure = known & _seen(motion, here, there)
    same = _correlation(here, there, motion) > CUT
    return Track(motion=motion, sure=sure, plane=plane_of(motion, sure), same=same)


def measured_from(path: Array, here: View, there: View) -> Track:
    """The track that is measured when the search begins at `path` (H x W x 2)."""
    motion = dense(here.grey, there.grey, path)
    alike = level(np.abs(fetched(there.filled, grid(motion.shape) + motion) - here.filled)) < ALIKE
    return _continued(motion, alike & _seen(motion, here, there), here)


def _seen(motion: Array, here: View, there: View) -> Array:
    """Where neither end of a motion is hidden."""
    height, width = motion.shape[:2]
    x, y = np.moveaxis(grid(motion.shape) + motion, -1, 0)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    seen: Array = inside & ~here.hidden & (covered(there.hidden, motion) == 0)
    return seen


def _continued(motion: Array, sure: Array, here: View, *, same: bool = True) -> Track:
    """The track; where `here` is hidden, its motion is the plane's and what sure pixels around have beside it."""
    plane = plane_of(motion, sure)
    return Track(motion=continued(motion, sure, plane, here.hidden), sure=sure, plane=plane, same=same)


def _correlation(here: View, there: View, motion: Array) -> float:
    """Of the two pictures, one moved onto the other, blurred a little: exposure and grain count for nothing."""
    moved = fetched(there.grey.astype(np.float32), grid(motion.shape) + motion)[..., 0]
    pair = [cv2.GaussianBlur(each, (0, 0), 2)[~here.hidden] for each in (here.grey.astype(np.float32), moved)]
    if pair[0].size < 16 or min(each.std() for each in pair) < 1:
        return 1.0
    return float(np.corrcoef(pair[0], pair[1])[0, 1])
