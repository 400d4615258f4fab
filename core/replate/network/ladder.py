"""Tiles as large as memory allows, and what is tried where it runs out after all, or where a GPU fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from ..errors import MemoryLimitError, was_memory
from ..memory import share
from . import graph
from .device import cause, give_back
from .runner import DeviceFailed, Runner
from .tiles import AUTO, Tile, plan, smaller

__all__ = ["Ladder"]

T = TypeVar("T")
log = logging.getLogger(__name__)
_MOST = 5 * 2**28  # larger tiles gain little: at 8K, tiles of this size compute an eighth of the frame twice


class Ladder:
    """Smaller tiles, then the CPU, then an error; a GPU that fails is first tried again with a new session.

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
        """Call `do` for every tile of a frame of `size` (height, width), again from the start where it cannot be done.

        `side` is that of a tile in pixels, None for one piece or AUTO; see `tiles.plan` for `lead`. Raises
        MemoryLimitError when even the smallest tile is too much, DeviceFailed where a GPU fails that was asked for by
        name, and whatever else `do` raises.
        """
        side = self._allowed(size, self._side_for(size, parts) if side == AUTO else side)
        tiles: tuple[Tile, ...] = ()

        def attempt() -> None:
            nonlocal tiles
            tiles = plan(*size, self.runner.card, side=side, lead=lead)
            for tile in tiles:
                do(tile)

        def step_down(why: str) -> bool:
            nonlocal side
            half = smaller(*size, self.runner.card, side=side)
            if half is not None:
                self.say(f"{why} {_by(tiles[0])}; trying tiles of {half}")
            elif self.runner.fall_back():
                self.say(f"{why} {_by(tiles[0])}, its smallest tile; going on with the CPU")
                half = self._side_for(size, parts)
            else:
                return False
            side = self._fitting = half
            return True

        self._persist(attempt, step_down, where=lambda: f" {_by(tiles[0])}, its smallest tile")
        if len(tiles) > 1:
            give_back()  # a large frame: what it was worked on with is wanted for its copies now

    def whole(self, do: Callable[[], T]) -> T:
        """What `do` returns, which cannot be done in tiles; raises as `work` does."""

        def step_down(why: str) -> bool:
            if not self.runner.fall_back():
                return False
            self.say(f"{why}, and needs the whole picture at once; going on with the CPU")
            return True

        return self._persist(do, step_down, where=lambda: ", and needs the whole picture at once")

    def _persist(self, attempt: Callable[[], T], step_down: Callable[[str], bool], *, where: Callable[[], str]) -> T:
        """What `attempt` returns in the end. `step_down` is told why, and answers False where nothing is left."""
        name, renewed = f"'{self.runner.path.stem}'", False
        while True:
            device = self.runner.device
            try:
                return attempt()
            except DeviceFailed as error:
                if not renewed:
                    self.say(f"{name} failed on {device} ({cause(error.__cause__ or error)}); trying a new session")
                elif not step_down(f"{name} failed again on {device}"):
                    raise
                renewed = True
            except Exception as error:
                if not was_memory(error):
                    raise
                if not step_down(f"{name} ran out of memory on {device}"):
                    raise MemoryLimitError(
                        f"{name} runs out of memory on {device}{where()}; "
                        "free memory, use a machine with more, or another device",
                        path=self.runner.path,
                    ) from error
            self.runner.spare()

    def _side_for(self, size: tuple[int, int], parts: graph.Parts) -> int | None:
        """None where the whole frame fits into the network's share of the memory, else the side of what does."""
        fitting = self._share // self.runner.bytes_per_pixel(parts)
        return None if size[0] * size[1] <= fitting else int(fitting**0.5)

    def _allowed(self, size: tuple[int, int], side: int | None) -> int | None:
        if self._fitting is None:
            return side
        return min(self._fitting, max(size) if side is None else side)


def _by(tile: Tile) -> str:
    height, width = tile.size
    return f"with {width}x{height} pixels at a time"
