"""Presets: settings of a node and its generator under a name, each a file that can be given to others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...host.declared import Knob, Node
from .curves import Curve, Setting, from_data, to_data
from .document import Document
from .home import read_json, write_json

__all__ = ["Preset", "Presets", "fits", "looks_like_preset"]

FORMAT = 1
DEFAULT = "default of"


@dataclass(frozen=True)
class Preset:
    """`settings` by name, for a node; empty `generator`: for any."""

    name: str
    node: str
    generator: str
    settings: Mapping[str, Setting]

    @classmethod
    def of(cls, document: Document, name: str) -> Preset:
        """What the knobs of a document say."""
        return cls(name, document.node, document.generator, dict(document.settings))

    def on(self, document: Document, node: Node) -> tuple[Document, tuple[str, ...]]:
        """The document with these settings, and the names of those that the node does not have or cannot hold."""
        generator = self.generator if node.generator(self.generator) else document.generator
        knobs = {knob.name: knob for knob in node.knobs(generator)}
        good = {name: each for name, each in self.settings.items() if name in knobs and fits(knobs[name], each)}
        left_out = tuple(name for name in self.settings if name not in good)
        return replace(document, generator=generator, settings=good), left_out

    def to_data(self) -> dict[str, Any]:
        """As its file holds it."""
        params = {name: to_data(setting) for name, setting in self.settings.items()}
        return {
            "replate_preset": FORMAT,
            "name": self.name,
            "node": self.node,
            "generator": self.generator,
            "params": params,
        }


class Presets:
    """The presets in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self, node: str) -> list[str]:
        """Those of a node, by name."""
        found = (read(path) for path in self.folder.glob("*.json"))
        return sorted(each.name for each in found if each and each.node == node and not each.name.startswith(DEFAULT))

    def load(self, node: str, name: str) -> Preset | None:
        """One by its name."""
        return read(self._path(node, name))

    def save(self, preset: Preset, path: Path | None = None) -> None:
        """Keep it, or write it to a file of somebody's choice. Raises OSError."""
        write_json(path or self._path(preset.node, preset.name), preset.to_data())

    def remove(self, node: str, name: str) -> None:
        """Forget one."""
        self._path(node, name).unlink(missing_ok=True)

    def bring(self, path: Path) -> Preset:
        """Keep a preset from a file. Raises ValueError where it is none."""
        preset = read(path)
        if preset is None:
            raise ValueError(f"{path} is no preset; choose a file that was saved as one")
        self.save(preset)
        return preset

    def default_name(self, generator: str) -> str:
        """Under which name the settings are kept that a generator begins with."""
        return f"{DEFAULT} {generator}"

    def _path(self, node: str, name: str) -> Path:
        return self.folder / f"{node}-{re.sub(r'[^A-Za-z0-9 ._-]', '_', name)}.json"


def read(path: Path) -> Preset | None:
    """A preset from a file, None where there is none."""
    data = read_json(path)
    if not looks_like_preset(data):
        return None
    try:
        settings = {str(name): from_data(each) for name, each in data.get("params", {}).items()}
    except (ValueError, AttributeError):
        return None
    return Preset(str(data.get("name", path.stem)), str(data["node"]), str(data.get("generator", "")), settings)


def looks_like_preset(data: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a preset."""
    return data.get("replate_preset") == FORMAT and isinstance(data.get("node"), str)


_KINDS: Mapping[str, tuple[type, ...]] = {
    "float": (int, float),
    "int": (int,),
    "bool": (bool,),
    "choice": (str,),
    "text": (str,),
}


def fits(knob: Knob, setting: Setting) -> bool:
    """Whether a knob can hold this: its kind, its limits, keys only where it takes them."""
    if isinstance(setting, Curve):
        return knob.keyable and knob.kind in ("float", "int", "bool")
    kinds = _KINDS[knob.kind]
    if not isinstance(setting, kinds) or (isinstance(setting, bool) and knob.kind != "bool"):
        return False
    if knob.kind == "choice":
        return setting in knob.choices
    if isinstance(setting, str):
        return True
    low, high = knob.minimum, knob.maximum
    return (low is None or setting >= low) and (high is None or setting <= high)
