"""Where what other frames show of a hole would be now, by its own motion there.

Motion that is continued into a hole from around it knows nothing of what is hidden: a wall that begins behind the
object moves as the ground before it does. But the frames that show the wall show it moving. Followed back in time at
its own speed it arrives in the hole with its own outline; what speed alone gets wrong, a camera that shakes, say, is
told by the surroundings of the hole and is the same for all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np

from ..picture.motion import fetched, grid
from .evidence import Region, Way
from .pyramid import pyramid_fill
from .tracks import Track, Tracks
from .views import Array, View

__all__ = ["Trajectories"]

LONG = 3  # frames on either side over which a frame's own speed is measured
MARGIN = 64  # pixels around the hole whose motion tells what the camera does beside its steady way
ROUNDS = 5  # of finding from where a speed leads here
SETTLED = 0.5  # pixels by which a motion may change in the last round, and stray from those around
UNLIKE = 6.0  # pixels from the median beyond which a deviation is something else


class Trajectories:
    """Follows pixels by their own speed. Remembers the speeds of a window's frames."""

    def __init__(self, tracks: Tracks) -> None:
        self._tracks = tracks
        self._speeds: OrderedDict[tuple[object, int], tuple[Array, Array]] = OrderedDict()

    def into(
        self,
        region: Region,
        views: Mapping[int, View],
        found: Mapping[int, Track],
        *,
        asked: Sequence[int],
        step: int,
        key: object,
    ) -> dict[int, Way]:
        """For frames at the offsets `asked`, the way from the hole in `region` to there.

        It leads where the frame's own speed is known. Frames are left out that have not `LONG` steps to the
        end of the window, so that what is known of a frame is the same in every window. `found` are tracks, continued
        into the hole from around it.
        """
        last = max(map(abs, views))
        near = [offset for offset in asked if offset in found and abs(offset) + LONG * step <= last]
        return {
            offset: _arriving(found[offset], *self._speed(views, offset, key), offset // step, region)
            for offset in near
        }

    def _speed(self, views: Mapping[int, View], offset: int, key: object) -> tuple[Array, Array]:
        """How fast what a view shows moves, H x W x 2 pixels a step of the window; and where that was measured, H x W
        float32, 1 or 0. Elsewhere it is continued."""
        name = key, views[offset].number
        if name not in self._speeds:
            self._speeds[name] = self._measured(views, offset, key)
            while len(self._speeds) > len(views):
                self._speeds.popitem(last=False)
        self._speeds.move_to_end(name)
        return self._speeds[name]

    def _measured(self, views: Mapping[int, View], offset: int, key: object) -> tuple[Array, Array]:
        """The slope of a line through the way that every pixel goes in some steps on either side (least squares)."""
        moved, total = np.zeros((*views[0].hidden.shape, 2), np.float32), np.zeros(views[0].hidden.shape, np.float32)
        for way in (1, -1):
            for count, (path, sure) in enumerate(self._paths(views, offset, way, key), 1):
                moved += sure[..., None] * path * (way * count)
                total += sure * np.float32(count**2)
        known = (total > 0).astype(np.float32)
        return pyramid_fill(moved / np.maximum(total, 1)[..., None], 1 - known[..., None]), known

    def _paths(self, views: Mapping[int, View], offset: int, way: int, key: object) -> Iterator[tuple[Array, Array]]:
        """From a view to the next ones, up to a cut: motion, H x W x 2, and where it is sure all along, H x W."""
        here, sure = offset, ~views[offset].hidden
        path = np.zeros((*sure.shape, 2), np.float32)
        for there in sorted((each for each in views if (each - offset) * way > 0), key=lambda each: each * way)[:LONG]:
            step = self._tracks.between(views[here], views[there], key)
            if not step.same:
                return
            places = grid(path.shape) + path
            sure = sure & (fetched(step.sure.astype(np.float32), places)[..., 0] > 0.99)
            path, here = path + fetched(step.motion, places), there
            yield path, sure


def _arriving(track: Track, speed: Array, known: Array, steps: int, region: Region) -> Way:
    """The way to a frame `steps` away whose pixels move by `speed` (H x W x 2 a step) where that is `known`."""
    shape = known.shape
    box = _wider(region, shape)
    here, surely, usual = grid(shape)[box], track.sure[box], track.motion[box]
    motion, beside = usual.copy(), np.zeros_like(usual)
    for last in (False, True):
        for _ in range(ROUNDS):
            before, motion = motion, steps * fetched(speed, here + motion) + beside
        if not last:
            sure = surely & (fetched(known, here + motion)[..., 0] > 0.99)
            beside = _smooth(usual - motion, sure)
    whole, shown = track.motion.copy(), np.zeros(shape, bool)
    whole[box] = motion
    there = fetched(known, here + motion, outside=cv2.BORDER_CONSTANT)[..., 0] > 0.99
    shown[box] = there & _calm(motion - before) & _calm(motion - _usual(motion))
    return Way(motion=whole, shown=shown)


def _calm(difference: Array) -> Array:
    """Where a motion has settled: at folds, where two speeds lead to one place, it jumps to and fro."""
    calm: Array = _farther(difference) < SETTLED
    return calm


def _farther(difference: Array) -> Array:
    """The larger of both coordinates' sizes, H x W; NumPy's maximum over a short axis takes many times as long."""
    larger: Array = np.maximum(np.abs(difference[..., 0]), np.abs(difference[..., 1]))
    return larger


def _usual(motion: Array) -> Array:
    """The median motion around every pixel."""
    medians = [cv2.medianBlur(np.ascontiguousarray(motion[..., axis]), 5) for axis in (0, 1)]
    return np.stack(medians, -1)


def _smooth(deviation: Array, sure: Array) -> Array:
    """A deviation (h x w x 2) that is known where `sure`, carried to where it is not; outliers are left out."""
    if not sure.any():
        return np.zeros_like(deviation)
    usual = np.array([np.median(deviation[..., axis][sure]) for axis in (0, 1)])  # side by side it takes longer
    apart = _farther(deviation - usual)
    return pyramid_fill(deviation, 1 - (sure & (apart < UNLIKE))[..., None].astype(np.float32))


def _wider(region: Region, shape: tuple[int, ...]) -> Region:
    rows, columns = (
        slice(max(0, at.start - MARGIN), min(side, at.stop + MARGIN)) for at, side in zip(region, shape, strict=False)
    )
    return rows, columns
