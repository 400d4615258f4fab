"""The ways that lead from a hole to what other frames show of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .evidence import Region, Way
from .planes import planar
from .tracks import Tracks
from .trajectories import Trajectories
from .views import View

__all__ = ["Ways"]


class Ways:
    """Finds motion to other frames. What it remembers saves time and changes nothing."""

    def __init__(self, *, threads: int = 1) -> None:
        self._tracks = Tracks()
        self._trajectories = Trajectories(self._tracks)
        self._threads = threads

    def each(
        self,
        views: Mapping[int, View],
        region: Region,
        *,
        asked: Sequence[int],
        motion: str,
        step: int,
        key: object,
    ) -> Iterator[Mapping[int, Way]]:
        """For every kind of way, those from the view at offset 0 to those at the offsets `asked`.

        `motion` is how the background moves: "still"; "planar", as one plane; "flow", as it does around the hole in
        `region`, or as it does where it is seen; "auto" is all of the last three. No way leads across a cut. `key`
        stands for all that the views follow from beside their numbers, and `step` is the window's.
        """
        shape = views[0].hidden.shape
        if motion == "still":
            yield dict.fromkeys(self._tracks.unmoved(views), Way(motion=np.zeros((*shape, 2), np.float32)))
            return
        found = self._tracks.from_frame(views, asked=asked, key=key, threads=self._threads)
        if motion != "planar":
            yield {offset: Way(motion=track.motion) for offset, track in found.items()}
        if views[0].vectors:  # nobody knows better
            return
        if motion != "planar":
            yield self._trajectories.into(region, views, found, asked=asked, step=step, key=key)
        if motion != "flow":
            yield {offset: Way(motion=planar(track.plane, shape)) for offset, track in found.items()}
