"""The card that every generator carries inside its ONNX file.

The card is JSON under the metadata key `replate.card`. It says what the network is, what it was trained on and may
be used for, and how to feed it, so that a file found on a disk ten years on still explains itself. A file of foreign
origin gets its card by inspection and from a sidecar `NAME.card.json` beside it, in the same words.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from . import jsontext
from .errors import GeneratorError
from .params import Param, Value
from .typed import built, pruned

__all__ = ["GUIDES", "KEY", "Card", "Dataset", "Order", "Port", "Training"]

KEY = "replate.card"
Kind = Literal["style", "effect", "removal"]
Layout = Literal["NCHW", "NHWC"]
Order = Literal["RGB", "BGR", "L", "XY", "RGBA"]
Fit = Literal["tile", "resize"]

GUIDES: Mapping[str, Order] = {"position": "XY", "hints": "RGBA", "hole": "L", "chance": "L"}
"""Roles of pictures that a network may take beside the plate, and their channels. "position": where a pixel lies in
the display window, from -1 at its left and top edge to 1 at its right and bottom edge. "hints": what colour the user
wants, see `picture.hints`; all 0 where nothing is said. "hole": what is to be invented, 1, and what is known, 0; what
lies between is known in part. A network that takes it is handed a plate whose hole is filled smoothly, and its result
counts in the hole alone. "chance": a number for every pixel of the shot, normal with variance 1, which a network that
invents texture draws it from; the same in every frame. Where nobody gives one, `Generator.apply` makes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One tensor of the network.

    `low` and `high` are the tensor's values where the generator's space has 0 and 1. `role` is what a node plugs in:
    "plate" (the picture), one of `GUIDES` (as large as the plate), "control" (a scalar parameter named like the port),
    "noise" (1 x `length` Gaussian numbers of mean 0 and variance 1, in place of a plate: a generator of kind "effect"
    whose result has the card's `size`), "numbers" (1 x `length` of what the node's `family` counts), or for outputs
    "result", "confidence" (N x 1 x H x W, 0..1) and "streak" (a second result, which the family "light" asks for).
    """

    name: str
    role: str
    channels: Order = "RGB"
    layout: Layout = "NCHW"
    low: float = 0.0
    high: float = 1.0
    half: bool = False
    length: int = 0

    @property
    def count(self) -> int:
        """How many channels the tensor has."""
        return len(self.channels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What a generator saw in training."""

    name: str
    licence: str
    files: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How a generator came to be: enough to make it again."""

    recipe: str
    command: str = ""
    steps: int = 0
    seconds: float = 0.0
    device: str = ""
    seed: int = 0
    data: tuple[Dataset, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Card:
    """Facts about one generator.

    `space` is an OpenColorIO space of the built-in config, or "ACEScct". `clamp` says that the network only knows
    0..1 of its space (light outside is carried past it). `multiple` is the step that height and width must keep,
    `overlap` how many pixels around a tile its middle depends on (the measured receptive radius), `size` the only
    (height, width) a fixed network takes. `fit` says how a plate of another size gets in, and `reason` why. `family`
    says which of a node's kinds of work the network is for, where it has several (`nodes.node_for`); `defaults` are
    values of the node's parameters, by name, that suit it better than theirs.
    """

    name: str
    kind: Kind = "style"
    family: str = ""
    version: str = "1"
    title: str = ""
    description: str = ""
    licence: str = ""
    commercial_use: bool | None = None
    space: str = "ACEScct"
    clamp: bool = False
    multiple: int = 1
    overlap: int = 0
    size: tuple[int, int] | None = None
    fit: Fit = "tile"
    reason: str = ""
    window: int = 0
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    controls: tuple[Param, ...] = ()
    defaults: Mapping[str, Value] = field(default_factory=dict)
    training: Training | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    preview: str = ""
    sha256: str = ""

    def to_json(self, *, indent: int | None = None) -> str:
        """The card as JSON text; what is at its default is left out."""
        return json.dumps(pruned(self), indent=indent, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, *, where: object = "the card") -> Card:
        """Read a card; raises GeneratorError naming `where` and the entry that is wrong."""
        try:
            data = jsontext.parse(text, numbers_only=False)  # a training's metrics may be none
        except ValueError as error:
            raise GeneratorError(
                f"{where} is not valid JSON ({error}); write it again with 'replate inspect'"
            ) from None
        card: Card = built(cls, data, where=where)
        if problem := _problem(card):
            raise GeneratorError(f"{where}: {problem}")
        return card

    def input(self, role: str) -> Port | None:
        """The input port of a role, if the network has one."""
        return next((port for port in self.inputs if port.role == role), None)

    def output(self, role: str) -> Port | None:
        """The output port of a role, if the network has one."""
        return next((port for port in self.outputs if port.role == role), None)


_LARGEST = 16_384  # pixels of a side that a network may ask for


def _problem(card: Card) -> str:
    """A number that no network can have, in words."""
    if card.multiple < 1:
        return f"'multiple' must be 1 or more, not {card.multiple}"
    if card.overlap < 0:
        return f"'overlap' must be 0 or more, not {card.overlap}"
    if card.size is not None and not 1 <= min(card.size) <= max(card.size) <= _LARGEST:
        return f"'size' must be two numbers of pixels up to {_LARGEST}, height and width, not {card.size!r}"
    endless = next((port for port in (*card.inputs, *card.outputs) if not math.isfinite(port.high - port.low)), None)
    if endless is not None:
        return f"port '{endless.name}' has a 'low' or 'high' that is no number"
    flat = next((port for port in (*card.inputs, *card.outputs) if port.low == port.high), None)
    return "" if flat is None else f"port '{flat.name}' has the same 'low' and 'high'; black and white must differ"
