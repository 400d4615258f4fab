"""Tiles as large as memory allows, and what is tried where it runs out after all."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..errors import MemoryLimitError, was_memory
from ..memory import share
from . import graph
from .device import give_back
from .runner import Runner
from .tiles import AUTO, Tile, plan, smaller

__all__ = ["Ladder"]

log = logging.getLogger(__name__)
_MOST = 5 * 2**28  # larger tiles gain little: at 8K, tiles of this size compute an eighth of the frame twice


class Ladder:
    """Smaller tiles, then the CPU, then an error.

    `say` is called with a sentence for each step down. What did not fit is not tried again.
    """

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.say: Callable[[str], None] = log.warning
        self._share = share(_MOST)
        self._fitting: int | None = None

    def work(
        self,
        do: Callable[[Tile], None],
        size: tuple[int, int],
        *,
        side: int | None,
        parts: graph.Parts,
        lead: tuple[int, int] = (0, 0),
    ) -> None:
        """Call `do` for every tile of a frame of `size` (height, width), again from the start where memory runs out.

        `side` is that of a tile in pixels, None for one piece or AUTO; see `tiles.plan` for `lead`. Raises
        MemoryLimitError when even the smallest tile is too much, and whatever else `do` raises.
        """
        side = self._allowed(size, self._side_for(size, parts) if side == AUTO else side)
        while True:
            tiles = plan(*size, self.runner.card, side=side, lead=lead)
            try:
                for tile in tiles:
                    do(tile)
                break
            except Exception as error:
                if not was_memory(error):
                    raise
                side = self._fitting = self._below(size, side, tiles[0], parts)
            self.runner.spare()
        if len(tiles) > 1:
            give_back()  # a large frame: what it was worked on with is wanted for its copies now

    def _side_for(self, size: tuple[int, int], parts: graph.Parts) -> int | None:
        """None where the whole frame fits into the network's share of the memory, else the side of what does."""
        fitting = self._share // self.runner.bytes_per_pixel(parts)
        return None if size[0] * size[1] <= fitting else int(fitting**0.5)

    def _allowed(self, size: tuple[int, int], side: int | None) -> int | None:
        if self._fitting is None:
            return side
        return min(self._fitting, max(size) if side is None else side)

    def _below(self, size: tuple[int, int], side: int | None, tile: Tile, parts: graph.Parts) -> int | None:
        """A tile that may fit where this one did not; the CPU after the GPU's smallest."""
        half = smaller(*size, self.runner.card, side=side)
        height, width = tile.size
        where = f"out of memory on {self.runner.device} with {width}x{height} pixels at a time"
        if half is not None:
            self.say(f"'{self.runner.path.stem}' ran {where}; trying tiles of {half}")
            return half
        if not self.runner.fall_back():
            raise MemoryLimitError(
                f"'{self.runner.path.stem}' runs {where}, its smallest tile; "
                "free memory, use a machine with more, or another device",
                path=self.runner.path,
            )
        self.say(f"'{self.runner.path.stem}' ran {where}, its smallest tile; going on with the CPU")
        return self._side_for(size, parts)
