"""The card that every generator carries inside its ONNX file.

The card is JSON under the metadata key `replate.card`. It says what the network is, what it was trained on and may
be used for, and how to feed it, so that a file found on a disk ten years on still explains itself. A file of foreign
origin gets its card by inspection and from a sidecar `NAME.card.json` beside it, in the same words.
"""

from __future__ import annotations

import functools
import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from . import jsontext
from .errors import GeneratorError
from .params import Param, Value

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
        return json.dumps(_prune(self), indent=indent, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, *, where: object = "the card") -> Card:
        """Read a card; raises GeneratorError naming `where` and the entry that is wrong."""
        try:
            data = jsontext.parse(text, numbers_only=False)  # a training's metrics may be none
        except ValueError as error:
            raise GeneratorError(
                f"{where} is not valid JSON ({error}); write it again with 'replate inspect'"
            ) from None
        card: Card = _build(cls, data, where)
        if problem := _problem(card):
            raise GeneratorError(f"{where}: {problem}")
        return card

    def input(self, role: str) -> Port | None:
        """The input port of a role, if the network has one."""
        return next((port for port in self.inputs if port.role == role), None)

    def output(self, role: str) -> Port | None:
        """The output port of a role, if the network has one."""
        return next((port for port in self.outputs if port.role == role), None)


def _prune(part: Any) -> dict[str, Any]:
    """A dataclass as a dictionary without what equals its default."""
    kept = {}
    for item in fields(part):
        value = getattr(part, item.name)
        default = item.default if item.default_factory is MISSING else item.default_factory()
        if value == default:
            continue
        kept[item.name] = _plain(value)
    return kept


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return _prune(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _build(kind: type, data: Any, where: object) -> Any:
    if not isinstance(data, dict):
        raise GeneratorError(f"{where}: expected an object with named entries, found {type(data).__name__}")
    known = {item.name: item for item in fields(kind)}
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise GeneratorError(f"{where}: unknown entry '{unknown[0]}'; known are {', '.join(known)}")
    hints = _hints(kind)
    values = {name: _converted(value, hints[name], name, where) for name, value in data.items()}
    missing = [name for name, item in known.items() if name not in values and _required(item)]
    if missing:
        raise GeneratorError(f"{where}: entry '{missing[0]}' is missing; add it")
    return kind(**values)


_LARGEST = 16_384  # pixels of a side that a network may ask for


@functools.cache
def _hints(kind: type) -> Mapping[str, Any]:
    """What each field of a dataclass is declared to be."""
    return get_type_hints(kind)


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


def _required(item: Any) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _converted(value: Any, hint: Any, name: str, where: object) -> Any:
    """A value from JSON as the declaration `hint` of a dataclass's field has it; raises GeneratorError."""
    kind, inside = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return _build(hint, value, f"{where}, {name}")
    if kind in (Union, UnionType):
        return _one_of(value, inside, name, where)
    if kind is Literal and value not in inside:
        raise GeneratorError(f"{where}: '{name}' must be one of {', '.join(inside)}, not {value!r}")
    if kind is tuple and isinstance(value, list) and (inside[1:] == (...,) or len(inside) == len(value)):
        hints = inside[:1] * len(value) if inside[1:] == (...,) else inside
        parts = zip(value, hints, strict=True)
        return tuple(_converted(part, each, f"{name}[{i}]", where) for i, (part, each) in enumerate(parts))
    if kind is Mapping and isinstance(value, dict):
        return {key: _converted(part, inside[1], f"{name}.{key}", where) for key, part in value.items()}
    if kind is Literal or (kind is None and _is(value, hint)):
        return value
    raise GeneratorError(f"{where}: '{name}' must be {_word(hint)}, not {_short(value)}")


def _one_of(value: Any, hints: Sequence[Any], name: str, where: object) -> Any:
    """The value as the first of several declarations that it fits; one that fits none is told what the first wants."""
    if value is None and NoneType in hints:
        return None
    fitting = (hint for hint in hints if get_origin(hint) is None and not is_dataclass(hint) and _is(value, hint))
    return _converted(value, next(fitting, hints[0]), name, where)


def _is(value: Any, kind: type) -> bool:
    """Whether a plain value is of a kind; a whole number is a number as well, true and false are neither."""
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    return isinstance(value, int | float if kind is float else kind)


def _word(hint: Any) -> str:
    words = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Mapping: "an object"}
    if get_origin(hint) is tuple:
        count = "" if get_args(hint)[1:] == (...,) else f"{len(get_args(hint))} "
        return f"a list of {count}entries"
    return words.get(get_origin(hint) or hint, "something else")


def _short(value: Any) -> str:
    return textwrap.shorten(repr(value), 80)
