"""What a farm does: steps of one command each, whose words hold Open Job Description's format strings.

A word stands for itself but for `{{Param.NAME}}`, a job parameter's value, `{{Task.Param.Frame}}`, the frames of a
task, and `{{Session.WorkingDirectory}}`. Other engines put their own words in these places; see `engines/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..frames import OPENJD
from ..job import Job
from .parameters import JobParameter

__all__ = ["CHUNK", "SERVICE", "Farm", "Part", "Step", "filled", "frames_option", "values_of"]

CHUNK = "{{Task.Param.Frame}}"
"""Stands for the frames of a task, in the range grammar of Open Job Description."""

SERVICE = "{{Session.WorkingDirectory}}/replate"
"""The folder by which the steps of a session find the service that keeps networks loaded."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command, `replate` and these words; once for every chunk of the frames where it is `chunked`.

    `brief` is the same command where nobody will change a parameter, and there is no session. A `warm` step has a
    service beside it while a session lasts. `after` names the steps that must be done before.
    """

    name: str
    words: tuple[str, ...]
    brief: tuple[str, ...] = ()
    chunked: bool = False
    warm: bool = False
    gpu: bool = False
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """Steps that belong together, and the job parameters in their words."""

    parameters: tuple[JobParameter, ...] = ()
    steps: tuple[Step, ...] = ()
    look: str = ""
    """The word for the generator that the steps make."""

    @property
    def last(self) -> tuple[str, ...]:
        """What the next step comes after: the last one here, if there is any."""
        return tuple(step.name for step in self.steps[-1:])


@dataclass(frozen=True, kw_only=True)
class Farm:
    """All that a template is written from: for the `job`, which a bundle holds as well.

    `frames` are those of the chunked steps, `assets` files to ship beside those that parameters name.
    """

    name: str
    job: Job
    parameters: tuple[JobParameter, ...]
    steps: tuple[Step, ...]
    frames: tuple[int, ...]
    timeout: int
    assets: tuple[str, ...] = ()

    @property
    def unbroken(self) -> bool:
        """Whether the frames follow each other without a gap."""
        return len(self.frames) == max(self.frames) - min(self.frames) + 1

    @property
    def values(self) -> dict[str, str]:
        """Every parameter's value as text."""
        return values_of(self.parameters)


_PARAM = re.compile(r"\{\{Param\.(\w+)\}\}")


def values_of(parameters: Iterable[JobParameter]) -> dict[str, str]:
    """Every value as text, by the parameter's name."""
    return {each.name: str(each.value) for each in parameters}


def filled(word: str, values: Mapping[str, str]) -> str:
    """A word with values in place of parameters."""
    return _PARAM.sub(lambda found: values[found[1]], word)


def frames_option(range_word: str) -> str:
    """`--frames` for a range in Open Job Description's grammar."""
    return f"--frames={OPENJD}{range_word}"
