"""What a node is: a declaration and one pure function.

The declaration (name, inputs, params, reach) is class data without heavy imports: the command line, hosts, panels
and the reference pages are derived from it. `process` maps the frames in the node's window and plain parameter
values to one frame, and keeps nothing in between that could change a result.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import GeneratorError, UsageError
from ..params import Param, Setting, nearest, resolve

if TYPE_CHECKING:
    from ..card import Card
    from ..frame import Frame
    from ..generator import Generator

__all__ = ["Engine", "Input", "Node", "Shots"]

# Input name -> offset from the frame being made -> that frame; offsets that the shot does not have are absent.
Shots = Mapping[str, Mapping[int, "Frame"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One picture that a node takes. Only inputs of the whole `window` are read for neighbours, too.

    Of a `sparse` input only some frames exist. A frame is made from its nearest before and after, or from its own where
    it has one, and from the plate's frames of these numbers. A `free` input may be of another size: it lies where its
    coordinates are, and is held where it has fewer frames than the plate. `guide` is the role of the generator's port
    that the input is for (`card.GUIDES`); a generator without it cannot take the input.
    """

    name: str
    help: str
    required: bool = False
    sparse: bool = False
    window: bool = False
    free: bool = False
    guide: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What a node computes with: the loaded generator, and the options of the job that it heeds."""

    generator: Generator
    tile: str = "auto"
    projection: str = "flat"

    @property
    def around(self) -> bool:
        """Whether the plate's left and right edges meet."""
        return self.projection == "equirect"


class Node(ABC):
    """Base of Style, Effect and Removal.

    A node whose generators do different work has a subclass for each `family` of them; see `nodes.node_for`.
    """

    name: ClassVar[str]
    family: ClassVar[str] = ""
    title: ClassVar[str]
    help: ClassVar[str]
    default_generator: ClassVar[str]
    inputs: ClassVar[tuple[Input, ...]]
    params: ClassVar[tuple[Param, ...]]

    @classmethod
    def sparse(cls) -> frozenset[str]:
        """Names of the inputs of which only some frames exist."""
        return frozenset(entry.name for entry in cls.inputs if entry.sparse)

    @classmethod
    def windowed(cls) -> frozenset[str]:
        """Names of the inputs that are read over the whole window."""
        return frozenset(entry.name for entry in cls.inputs if entry.window)

    @classmethod
    def free(cls) -> frozenset[str]:
        """Names of the inputs whose size and frames need not be the plate's."""
        return frozenset(entry.name for entry in cls.inputs if entry.free)

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def generator_named(cls, name: str) -> str:
        """`name`, or where that is empty the node's default."""
        return name or cls.default_generator

    @classmethod
    def params_with(cls, card: Card) -> tuple[Param, ...]:
        """The node's parameters, with this generator's own defaults, and the controls that it adds.

        Raises GeneratorError where the card has a default for what is no parameter, or that the parameter cannot be.
        """
        params = {param.name: param for param in cls.params}
        for name, value in card.defaults.items():
            if name not in params:
                raise GeneratorError(
                    f"generator '{card.name}' has a default for '{name}', which is no parameter of the node {cls.name}"
                    f"{nearest(name, params)}; correct 'defaults' in its card"
                )
            params[name] = _with_default(params[name], value, card)
        return (*params.values(), *card.controls)

    @classmethod
    def offsets(cls, settings: Mapping[str, Setting]) -> tuple[int, ...]:
        """The window, in order: frame n is made from frames n + offset of its inputs, as far as there are such."""
        return (0,)

    @classmethod
    def values(cls, params: Sequence[Param], settings: Mapping[str, Setting], frame: int) -> dict[str, Any]:
        """What `process` gets: every parameter at a frame, as plain data."""
        return resolve(params, settings, frame)

    @classmethod
    def held(cls, name: str, frame: Frame, settings: Mapping[str, Setting]) -> Frame:
        """A frame of the input `name` as it is held while it falls into windows: with less, where less is enough."""
        return frame

    @classmethod
    def generates(cls, settings: Mapping[str, Setting]) -> bool:
        """Whether the generator has anything to do with these settings."""
        return True

    @classmethod
    def notes(cls, card: Card, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """What the user should know of these settings with this generator before it starts."""
        return ()

    @classmethod  # noqa: B027  (most nodes take anything together)
    def check(cls, inputs: Collection[str], settings: Mapping[str, Setting]) -> None:
        """Raise UsageError where these inputs, by name, and settings do not go together."""

    @abstractmethod
    def process(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """Make one frame.

        `frames[input][0]` is the frame itself, other keys are its neighbours; `values` holds every parameter at
        this frame. The same arguments always give the same pixels.
        """


def _with_default(param: Param, value: object, card: Card) -> Param:
    try:
        default = param.check(value)
    except UsageError as error:
        raise GeneratorError(f"generator '{card.name}' has a default that cannot be: {error}") from None
    return replace(param, default=default)  # type: ignore[arg-type]  # JSON holds no curve
