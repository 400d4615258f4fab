"""How a job is to be cut up and run on a farm."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Asked"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`chunk` frames are a task; with `seconds` above 0 an engine that can makes tasks of that length.

    A task is ended after `timeout` minutes. `gpu`: whether only machines with one may render; None: where the job's
    device says so. `program` is the command as the farm's machines find it. `train` holds what follows `replate train`
    for the look that is rendered, `movie` names the file that is made of the frames.
    """

    chunk: int = 10
    seconds: int = 0
    timeout: int = 24 * 60
    gpu: bool | None = None
    program: str = "replate"
    train: str = ""
    movie: str = ""
