"""Batches for a trainer, the next of which is drawn in the background while a step is learnt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType

import torch
from torch import Tensor

from ..material.data import Batch, Dice, Source, place

__all__ = ["Draw", "Feed", "Serving"]


@dataclass(frozen=True, slots=True)
class Draw:
    """What to draw: for which step, in which turn (how often training was rolled back), and whether the critic needs
    what is real."""

    step: int
    turn: int
    judged: bool


Serving = tuple[Batch, Tensor | None]
"""A batch and, where it was asked for, what is real; float32, channels last."""


class Feed(AbstractContextManager["Feed"]):
    """Draws from a source, whose batches depend on nothing but the step: whether one was drawn ahead does not show.

    While it is entered, one thread draws the step that is likely to be asked for next: on the CPU, unless the source
    can work on the `device` itself.
    """

    def __init__(
        self, source: Source, random: Callable[[int, int], Dice], *, device: torch.device | None = None
    ) -> None:
        move = None if device is None else getattr(source, "on", None)
        self._source, self._random = source if move is None else move(device), random
        self._device = torch.device("cpu") if move is None or device is None else device
        self._pool: ThreadPoolExecutor | None = None
        self._ahead: tuple[Draw, Future[Serving]] | None = None

    def __enter__(self) -> Feed:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="feed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._pool is not None
        self._pool.shutdown(cancel_futures=True)
        self._pool = self._ahead = None

    def take(self, draw: Draw) -> Serving:
        """The batch of a step."""
        expected = self._ahead is not None and self._ahead[0] == draw
        serving = self._ahead[1].result() if self._ahead is not None and expected else self._drawn(draw)
        if self._pool is not None:
            following = Draw(draw.step + 1, draw.turn, draw.judged)
            self._ahead = following, self._pool.submit(self._drawn, following)
        return serving

    def _drawn(self, draw: Draw) -> Serving:
        random = self._random(draw.step, draw.turn)
        with torch.no_grad():
            batch = self._source.batch(random).placed(self._device)
            return batch, place(self._source.real(batch, random), self._device) if draw.judged else None
