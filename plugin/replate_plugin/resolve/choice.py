"""What the artist wants of a node: generator, knobs, where results go. Kept in a file from one time to the next."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ..errors import ServiceError
from ..host.declared import Node

__all__ = ["PLACES", "Choice", "preset"]

PLACES = {"track": "on a new track above", "take": "as a take of the clip"}
"""Where a result can go, and how that is said."""


@dataclass
class Choice:
    """`inputs` are files beside the plate, as a mask, and belong to the file `clip`; empty: to any. `knobs` and
    `options` go by name; `folder` may be empty.

    Knobs that are not there have their defaults. One may hold keys, {"keys": [[frame, value], ...]}, in frames of the
    clip's file.
    """

    generator: str = ""
    place: str = "track"
    folder: str = ""
    clip: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    knobs: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, node: Node) -> Choice:
        """That of the last time, or of the file that somebody wrote. Raises ServiceError where it makes no sense."""
        path = preset(node)
        if not path.is_file():
            return cls(generator=node.default_generator)
        try:
            found = cls.of(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ServiceError(
                f"{path} cannot be read ({error}); put it right, or delete it", path=str(path)
            ) from error
        if found.place not in PLACES:
            raise ServiceError(f"{path}: 'place' must be track or take, not '{found.place}'", path=str(path))
        return found

    @classmethod
    def of(cls, data: Any) -> Choice:
        """From parsed JSON. Raises TypeError or ValueError."""
        if not isinstance(data, Mapping) or data.keys() - {item.name for item in fields(cls)}:
            raise ValueError(f"it holds {', '.join(item.name for item in fields(cls))}, and nothing else")
        return cls(**data)

    def for_clip(self, path: str) -> Choice:
        """The same for a clip of this file: files that belong to another's frames are left out."""
        if self.clip in ("", path):
            return self
        return replace(self, inputs={name: given for name, given in self.inputs.items() if given.startswith("plate:")})

    def save(self, node: Node) -> Path:
        """Keep it for the next time; where it is. That it cannot be kept is no reason to stop."""
        path = preset(node)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        except OSError:
            pass
        return path

    def values(self, node: Node) -> dict[str, Any]:
        """Knobs as `jobs.make` takes them, by identifier. Raises ServiceError for one that there is not."""
        known = {knob.name: knob for knob in node.every_knob}
        unknown = sorted(self.knobs.keys() - known.keys())
        if unknown:
            raise ServiceError(f"{node.title} has no knob '{unknown[0]}'; delete it from {preset(node)}", exit_code=2)
        return {known[name].identifier: value for name, value in self.knobs.items()}


def preset(node: Node) -> Path:
    """The file for a node: in $REPLATE_PRESETS, else .replate in the user's home."""
    folder = os.environ.get("REPLATE_PRESETS")
    return (Path(folder) if folder else Path.home() / ".replate") / f"resolve-{node.name}.json"
