"""Checking that a generator file is whole and does what its card says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx

from .card import Card
from .color import Transform
from .color.curves import NOTHING
from .errors import ReplateError
from .generator import Generator
from .inspection.probing import chart
from .network.loading import load
from .network.onnxfile import read_card

__all__ = ["verify"]

_TRIAL = (67, 45)  # odd, and no multiple of anything that networks use
_EXPECTED = ("title", "licence", "commercial_use", "training", "sha256")


def verify(path: Path) -> list[str]:
    """What is wrong with the generator at `path`, a sentence each."""
    try:
        card = read_card(path)
        if card is None:
            return ["it carries no card; see replate inspect"]
        return [*_card(card), *_graph(path), *_trial(path)]
    except ReplateError as error:
        return [str(error)]


def _card(card: Card) -> Iterator[str]:
    yield from (f"its card does not state '{name}'" for name in _EXPECTED if getattr(card, name) in ("", None))


def _graph(path: Path) -> Iterator[str]:
    try:
        onnx.checker.check_model(load(path))
    except onnx.checker.ValidationError as error:
        yield f"its graph is not valid ONNX ({str(error).splitlines()[0]})"


def _trial(path: Path) -> Iterator[str]:
    """Run it on the CPU at an odd size, in its own space."""
    generator = Generator.load(path, device="cpu", threads=1)
    generator.check()
    space = generator.card.space
    plate = np.ascontiguousarray(chart(*_TRIAL)[0].transpose(1, 2, 0))
    result, confidence = generator.apply(plate, transform=Transform(space, space, NOTHING))
    if not np.isfinite(result).all():
        yield f"its result on a picture of {_TRIAL[1]}x{_TRIAL[0]} is not finite"
    if confidence is not None and not ((confidence >= 0) & (confidence <= 1)).all():
        yield "its confidence map leaves the range 0..1"
