"""A shot and a choice as a job, rendered by the service into files that are new."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..client import Service
from ..errors import ServiceError
from ..host import jobs
from ..host.baking import Progress
from ..host.declared import Node
from .choice import Choice
from .clips import Shot

__all__ = ["Files", "job", "render", "results"]

Watch = Callable[[Progress], None]


@dataclass(frozen=True)
class Files:
    """A result: a movie or a still by its path, or the frames of a sequence."""

    path: str
    frames: range
    job: dict[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def is_sequence(self) -> bool:
        return "%" in Path(self.path).name


def job(shot: Shot, node: Node, choice: Choice) -> dict[str, Any]:
    """The job for a shot, with an output that is not there yet."""
    return jobs.make(
        node,
        inputs={"plate": shot.path, **choice.inputs},
        output=_output(shot, node, choice),
        frames=shot.frames,
        generator=choice.generator,
        values=choice.values(node),
        options=choice.options,
    )


def render(
    service: Service, made: dict[str, Any], frames: range, *, watch: Watch, cancelled: Callable[[], bool]
) -> Files:
    """Have it done; beside the result lies its job, for the command line and the farm. Raises ServiceError."""
    output, notes = Path(made["output"]), list[str]()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.with_name(output.name.split("%")[0].rstrip(".") + ".json").write_text(json.dumps(made, indent=2) + "\n")
    except OSError as error:
        where = f"{output.parent} cannot be written ({error.strerror})"
        raise ServiceError(f"{where}; choose another folder for results", path=str(output)) from error
    progress = Progress()

    def listen(news: dict[str, Any]) -> None:
        nonlocal progress
        progress = progress.after(news)
        notes.extend([str(news["text"])] if news["type"] == "note" else [])
        watch(progress)

    report = service.render(made, on_news=listen, cancelled=cancelled)
    if report["failed"]:
        raise ServiceError(f"frames {report['failed']} failed: {report['reason']}")
    return Files(made["output"], frames, made, tuple(notes))


def results(shot: Shot, choice: Choice) -> Path:
    """The folder that results go to: the chosen one, else one beside the clip's file, else one in the user's home."""
    if choice.folder:
        return Path(choice.folder).expanduser()
    return Path(shot.path).parent / "replate" if shot.path else Path.home() / "Replate"


def _output(shot: Shot, node: Node, choice: Choice) -> str:
    """A file or pattern beside the clip's own, or in the folder of the choice, with the first free version."""
    plate = Path(shot.path)
    stem, suffix = plate.name.split("%")[0].rstrip("._-") if "%" in plate.name else plate.stem, plate.suffix
    folder = results(shot, choice)
    name = next(
        name
        for name in (f"{stem or plate.parent.name}_{node.name}_v{number:03d}" for number in range(1, 10**6))
        if not (folder / name).exists() and not list(folder.glob(f"{name}.*"))
    )
    if "%" in plate.name:
        return str(folder / name / f"{name}.%0{_digits(plate.name)}d{suffix}")
    return str(folder / f"{name}{suffix if shot.is_still else '.mov'}")


def _digits(name: str) -> str:
    return name.split("%0")[1].split("d")[0]
