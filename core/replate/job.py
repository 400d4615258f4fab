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

from .errors import InputError, OutputError, UsageError
from .params import Curve, Param, Setting, check_settings, nearest

__all__ = ["OF_PLATE", "OPTIONS", "SHOWN", "Job"]

OF_PLATE = "plate:"
"""How an input names a channel of the plate in place of a file, as in plate:A."""

FORMAT = 1  # raised when an older Replate could no longer read the file

OPTIONS: tuple[Param, ...] = (
    Param(
        name="color_space",
        kind="text",
        default="",
        section="Input",
        keyable=False,
        help="Colour space of the plate, as in OCIO; empty: what the file says, else its usual one.",
    ),
    Param(
        name="ocio",
        kind="text",
        default="",
        section="Input",
        keyable=False,
        help="OCIO configuration: a file or a built-in ocio://name; empty: what $OCIO says, else ACES.",
    ),
    Param(
        name="layer",
        kind="text",
        default="",
        section="Input",
        keyable=False,
        help="Layer of the plate to work on, as diffuse; empty: its main picture.",
    ),
    Param(
        name="view",
        kind="text",
        default="",
        section="Input",
        keyable=False,
        help="View to work on, as left; empty: every view that the plate has.",
    ),
    Param(
        name="stereo",
        kind="choice",
        default="off",
        choices=("off", "side-by-side", "top-bottom"),
        section="Input",
        keyable=False,
        help="How two eyes share one picture; views in an EXR or in separate files (%V) are found without it.",
    ),
    Param(
        name="projection",
        kind="choice",
        default="flat",
        choices=("flat", "equirect"),
        section="Input",
        keyable=False,
        help="equirect: a 360-degree panorama, whose left and right edges meet.",
    ),
    Param(
        name="missing",
        kind="choice",
        default="error",
        choices=("error", "skip", "hold", "black"),
        section="Input",
        keyable=False,
        help="What to do about frames that the sequence lacks.",
    ),
    Param(
        name="tile",
        kind="text",
        default="auto",
        section="Quality",
        keyable=False,
        help="Tile size in pixels, 'auto' (by the memory at hand) or 'off'.",
    ),
    Param(
        name="device",
        kind="text",
        default="auto",
        section="Device",
        keyable=False,
        help="auto, cpu, cuda or cuda:N; a device asked for by name is never silently replaced.",
    ),
    Param(
        name="threads",
        kind="int",
        default=0,
        minimum=0,
        maximum=256,
        section="Device",
        keyable=False,
        help="CPU threads for the generator; 0 takes all cores but one, which reads and writes.",
    ),
    Param(
        name="compression",
        kind="text",
        default="",
        section="Output",
        keyable=False,
        help="Compression of the output file (zip, dwaa, ...); empty: the plate's own.",
    ),
    Param(
        name="bits",
        kind="int",
        default=0,
        minimum=0,
        maximum=32,
        section="Output",
        keyable=False,
        help="Bits a channel in the output file (8, 10, 12, 16, 32: what it can hold); 0: as the plate.",
    ),
    Param(
        name="display",
        kind="text",
        default="",
        section="Output",
        keyable=False,
        help="DISPLAY/VIEW that shows scene light in movies and pictures; empty: the usual view of an sRGB screen.",
    ),
    Param(
        name="overwrite",
        kind="bool",
        default=False,
        section="Output",
        keyable=False,
        help="Render frames again that are already done with the same settings.",
    ),
)

SHOWN = ("layer", "view", "stereo", "projection", "compression", "bits", "display")
"""The options that show in the output, so that frames made with others are made again; spaces are looked at apart."""


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
                name: path if path.startswith(OF_PLATE) else str(folder / path) for name, path in self.inputs.items()
            },
            output=str(folder / self.output),
            options=options,
            generator=str(folder / Path(self.generator).expanduser()) if is_path(self.generator) else self.generator,
        )

    @classmethod
    def load(cls, path: Path) -> Job:
        """Read a job file; relative paths in it start from its folder. Raises InputError or UsageError."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"job file {path} cannot be read: {error}", path=path) from None
        except ValueError as error:
            raise UsageError(f"job file {path} is not valid JSON: {error}", path=path) from None
        return cls.from_data(data, where=path)

    @classmethod
    def from_data(cls, data: Any, *, where: Path) -> Job:
        """A job from parsed JSON; `where` is named in errors and its folder anchors relative paths."""
        _check_shape(data, where)
        try:
            data["params"] = {name: _setting_from_json(value) for name, value in data.get("params", {}).items()}
        except (TypeError, ValueError):
            raise UsageError(f"job file {where}: a keyframed parameter needs 'keys' of [frame, value] pairs") from None
        job = cls(**{name: value for name, value in data.items() if name != "replate"})
        return job.checked().anchored(where.absolute().parent)


_OPTION = {param.name: param for param in OPTIONS}
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
