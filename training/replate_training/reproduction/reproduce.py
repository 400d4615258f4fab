"""From a card back to the command that made the look, with data in place."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection
from pathlib import Path

from replate import catalogue
from replate.card import Training
from replate.errors import UsageError
from replate.network.onnxfile import read_card

from .. import sources
from .fetch import fetch

__all__ = ["reproduce"]


def reproduce(look: str, *, given: Collection[str], cache: Path, say: Callable[[str], None]) -> list[str]:
    """The words behind `replate train` that make `look` (a name or an ONNX file) again, after its data were fetched
    into `cache`. `given` are the options that the user overrides ("--steps").

    Raises GeneratorError and UsageError where the card does not say enough, and what `fetch` raises.
    """
    training = _training(look)
    recipe, *words = shlex.split(training.command)[2:]
    if "--features" in words and "--features" not in given:
        file = words[words.index("--features") + 1]
        raise UsageError(f"'{look}' was trained with --features {file}; say where that file is, with --features")
    wanted = dict.fromkeys(word for word in words if word in {each.name for each in training.data})
    sets = {name: sources.find(name) for name in wanted}
    there = {name: str(fetch(data, cache, say=say)) for name, data in sets.items()}
    return [recipe, "--seed", str(training.seed), *(there.get(word, word) for word in words)]


def _training(look: str) -> Training:
    card = read_card(catalogue.find(look))
    training = None if card is None else card.training
    if training is None or shlex.split(training.command)[:2] != ["replate", "train"]:
        raise UsageError(f"the card of '{look}' does not say by which command it was made; it cannot be reproduced")
    return training
