"""The declarations, read: those of `replate nodes --json`; standard library only.

They are the service's, or a file beside a copy of this package, so that a host can build its menu before anything runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..client import Service
from ..errors import ServiceError
from ..starting import answer
from .declared import Declared, Generator, Input, Knob, Node

__all__ = ["RECORD", "load", "read"]

RECORD = Path(__file__).parents[1] / "declarations.json"
"""Beside a copy of this package in a host's folder: what `replate nodes --json` said when it was copied."""

Data = Mapping[str, Any]


def load(service: Service | None = None) -> Declared:
    """What the service says; without one, what lies beside the package, or what the checkout around it says.

    Raises ServiceError where that cannot be read.
    """
    if service is not None:
        return read(service.nodes())
    try:
        return read(json.loads(RECORD.read_text(encoding="utf-8") if RECORD.is_file() else answer("nodes", "--json")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ServiceError(f"the plug-in's {RECORD} cannot be read ({error}); install the plug-in again") from error


def read(data: Data) -> Declared:
    """The declarations from parsed JSON."""
    return Declared(
        tuple(_node(node, data) for node in data["nodes"]), tuple(data.get("problems", ())), str(data.get("own", ""))
    )


def _node(data: Data, everything: Data) -> Node:
    generators = [_generator(each) for each in everything["generators"] if each["node"] == data["name"]]
    return Node(
        name=data["name"],
        title=data["title"],
        help=data["help"],
        default_generator=data["default_generator"],
        inputs=tuple(map(_input, data["inputs"])),
        params=tuple(map(_knob, data["params"])),
        options=tuple(map(_knob, everything["options"])),
        generators=tuple(generators),
    )


def _input(data: Data) -> Input:
    marks = {name: bool(data.get(name)) for name in ("required", "sparse", "window", "free")}
    return Input(name=data["name"], title=data["name"].capitalize(), help=data["help"], **marks)


def _generator(data: Data) -> Generator:
    return Generator(
        name=data["name"],
        title=data["title"],
        node=data["node"],
        path=data["path"],
        licence=data["licence"],
        commercial_use=bool(data["commercial_use"]),
        params=tuple(map(_knob, data["params"])),
        inputs=tuple(map(_input, data["inputs"])),
    )


def _knob(data: Data) -> Knob:
    soft = data["soft"]
    return Knob(
        name=data["name"],
        identifier=re.sub(r"\W", "_", data["name"]),
        kind=data["kind"],
        default=data["default"],
        title=data["title"],
        help=data["help"],
        minimum=data["minimum"],
        maximum=data["maximum"],
        soft=None if soft is None else (soft[0], soft[1]),
        choices=tuple(data["choices"]),
        unit=data["unit"],
        section=data["section"],
        keyable=bool(data["keyable"]),
    )
