"""Deadline 10: what its CommandLine plug-in takes, a job a step."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from ...frames import format_frames
from ..parameters import one_line
from ..steps import Farm, Step
from .words import spoken

__all__ = ["files"]

_CHUNK = "<STARTFRAME>-<ENDFRAME>"


def files(farm: Farm, folder: Path) -> Mapping[str, str]:
    """A pair of files for each step, and a script that submits them so that each waits for the one before."""
    made, pairs = dict[str, str](), list[str]()
    for number, step in enumerate(farm.steps, 1):
        pair = [f"deadline10_{number}_{step.name.lower()}_{what}.txt" for what in ("job", "plugin")]
        made |= dict(zip(pair, (_lines(_job(step, farm)), _lines(_plugin(step, farm, folder))), strict=True))
        pairs += ["-job", *(shlex.quote(str(folder.absolute() / name)) for name in pair)]
    submit = f"#!/bin/sh\nexec deadlinecommand -SubmitMultipleJobs -dependent {' '.join(pairs)}\n"
    return {**made, "deadline10_submit.sh": submit}


def _job(step: Step, farm: Farm) -> dict[str, str]:
    # A task is told its first and its last frame only, so frames that leave gaps go one by one.
    size = int(farm.values["chunk"]) if step.chunked and farm.unbroken else 1
    return {
        "Plugin": "CommandLine",
        "Name": f"{farm.name}: {step.name}",
        "BatchName": farm.name,
        "Frames": format_frames(farm.frames) if step.chunked else "0",
        "ChunkSize": str(size),
        "TaskTimeoutMinutes": str(farm.timeout // 60),
        "OnTaskTimeout": "Error",
    }


def _plugin(step: Step, farm: Farm, folder: Path) -> dict[str, str]:
    program, *words = spoken(step, farm, folder, chunk=_CHUNK)
    return {
        "Executable": program,
        "Arguments": " ".join(map(_quoted, words)),
        "Shell": "default",
        "ShellExecute": "False",
    }


def _quoted(word: str) -> str:
    """In double quotes where it has to be, as Windows and Mono part a command line; <QUOTE> stands for one."""
    escaped = word.replace('"', "\\<QUOTE>")
    return f"<QUOTE>{escaped}<QUOTE>" if re.search(r"\s", word) or not word else escaped


def _lines(entries: Mapping[str, str]) -> str:
    return "".join(f"{name}={one_line(value)}\n" for name, value in entries.items())
