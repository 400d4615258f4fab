"""Tractor: a job script in Tcl, steps one after the other, the chunks of one side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ...frames import format_frames
from ..steps import Farm, Step
from .words import cut, spoken

__all__ = ["files"]

_SERVICE = "PixarRender"
_PRINTF = re.compile(r"%0?(\d*)d")


def files(farm: Farm, folder: Path) -> Mapping[str, str]:
    """The script, for `tractor-spool`."""
    tasks = [line for step in farm.steps for line in _task(step, farm, folder)]
    head = f"Job -title {_tcl(farm.name)} -service {_tcl(_SERVICE)} -serialsubtasks 1 -subtasks {{"
    return {"tractor.alf": "\n".join(["##AlfredToDo 3.0", head, *tasks, "}", ""])}


def _task(step: Step, farm: Farm, folder: Path) -> Iterator[str]:
    if not step.chunked:
        yield f"  Task {_tcl(step.name)} -cmds {{ {_command(spoken(step, farm, folder, progress='alfred'))} }}"
        return
    yield f"  Task {_tcl(step.name)} -subtasks {{"
    for chunk in cut(farm.frames, int(farm.values["chunk"])):
        frames = format_frames(chunk)
        words = spoken(step, farm, folder, chunk=frames, progress="alfred")
        yield f"    Task {_tcl(f'{step.name} {frames}')} -cmds {{ {_command(words)} }}"
    yield "  }"


def _command(words: Iterable[str]) -> str:
    # Tractor puts values in place of %D(...) and its like; sequences are the same with # for each digit.
    plain = (_PRINTF.sub(lambda found: "#" * int(found[1] or 1), word) for word in words)
    return f"RemoteCmd {{{' '.join(map(_tcl, plain))}}} -service {_tcl(_SERVICE)}"


def _tcl(word: str) -> str:
    """A word that Tcl reads as it is: in braces, or with each special character escaped where it has such itself."""
    if re.search(r"[{}\\]", word) is None:
        return f"{{{word}}}"
    return re.sub(r"""([\\{}\[\]$"'; \t#])""", r"\\\1", word)
