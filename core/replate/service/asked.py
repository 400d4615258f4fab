"""What a message says under a name, of the right kind; UsageError says what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..catalogue import find
from ..errors import UsageError
from ..job import Job
from ..network.onnxfile import read_card
from ..nodes import node_for, node_named
from ..params import with_defaults
from .wire import Message

__all__ = ["folder", "job", "mapping", "number", "offsets", "text", "texts", "whole", "width"]


def text(message: Message, name: str) -> str:
    """A text in a message, empty where there is none."""
    value = message.get(name, "")
    if not isinstance(value, str):
        raise UsageError(f"'{name}' in a message must be text, not {value!r}")
    return value


def whole(message: Message, name: str) -> int:
    """A whole number in a message, 0 where there is none."""
    value = message.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool):
        raise UsageError(f"'{name}' in a message must be a whole number, not {value!r}")
    return value


def width(message: Message) -> int:
    """How wide a picture may be, 0 where it is as wide as it is."""
    return max(0, whole(message, "width"))


def number(message: Message, name: str, otherwise: float) -> float:
    """A number in a message."""
    value = message.get(name, otherwise)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise UsageError(f"'{name}' in a message must be a number, not {value!r}")
    return float(value)


def mapping(message: Message, name: str) -> dict[str, Any]:
    """An object in a message."""
    value = message.get(name)
    if not isinstance(value, dict):
        raise UsageError(f"'{name}' in a message must be an object, not {value!r}")
    return value


def texts(message: Message, name: str) -> list[str]:
    """A list of texts in a message, empty where there is none."""
    value = message.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UsageError(f"'{name}' in a message must be a list of texts, not {value!r}")
    return value


def job(message: Message) -> Job:
    """The job as the client means it: what its environment says of paths, generators and colour counts."""
    where = folder(message)
    asked = Job.from_data(message.get("job"), where=where / "job")
    generator = find(node_named(asked.node).generator_named(asked.generator), text(message, "generators"))
    ocio = asked.option("ocio") or text(message, "ocio")
    return replace(asked, generator=str(generator), options={**asked.options, "ocio": ocio}).anchored(where)


def offsets(job: Job) -> list[int]:
    """The frames around one that the job's node looks at, from 0; the node's default settings where there are none."""
    card = read_card(Path(job.generator))
    kind = node_for(job.node, card) if card else node_named(job.node)
    return list(kind.offsets(with_defaults(kind.params_with(card) if card else kind.params, job.params)))


def folder(message: Message) -> Path:
    """Where the client's relative paths begin."""
    return Path(text(message, "folder") or "/")
