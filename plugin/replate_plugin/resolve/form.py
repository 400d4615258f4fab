"""What a node can be asked, as fields that any window can show: generator, inputs, knobs, options, where results go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..host.declared import Knob, Node
from .choice import PLACES, Choice

__all__ = ["Field", "filled", "form"]

_USUAL = ("color_space", "device", "tile", "compression", "bits")
"""Options that are asked; the others stay as they are in the file of the choice."""


@dataclass(frozen=True)
class Field:
    """One thing to ask, of kind float, int, bool, choice, text or file. `part` is where in a choice it belongs."""

    part: str
    name: str
    title: str
    section: str
    kind: str
    value: Any
    help: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


def form(node: Node, choice: Choice) -> list[Field]:
    """The fields for a node with the generator of the choice. A knob with keys is not asked: they stay."""
    knobs = [knob for knob in node.knobs(choice.generator) if not isinstance(choice.knobs.get(knob.name), dict)]
    options = [knob for knob in node.options if knob.name in _USUAL]
    return [
        *_generator(node, choice),
        *(
            Field("inputs", each.name, each.title, "Input", "file", choice.inputs.get(each.name, ""), each.help)
            for each in node.pipes(choice.generator)
            if each.name != "plate"
        ),
        *(_field("knobs", knob, choice.knobs) for knob in knobs),
        *(_field("options", knob, choice.options) for knob in options),
        Field("", "place", "Put the result", "Output", "choice", choice.place, choices=tuple(PLACES)),
        Field(
            "", "folder", "Folder", "Output", "text", choice.folder, "empty: a folder replate beside the clip's file"
        ),
    ]


def filled(node: Node, choice: Choice, answers: Mapping[tuple[str, str], Any]) -> Choice:
    """The choice with what was answered, by part and name. What has its default is not kept: another generator's may
    be another."""
    defaults = {("knobs", knob.name): knob.default for knob in node.knobs(choice.generator)}
    defaults |= {("options", knob.name): knob.default for knob in node.options}
    parts: dict[str, Any] = {part: dict(getattr(choice, part)) for part in ("inputs", "knobs", "options")}
    for (part, name), value in answers.items():
        if part and value != defaults.get((part, name), ""):
            parts[part][name] = value
        elif part:
            parts[part].pop(name, None)
    return replace(choice, **parts, **{name: value for (part, name), value in answers.items() if not part})


def _generator(node: Node, choice: Choice) -> list[Field]:
    now = choice.generator or node.default_generator
    names = dict.fromkeys([*(generator.name for generator in node.generators), *([now] if now else [])])
    return [Field("", "generator", "Generator", "Look", "choice", now, choices=tuple(names))] if names else []


def _field(part: str, knob: Knob, values: Mapping[str, Any]) -> Field:
    value = values.get(knob.name, knob.default)
    facts = (knob.title, knob.section, knob.kind, value, knob.tooltip, knob.choices)
    return Field(part, knob.name, *facts, minimum=knob.minimum, maximum=knob.maximum)
