"""Steps and parameters as an Open Job Description template (2023-09, with the extension TASK_CHUNKING)."""

from __future__ import annotations

import re
from typing import Any

from .parameters import one_line
from .steps import SERVICE, Farm, Step

__all__ = ["VERSION", "template"]

VERSION = "jobtemplate-2023-09"

_LONGEST_NAME = 128
_CANCEL = {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": 30}
"""Time for the frame in hand to be put away; what it had written under a hidden name is removed."""

_WARM_UP = 600  # seconds in which a network from a slow disk is loaded
_COOL_DOWN = 60

Data = dict[str, Any]


def template(farm: Farm) -> Data:
    """The template as plain data, to be written as JSON or YAML."""
    chunked = any(step.chunked for step in farm.steps)
    return {
        "specificationVersion": VERSION,
        **({"extensions": ["TASK_CHUNKING"]} if chunked else {}),
        "name": _name(farm.name),
        "parameterDefinitions": [parameter.definition() for parameter in farm.parameters],
        "jobEnvironments": [_colour(farm)],
        "steps": [_step(step, farm) for step in farm.steps],
    }


def _name(text: str) -> str:
    """A job's name, which the engine shows; braces in it would be a format string."""
    plain = re.sub(r"([{}])(?=\1)", r"\1 ", one_line(text))
    return plain[:_LONGEST_NAME].strip() or "Replate"


def _step(step: Step, farm: Farm) -> Data:
    made: Data = {"name": step.name}
    if step.after:
        made["dependencies"] = [{"dependsOn": name} for name in step.after]
    if step.gpu:
        made["hostRequirements"] = {"amounts": [{"name": "amount.worker.gpu", "min": 1}]}
    if step.chunked:
        made["parameterSpace"] = {"taskParameterDefinitions": [_frames(farm)]}
    if step.warm:
        made["stepEnvironments"] = [_warm_service()]
    run = {**_action(*step.words, timeout=farm.timeout), "cancelation": _CANCEL}
    return {**made, "script": {"actions": {"onRun": run}}}


def _frames(farm: Farm) -> Data:
    return {
        "name": "Frame",
        "type": "CHUNK[INT]",
        "range": "{{Param.frames}}",
        "chunks": {
            "defaultTaskCount": "{{Param.chunk}}",
            "targetRuntimeSeconds": "{{Param.chunk_seconds}}",
            # A contiguous chunk shares the neighbours of its frames, but would be one frame where they are on twos.
            "rangeConstraint": "CONTIGUOUS" if farm.unbroken else "NONCONTIGUOUS",
        },
    }


def _colour(farm: Farm) -> Data:
    """Every step sees the configuration that the job was made with, and none where there was none."""
    here = "{{Param.ocio}}" if "ocio" in farm.values else ""
    return {"name": "Colour", "description": "The job's OpenColorIO configuration.", "variables": {"OCIO": here}}


def _warm_service() -> Data:
    return {
        "name": "Service",
        "description": "Keeps the networks loaded while a session lasts.",
        "script": {
            "actions": {
                "onEnter": _action("serve", f"--at={SERVICE}", "--detach", timeout=_WARM_UP),
                "onExit": _action("serve", f"--at={SERVICE}", "--stop", timeout=_COOL_DOWN),
            }
        },
    }


def _action(*words: str, timeout: int) -> Data:
    return {"command": "{{Param.replate}}", "args": list(words), "timeout": timeout}
