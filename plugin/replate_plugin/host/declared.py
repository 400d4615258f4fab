"""Nodes, knobs and generators as a host shows them; standard library only.

    for node in reading.load(service).nodes:
        for knob in node.knobs("painted"): ...

A default is that of the generator which is chosen: it may differ from the node's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ..errors import ServiceError

__all__ = ["Declared", "Generator", "Input", "Knob", "Node", "Value"]

Value = float | int | bool | str


@dataclass(frozen=True)
class Knob:
    """One parameter, in the words of `replate.params.Param`, and an identifier that any host takes: mask_grow.

    `minimum` and `maximum` are hard limits, `soft` is the range of a slider. `generators` names those that bring it;
    empty: the node's own, shown with any.
    """

    name: str
    identifier: str
    kind: str
    default: Value
    title: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    soft: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    section: str = "Look"
    keyable: bool = True
    generators: tuple[str, ...] = ()

    @property
    def slider(self) -> tuple[float, float] | None:
        """The range that a slider shows: the soft one, else the hard limits where there are both."""
        if self.soft is not None:
            return self.soft
        if self.minimum is None or self.maximum is None:
            return None
        return self.minimum, self.maximum

    @property
    def tooltip(self) -> str:
        """Help and unit as text for a tooltip."""
        return f"{self.help} ({self.unit})" if self.unit else self.help


@dataclass(frozen=True)
class Input:
    """A picture that a node takes; see `replate.nodes.base.Input`."""

    name: str
    title: str
    help: str
    required: bool = False
    sparse: bool = False
    window: bool = False
    free: bool = False


_Named = TypeVar("_Named", bound="Knob | Input")


@dataclass(frozen=True)
class Generator:
    """A generator for one node: knobs and inputs that it adds, or has in place of the node's of the same name."""

    name: str
    title: str
    node: str
    path: str
    licence: str
    commercial_use: bool
    params: tuple[Knob, ...] = ()
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True)
class Node:
    """Style, Effect or Removal, with all generators there are for it and the options of a job."""

    name: str
    title: str
    help: str
    default_generator: str
    inputs: tuple[Input, ...]
    params: tuple[Knob, ...]
    options: tuple[Knob, ...]
    generators: tuple[Generator, ...]

    def generator(self, name: str = "") -> Generator | None:
        """The generator of this name, the default one for an empty name; None where it is not among the declared."""
        wanted = name or self.default_generator
        return next((each for each in self.generators if each.name == wanted), None)

    def knobs(self, generator: str = "") -> tuple[Knob, ...]:
        """The knobs that count with this generator, with its defaults: the node's, then its own."""
        chosen = self.generator(generator)
        return _over(self.params, chosen.params if chosen else ())

    def pipes(self, generator: str = "") -> tuple[Input, ...]:
        """The inputs that count with this generator: the node's, then its own."""
        chosen = self.generator(generator)
        return _over(self.inputs, chosen.inputs if chosen else ())

    @property
    def every_knob(self) -> tuple[Knob, ...]:
        """The knobs of all generators, each name once: what a host builds, to show `knobs` of them."""
        own = {knob.name for knob in self.params}
        brought = [(generator.name, knob) for generator in self.generators for knob in generator.params]
        whose: dict[str, tuple[str, ...]] = {}
        for name, knob in brought:
            whose[knob.name] = (*whose.get(knob.name, ()), name)
        first = {knob.name: knob for _, knob in reversed(brought) if knob.name not in own}
        return (*self.params, *(replace(first[name], generators=whose[name]) for name in whose if name in first))

    @property
    def every_input(self) -> tuple[Input, ...]:
        """The inputs of all generators, each name once: what a host builds that cannot change its pipes."""
        brought = [entry for generator in self.generators for entry in generator.inputs]
        added = {entry.name: entry for entry in reversed(brought)}
        own = {entry.name for entry in self.inputs}
        return (*self.inputs, *(entry for name, entry in reversed(added.items()) if name not in own))

    def switched(self, old: str, new: str, values: Mapping[str, Value]) -> dict[str, Value]:
        """What to set when another generator is chosen: knobs that nobody touched go to the new one's defaults.

        `values` are plain values by identifier; leave animated knobs out.
        """
        before = {knob.identifier: knob for knob in self.knobs(old)}
        return {
            knob.identifier: knob.default
            for knob in self.knobs(new)
            if knob.identifier in values
            and values[knob.identifier] != knob.default
            and (knob.identifier not in before or values[knob.identifier] == before[knob.identifier].default)
        }


@dataclass(frozen=True)
class Declared:
    """All there is. `problems` are sentences about generators that cannot be read; `own` is the folder for those that
    the user adds."""

    nodes: tuple[Node, ...]
    problems: tuple[str, ...] = ()
    own: str = ""

    def node(self, name: str) -> Node:
        """The node of this name; raises ServiceError where there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        known = ", ".join(node.name for node in self.nodes)
        raise ServiceError(
            f"Replate has no node '{name}' (it has {known}); bring the plug-in and Replate to one version"
        )


def _over(general: tuple[_Named, ...], special: tuple[_Named, ...]) -> tuple[_Named, ...]:
    """What is general, with what is special in place of those of the same name, and the rest of that behind it."""
    instead = {each.name: each for each in special}
    names = {each.name for each in general}
    return (*(instead.get(each.name, each) for each in general), *(each for each in special if each.name not in names))
