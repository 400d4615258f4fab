"""Batches drawn ahead are those that would have been drawn."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor

from replate_training.loop.feed import Draw, Feed
from replate_training.material.data import Batch, Dice, dice


@dataclass
class Numbers:
    """A source that notes in which thread it drew, and fails at batches of the step `bad`."""

    bad: int = -1
    threads: list[str] = field(default_factory=list)

    def batch(self, random: Dice) -> Batch:
        self.threads.append(threading.current_thread().name)
        value = torch.rand(2, 3, 8, 8, generator=random("numbers"))
        if self.bad >= 0 and torch.equal(value, number(self.bad)):
            raise ValueError("bad file")
        return Batch((value,))

    def real(self, batch: Batch, random: Dice) -> Tensor:
        return 2 * batch.inputs[0]


def number(step: int, turn: int = 0) -> Tensor:
    return torch.rand(2, 3, 8, 8, generator=dice(1 + turn, step, "numbers"))


def feed(source: Numbers) -> Feed:
    return Feed(source, lambda step, turn: lambda stream: dice(1 + turn, step, stream))


def test_the_next_is_drawn_ahead_and_is_the_same() -> None:
    source = Numbers()
    with feed(source) as ahead:
        for step in range(4):
            batch, real = ahead.take(Draw(step, 0, True))
            assert torch.equal(batch.inputs[0], number(step)) and real is not None
            assert torch.equal(real, 2 * number(step))
    assert source.threads[0] == "MainThread" and set(source.threads[1:]) == {"feed_0"}


def test_what_was_not_expected_is_drawn_at_once() -> None:
    with feed(Numbers()) as ahead:
        assert ahead.take(Draw(0, 0, False))[1] is None
        batch, real = ahead.take(Draw(1, 0, True))
        assert torch.equal(batch.inputs[0], number(1)) and real is not None
        assert torch.equal(ahead.take(Draw(0, 1, True))[0].inputs[0], number(0, 1))


def test_what_fails_ahead_fails_at_its_step() -> None:
    with feed(Numbers(bad=1)) as ahead:
        ahead.take(Draw(0, 0, False))
        with pytest.raises(ValueError, match="bad file"):
            ahead.take(Draw(1, 0, False))
