"""Typed job parameters of Open Job Description, derived from the declarations of node, options and inputs."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count
from typing import Any

from ..params import Curve, Param, Setting, Value, format_setting

__all__ = [
    "MOST_PARAMETERS",
    "JobParameter",
    "choice",
    "fits",
    "identifier",
    "knob",
    "one_line",
    "path",
    "text",
    "whole",
]

MOST_PARAMETERS = 50
_LONGEST_VALUE = 1024
_LONGEST_NAME = 64
_LONGEST_LABEL = 64
_LONGEST_HELP = 2048
# The limits above are those of the 2023-09 specification without extensions.

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # and what is no character: bytes that are not UTF-8


@dataclass(frozen=True, kw_only=True)
class JobParameter:
    """A parameter as the template defines it, and the job's `value`, which need not be the `default`.

    Without a default a value must be given, as with paths: defaults may only be relative ones.
    """

    name: str
    type: str
    value: Value
    default: Value | None = None
    help: str = ""
    label: str = ""
    group: str = ""
    control: str = ""
    hints: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The format string that stands for the value in a command."""
        return f"{{{{Param.{self.name}}}}}"

    def definition(self) -> dict[str, Any]:
        """The parameter as an entry of `parameterDefinitions`."""
        shown = {"control": self.control, "label": self.label, "groupLabel": self.group}
        interface = {name: one_line(text)[:_LONGEST_LABEL] for name, text in shown.items() if text}
        described = {"description": one_line(self.help)[:_LONGEST_HELP]} if self.help else {}
        return {
            "name": self.name,
            "type": self.type,
            **described,
            **self.limits,
            **({} if self.default is None else {"default": self.default}),
            "userInterface": {**interface, **self.hints},
        }


def identifier(name: str, taken: Collection[str]) -> str:
    """`name` as an identifier of the specification that is none of `taken`: `mask.grow` becomes mask_grow."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    plain = plain if re.match(r"[A-Za-z_]", plain) else f"_{plain}"
    endings = ("" if number == 1 else f"_{number}" for number in count(1))
    tried = (plain[: _LONGEST_NAME - len(ending)] + ending for ending in endings)
    return next(each for each in tried if each not in taken)


def one_line(text: str) -> str:
    """Text without the control characters that no place in a template allows."""
    return _CONTROL.sub(" ", text)


def fits(text: str) -> bool:
    """Whether a value can be a job parameter; longer ones stay in the job file."""
    return len(text) <= _LONGEST_VALUE and not _CONTROL.search(text)


def text(name: str, value: str, **shown: Any) -> JobParameter:
    """A line to type in."""
    return JobParameter(name=name, type="STRING", value=value, control="LINE_EDIT", **shown)


def choice(name: str, value: str, choices: Iterable[str], **shown: Any) -> JobParameter:
    """One of several words."""
    limits = {"allowedValues": list(choices)}
    return JobParameter(name=name, type="STRING", value=value, control="DROPDOWN_LIST", limits=limits, **shown)


def whole(name: str, value: int, *, minimum: float | None, maximum: float | None = None, **shown: Any) -> JobParameter:
    """A whole number."""
    limits = _limits(minimum, maximum, int)
    return JobParameter(name=name, type="INT", value=value, control="SPIN_BOX", limits=limits, **shown)


def path(name: str, value: str, *, kind: str, flow: str, filters: Iterable[str] = (), **shown: Any) -> JobParameter:
    """A FILE or DIRECTORY that flows IN, OUT, or with NONE stays where it is; `filters` are endings, as in .onnx."""
    controls = {("FILE", "OUT"): "CHOOSE_OUTPUT_FILE", ("FILE", "IN"): "CHOOSE_INPUT_FILE"}
    patterns = [f"*{ending}" for ending in filters]
    return JobParameter(
        name=name,
        type="PATH",
        value=value,
        control=controls.get((kind, flow), "CHOOSE_DIRECTORY"),
        limits={"objectType": kind, "dataFlow": flow},
        hints={"fileFilters": [{"label": " ".join(patterns), "patterns": patterns}]} if patterns else {},
        **shown,
    )


def knob(param: Param, setting: Setting, name: str) -> JobParameter | None:
    """The job parameter for a setting of a declared parameter; None where its text is too long for one."""
    shown: dict[str, Any] = {
        "help": f"{param.help} [{param.allowed}]",
        "label": f"{param.title} ({param.unit})" if param.unit else param.title,
        "group": param.section,
        "default": param.default,
    }
    if isinstance(setting, Curve):
        shown["help"] += " Keys: VALUE@FRAME,VALUE@FRAME, then :smooth or :hold if not linear."
        shown["default"] = format_setting(param.default)
        made = text(name, format_setting(setting), **shown)
    else:
        made = _KNOBS[param.kind](param, setting, name, shown)
    return made if all(map(fits, (str(made.value), *param.choices))) else None


def _text(param: Param, value: Any, name: str, shown: dict[str, Any]) -> JobParameter:
    return text(name, value, **shown)


def _choice(param: Param, value: Any, name: str, shown: dict[str, Any]) -> JobParameter:
    return choice(name, value, param.choices, **shown)


def _check_box(param: Param, value: Any, name: str, shown: dict[str, Any]) -> JobParameter:
    shown["default"] = format_setting(param.default)
    box = choice(name, format_setting(value), ("true", "false"), **shown)
    return replace(box, control="CHECK_BOX")


def _whole(param: Param, value: Any, name: str, shown: dict[str, Any]) -> JobParameter:
    return whole(name, value, minimum=param.minimum, maximum=param.maximum, **shown)


def _number(param: Param, value: Any, name: str, shown: dict[str, Any]) -> JobParameter:
    step = _step(param)
    hints = {"decimals": max(_decimals(step), _decimals(value), 1), "singleStepDelta": step}
    limits = _limits(param.minimum, param.maximum, float)
    return JobParameter(name=name, type="FLOAT", value=value, control="SPIN_BOX", limits=limits, hints=hints, **shown)


_KNOBS = {"text": _text, "choice": _choice, "bool": _check_box, "int": _whole, "float": _number}


def _limits(minimum: float | None, maximum: float | None, kind: type[int] | type[float]) -> dict[str, Any]:
    known = {"minValue": minimum, "maxValue": maximum}
    return {name: kind(value) for name, value in known.items() if value is not None}


def _step(param: Param) -> float:
    """About a hundredth of what a slider spans, as a power of ten; or of the default where it has no end."""
    low, high = param.soft or (param.minimum, param.maximum)
    span = float(param.default) * 10 if low is None or high is None else high - low
    return float(f"1e{round(math.log10(abs(span) / 100))}") if span else 0.1


def _decimals(number: float) -> int:
    """Places behind the point that show the number as it is; a form that has fewer would round it."""
    exponent = Decimal(repr(float(number))).normalize().as_tuple().exponent
    return max(0, -int(exponent))
