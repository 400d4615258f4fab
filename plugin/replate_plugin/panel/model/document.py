"""What is edited: a job, and what a job file does not hold (strokes). Immutable, so that undo is the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...host.declared import Knob, Node
from . import curves
from .curves import Curve, Setting, Value
from .painting import Painting

__all__ = ["PAINTED", "Document"]

FORMAT = 1  # of the job file, see replate/job.py
PAINTED = "painted:"
"""What the input `mask` holds where the mask is drawn in the panel."""


@dataclass(frozen=True)
class Document:
    """One node over one shot. `settings` and `options` hold, by name, what differs from the declared defaults."""

    node: str = "style"
    generator: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    options: Mapping[str, Value] = field(default_factory=dict)
    output: str = ""
    frames: str = ""
    painting: Painting = field(default_factory=Painting)

    def setting(self, knob: Knob) -> Setting:
        """A knob's value or curve; its default where nobody touched it."""
        return self.settings.get(knob.name, knob.default)

    def value(self, knob: Knob, frame: int) -> Value:
        """A knob's plain value at a frame."""
        return curves.value_at(self.setting(knob), frame, knob.kind)

    def with_setting(self, knob: Knob, setting: Setting) -> Document:
        """The knob set; one that is at its default counts as not touched."""
        return replace(self, settings=_with(self.settings, knob, setting))

    def with_value(self, knob: Knob, frame: int, value: Value) -> Document:
        """The knob moved at a frame: a key there where it has keys, else everywhere."""
        setting = self.setting(knob)
        if isinstance(setting, Curve):
            return self.with_setting(knob, setting.with_key(frame, float(value)))
        return self.with_setting(knob, value)

    def with_key(self, knob: Knob, frame: int) -> Document:
        """A key on this frame that changes nothing."""
        setting = self.setting(knob)
        value = float(self.value(knob, frame))
        start = setting if isinstance(setting, Curve) else Curve((), "hold" if knob.kind == "bool" else "linear")
        return self.with_setting(knob, start.with_key(frame, value))

    def without_key(self, knob: Knob, frame: int) -> Document:
        """No key on this frame; the last one's value stays."""
        setting = self.setting(knob)
        if not isinstance(setting, Curve):
            return self
        left = setting.without_key(frame)
        return self.with_setting(knob, left if left.keys else curves.value_at(setting, frame, knob.kind))

    def with_option(self, knob: Knob, value: Value) -> Document:
        """A job option set."""
        return replace(self, options=_with(self.options, knob, value))

    def with_input(self, name: str, path: str) -> Document:
        """An input set, or taken away by an empty path."""
        others = {each: given for each, given in self.inputs.items() if each != name}
        return replace(self, inputs={**others, name: path} if path else others)

    def job(self, node: Node, *, mask: str = "") -> dict[str, Any]:
        """The job as its file holds it; `mask` stands in for a drawn one. Knobs of other generators stay out."""
        known = {knob.name for knob in node.knobs(self.generator)}
        inputs = {name: mask if path == PAINTED else path for name, path in self.inputs.items()}
        return {
            "replate": FORMAT,
            "node": self.node,
            "inputs": {name: path for name, path in inputs.items() if path and _takes(node, self.generator, name)},
            "output": self.output,
            "frames": self.frames,
            "generator": self.generator,
            "params": {name: curves.to_data(each) for name, each in self.settings.items() if name in known},
            "options": dict(self.options),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Document:
        """From a job's data, with what `to_data` adds. Raises ValueError for what is no job."""
        if data.get("replate") != FORMAT or not isinstance(data.get("node"), str):
            raise ValueError('a job has "replate": 1 and a node')
        try:
            return cls(
                node=data["node"],
                generator=str(data.get("generator", "")),
                inputs={name: str(path) for name, path in data.get("inputs", {}).items()},
                settings={name: curves.from_data(value) for name, value in data.get("params", {}).items()},
                options={name: curves.plain(value) for name, value in data.get("options", {}).items()},
                output=str(data.get("output", "")),
                frames=str(data.get("frames", "")),
                painting=Painting.of(data.get("painting", {})),
            )
        except (TypeError, KeyError, AttributeError, OverflowError) as error:
            raise ValueError(f"it is damaged: {error}") from error

    def to_data(self) -> dict[str, Any]:
        """Everything, to go on with at another time: a job, with the strokes beside it."""
        settings = {name: curves.to_data(setting) for name, setting in self.settings.items()}
        data = {name: getattr(self, name) for name in ("node", "generator", "output", "frames")}
        data |= {"replate": FORMAT, "inputs": dict(self.inputs), "options": dict(self.options), "params": settings}
        return {**data, "painting": self.painting.to_data()}


def _with(settings: Mapping[str, Any], knob: Knob, setting: Any) -> dict[str, Any]:
    others = {name: value for name, value in settings.items() if name != knob.name}
    return others if setting == knob.default else {**others, knob.name: setting}


def _takes(node: Node, generator: str, name: str) -> bool:
    return any(entry.name == name for entry in node.pipes(generator))
