"""A job: everything that a render needs, as one JSON file.

The panel, a host, the command line and the farm all produce and consume this file, so what an artist saw in the
preview is what the farm renders.

    {"replate": 1, "node": "style", "generator": "painted", "inputs": {"plate": "/shots/a.%04d.exr"},
     "output": "/out/a.%04d.exr", "frames": "1001-1100x2",
     "params": {"mix": 0.8, "strength": {"keys": [[1001, 0], [1050, 1]], "interpolation": "linear"}},
     "options": {"tile": "auto"}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from . import jsontext
from .errors import InputError, OutputError, UsageError, reason
from .options import OPTIONS
from .params import Curve, Setting, check_settings, nearest

__all__ = ["BLANK", "OF_PLATE", "Job"]

OF_PLATE = "plate:"
"""How an input names a channel of the plate in place of a file, as in plate:A."""

BLANK = "blank:"
"""How an input begins that is an empty plate of a size in place of a file, as in blank:1920x1080."""

FORMAT = 1  # raised when an older Replate could no longer read the file


@dataclass(frozen=True, kw_only=True)
class Job:
    """One node over one shot. `frames` empty means the whole shot; `generator` empty means the node's default."""

    node: str
    inputs: Mapping[str, str]
    output: str
    frames: str = ""
    generator: str = ""
    params: Mapping[str, Setting] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def option(self, name: str) -> Any:
        """An option's value, or its declared default."""
        return self.options.get(name, _OPTION[name].default)

    def checked(self) -> Job:
        """The same job with its options checked; raises UsageError for an unknown one or a bad value."""
        options = check_settings(OPTIONS, self.options)
        tile = str(options.get("tile", "auto"))
        if tile not in ("auto", "off") and not (tile.isdecimal() and int(tile) >= 16):
            raise UsageError(f"tile must be auto, off or a size of at least 16 pixels, not '{tile}'", parameter="tile")
        return replace(self, options=options)

    def to_json(self) -> str:
        """The job as JSON text."""
        data: dict[str, Any] = {"replate": FORMAT}
        data |= {item.name: getattr(self, item.name) for item in fields(self)}
        data["params"] = {name: _setting_to_json(setting) for name, setting in self.params.items()}
        return json.dumps(data, indent=2, default=dict) + "\n"

    def save(self, path: Path) -> None:
        """Write the job with absolute paths, so that it means the same on every machine that sees them."""
        try:
            path.write_text(self.anchored(Path.cwd()).to_json(), encoding="utf-8")
        except OSError as error:
            message = f"the job file {path} cannot be written: {error.strerror}; choose another place for it"
            raise OutputError(message, path=path) from error

    def anchored(self, folder: Path) -> Job:
        """The job with its relative paths starting from `folder`."""
        from .catalogue import is_path

        ocio = str(self.options.get("ocio", ""))
        options = {**self.options, "ocio": str(folder / ocio)} if ocio and "://" not in ocio else self.options
        return replace(
            self,
            inputs={
                name: path if path.startswith((OF_PLATE, BLANK)) else str(folder / path)
                for name, path in self.inputs.items()
            },
            output=str(folder / self.output),
            options=options,
            generator=str(folder / Path(self.generator).expanduser()) if is_path(self.generator) else self.generator,
        )

    @classmethod
    def load(cls, path: Path) -> Job:
        """Read a job file; relative paths in it start from its folder. Raises InputError or UsageError."""
        try:
            data = jsontext.parse(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"job file {path} cannot be read: {reason(error)}; check the path", path=path) from None
        except ValueError as error:
            raise UsageError(f"job file {path} is not valid JSON: {error}", path=path) from None
        return cls.from_data(data, where=path)

    @classmethod
    def from_data(cls, data: Any, *, where: Path) -> Job:
        """A job from parsed JSON; `where` is named in errors and its folder anchors relative paths."""
        _check_shape(data, where)
        try:
            data["params"] = {name: _setting_from_json(value) for name, value in data.get("params", {}).items()}
        except (TypeError, ValueError, LookupError, OverflowError):
            raise UsageError(f"job file {where}: a keyframed parameter needs 'keys' of [frame, value] pairs") from None
        job = cls(**{name: value for name, value in data.items() if name != "replate"})
        return job.checked().anchored(where.absolute().parent)


_OPTION = {param.name: param for param in OPTIONS}
_LONGEST = 4096  # characters of a path
_SHAPES = {"node": str, "inputs": dict, "output": str, "frames": str, "generator": str, "params": dict, "options": dict}


def _check_shape(data: Any, where: Path) -> None:
    if not isinstance(data, dict) or data.get("replate") != FORMAT:
        raise UsageError(f'job file {where} is not a Replate job of format {FORMAT}; it needs "replate": {FORMAT}')
    for name, value in data.items():
        if name != "replate" and name not in _SHAPES:
            raise UsageError(f"job file {where}: unknown entry '{name}'{nearest(name, _SHAPES)}")
        if name != "replate" and not isinstance(value, _SHAPES[name]):
            raise UsageError(f"job file {where}: '{name}' must be a {_SHAPES[name].__name__}")
    for name in ("node", "inputs", "output"):
        if name not in data:
            raise UsageError(f"job file {where}: entry '{name}' is missing; add it")
    if not all(isinstance(path, str) for path in data["inputs"].values()):
        raise UsageError(f"job file {where}: every entry of 'inputs' must be a path")
    longest = max(map(len, (*data["inputs"].values(), data["output"], data.get("generator", ""))))
    if longest > _LONGEST:
        raise UsageError(f"job file {where}: a path has {longest} characters, more than a system takes; shorten it")


def _setting_to_json(setting: Setting) -> Any:
    if not isinstance(setting, Curve):
        return setting
    return {"keys": [list(key) for key in setting.keys], "interpolation": setting.interpolation}


def _setting_from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    interpolation = value.get("interpolation", "linear")
    if interpolation not in ("linear", "smooth", "hold"):
        raise UsageError(f"interpolation must be linear, smooth or hold, not {interpolation!r}")
    return Curve(tuple((float(frame), float(number)) for frame, number in value["keys"]), interpolation)
