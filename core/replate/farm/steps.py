"""What a farm does: steps of one command each, whose words hold Open Job Description's format strings.

A word stands for itself but for `{{Param.NAME}}`, a job parameter's value, `{{Task.Param.Frame}}`, the frames of a
task, and `{{Session.WorkingDirectory}}`. Other engines put their own words in these places; see `engines/`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..frames import OPENJD, to_openjd
from .parameters import JobParameter

__all__ = ["CHUNK", "SERVICE", "Farm", "Part", "Step", "frames_option"]

CHUNK = "{{Task.Param.Frame}}"
"""Stands for the frames of a task, in the range grammar of Open Job Description."""

SERVICE = "{{Session.WorkingDirectory}}/replate"
"""The folder by which the steps of a session find the service that keeps networks loaded."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command, `replate` and these words; once for every chunk of the frames where it is `chunked`.

    A `warm` step has a service beside it while a session lasts. `after` names the steps that must be done before.
    """

    name: str
    words: tuple[str, ...]
    chunked: bool = False
    warm: bool = False
    gpu: bool = False
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """Steps that belong together, and the job parameters in their words; `look` is the word for what they train."""

    parameters: tuple[JobParameter, ...] = ()
    steps: tuple[Step, ...] = ()
    look: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The last step's name, for what comes after."""
        return tuple(step.name for step in self.steps[-1:])


@dataclass(frozen=True, kw_only=True)
class Farm:
    """All that a template is written from. `frames` are those of the chunked steps, `assets` files to ship."""

    name: str
    parameters: tuple[JobParameter, ...]
    steps: tuple[Step, ...]
    frames: tuple[int, ...]
    timeout: int
    assets: tuple[str, ...] = ()

    @property
    def range(self) -> str:
        """The frames as Open Job Description writes them."""
        return to_openjd(self.frames)

    @property
    def unbroken(self) -> bool:
        """Whether the frames follow each other without a gap."""
        return len(self.frames) == max(self.frames) - min(self.frames) + 1

    def value(self, name: str) -> str:
        """A parameter's value as text."""
        return next(str(parameter.value) for parameter in self.parameters if parameter.name == name)


def frames_option(range_word: str) -> str:
    """`--frames` for a range in Open Job Description's grammar."""
    return f"--frames={OPENJD}{range_word}"
