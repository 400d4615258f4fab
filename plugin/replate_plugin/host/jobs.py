"""A host's settings as the job that the service, the command line and the farm understand; standard library only.

    values = {knob.identifier: sampled(knob, host_value, frames) for knob in node.knobs(generator)}
    job = make(node, generator=generator, inputs=inputs, output=output, frames=frames, values=values)

An animated knob is asked for its value at every frame that is wanted, and becomes keys at these frames. Between them
nobody looks, so whatever interpolates in the host, every frame gets the host's own value.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..errors import ServiceError
from .declared import Knob, Node, Value

__all__ = ["Job", "at", "make", "numbers", "ranges", "runs", "sampled", "shortest"]

Job = dict[str, Any]
FORMAT = 1  # of the job file, see replate/job.py

_PLAIN = {"float": float, "int": round, "bool": bool, "choice": str, "text": str}


def make(
    node: Node,
    *,
    inputs: Mapping[str, str],
    output: str,
    frames: Iterable[int],
    generator: str = "",
    values: Mapping[str, Any] | None = None,
    options: Mapping[str, Value] | None = None,
) -> Job:
    """The job. `values` are those of `sampled`, by identifier; knobs of other generators are left out, and so is what
    holds its default. `options` go by name; empty inputs count as not there."""
    job: Job = {
        "replate": FORMAT,
        "node": node.name,
        "inputs": {name: path for name, path in inputs.items() if path},
        "output": output,
        "frames": ranges(frames),
        "params": _changed(node.knobs(generator), values or {}),
        "options": _changed(node.options, {_identifier(name): value for name, value in (options or {}).items()}),
    }
    return {**job, "generator": generator} if generator else job


def _changed(knobs: Iterable[Knob], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are not the default's, by name."""
    present = ((knob, values[knob.identifier]) for knob in knobs if knob.identifier in values)
    return {knob.name: value for knob, value in present if value != knob.default}


def _identifier(name: str) -> str:
    return name.replace(".", "_")


def sampled(knob: Knob, at: Callable[[int], Value], frames: Sequence[int]) -> Any:
    """What a knob is over `frames`: one value, or keys where it changes. `at` gives the host's value at a frame.

    Raises ServiceError where a knob changes that cannot be keyed.
    """
    values = [_PLAIN[knob.kind](at(frame)) for frame in frames]  # type: ignore[operator]
    if all(value == values[0] for value in values):
        return values[0]
    if not knob.keyable or knob.kind in ("choice", "text"):
        raise ServiceError(
            f"'{knob.title}' changes over the frames and cannot; give it one value", exit_code=2, parameter=knob.name
        )
    keys = sorted(zip(frames, (float(value) for value in values), strict=True))
    return {"keys": [list(key) for key in _needed(keys)], "interpolation": "linear"}


def _needed(keys: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Keys without those between two of the same value."""
    inner = zip(keys, keys[1:], keys[2:], strict=False)
    return [keys[0], *(key for before, key, after in inner if not before[1] == key[1] == after[1]), keys[-1]]


def at(setting: Any, frame: int) -> Value:
    """A setting of a job made here, at one of its frames."""
    if not isinstance(setting, dict):
        value: Value = setting
        return value
    keys = setting["keys"]
    following = [value for number, value in keys if number >= frame]
    return float(following[0] if following else keys[-1][1])


def shortest(value: float) -> float:
    """The shortest decimal number that single precision keeps as it keeps `value`: 0.8 for 0.800000011920929.

    Hosts that keep knobs in single precision would else mean other numbers than what the artist typed.
    """
    kept = _single(value)
    return next((number for digits in range(1, 10) if _single(number := float(f"{value:.{digits}g}")) == kept), value)


def _single(value: float) -> bytes:
    return struct.pack("f", value)


def ranges(frames: Iterable[int]) -> str:
    """Frame numbers in their order as a job writes them: 1001-1100,1110."""
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs(frames))


def runs(frames: Iterable[int]) -> list[tuple[int, int]]:
    """Frame numbers in their order, as first and last of those that follow each other."""
    found: list[tuple[int, int]] = []
    for frame in frames:
        if found and frame == found[-1][1] + 1:
            found[-1] = (found[-1][0], frame)
        else:
            found.append((frame, frame))
    return found


def numbers(text: str) -> tuple[int, ...]:
    """The frame numbers of a range as `ranges` and the service write it: `1-9x2,12`; empty for an empty text.

    Raises ServiceError for anything else.
    """
    try:
        parts = text.replace(",", " ").split()
        return tuple(dict.fromkeys(number for part in parts for number in _part(part)))
    except ValueError:
        raise ServiceError(f"'{text}' is no frame range; write it as 1001-1100 or 1,5,9", exit_code=2) from None


def _part(text: str) -> range:
    body, _, step = text.partition("x")
    cut = body.find("-", 1)
    first, last = (int(body), int(body)) if cut < 0 else (int(body[:cut]), int(body[cut + 1 :]))
    stride = int(step or 1) * (1 if last >= first else -1)
    return range(first, last + (1 if stride > 0 else -1), stride)
