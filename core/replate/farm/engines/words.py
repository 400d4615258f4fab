"""Command lines for engines that have no format strings: values in place of parameters, a token in place of frames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...frames import OPENJD
from ..steps import CHUNK, SERVICE, Farm, Step, filled

__all__ = ["cut", "job_file", "spoken", "without_service"]


def without_service(step: Step) -> list[str]:
    """The words of a step without a service, because nothing begins and ends a session; frames in `CHUNK` alone."""
    return [_frames_alone(word) for word in step.words if SERVICE not in word]


def spoken(step: Step, farm: Farm, folder: Path, *, chunk: str = "", progress: str = "") -> list[str]:
    """The whole command of a step, with `chunk` where its frames are asked for."""
    values = farm.values | {"job": job_file(farm, folder)}
    words = [filled(_frames_alone(word).replace(CHUNK, chunk), values) for word in step.brief or step.words]
    return [values["replate"], *words, *([f"--progress={progress}"] if progress else [])]


def _frames_alone(word: str) -> str:
    """Frames as the engine writes them, which are not in the grammar of Open Job Description."""
    return word.replace(OPENJD + CHUNK, CHUNK)


def job_file(farm: Farm, folder: Path) -> str:
    """Where the job file of the bundle lies."""
    return str(folder.absolute() / farm.values["job"])


def cut(frames: tuple[int, ...], size: int) -> Iterator[tuple[int, ...]]:
    """Chunks of `size` frames."""
    for start in range(0, len(frames), size):
        yield frames[start : start + size]
