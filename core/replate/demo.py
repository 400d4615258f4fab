"""The demo: the bundled shot through every shipped look, with pictures to see at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .card import Card
from .catalogue import shipped
from .color import convert, default_space
from .errors import ReplateError
from .job import Job
from .media import open_source, write_picture
from .network.onnxfile import read_card
from .news.progress import Watcher
from .render import render

__all__ = ["contact_sheet", "looks", "run"]

SAMPLE = Path(__file__).parent / "samples" / "city.mp4"
Picture = npt.NDArray[np.uint8]


def looks() -> list[str]:
    """Names of the shipped looks that want nothing but a plate: the sample comes without anybody's hints."""
    return [path.stem for path in shipped() if _wants_a_plate_only(read_card(path))]


def _wants_a_plate_only(card: Card | None) -> bool:
    roles = {port.role for port in card.inputs} if card else set()
    return card is not None and card.kind == "style" and roles <= {"plate", "position", "control"}


def run(folder: Path, *, watcher: Watcher, cancel: threading.Event | None = None, frames: str = "") -> Iterator[str]:
    """Render the sample (`frames` of it) into `folder`, yielding a line about each result as it is finished."""
    names = looks()
    if not names:
        raise ReplateError("no generator is shipped with this installation; install Replate again")
    for name in names:
        sequence = str(folder / name / f"{name}.%04d.exr")
        movie = str(folder / f"{name}.mp4")
        for kind, target in (("EXR sequence", sequence), ("movie", movie)):
            job = Job(node="style", inputs={"plate": str(SAMPLE)}, output=target, frames=frames, generator=name)
            _render(job, watcher, cancel)
            yield f"{name}: {kind} {target}"
    sheet = folder / "before_after.png"
    rows = [str(SAMPLE), *(str(folder / name / f"{name}.%04d.exr") for name in names)]
    write_picture(contact_sheet(rows, columns=3), sheet)
    yield f"before and after: {sheet}"


def _render(job: Job, watcher: Watcher, cancel: threading.Event | None) -> None:
    for error in render(job, watcher=watcher, cancel=cancel).failed.values():
        raise error


def contact_sheet(shots: list[str], *, columns: int) -> Picture:
    """A picture (sRGB, H x W x 3 uint8): one row a shot, in each the same `columns` frames, spread over the last's."""
    with open_source(shots[-1]) as last:
        chosen = np.linspace(0, len(last.frames) - 1, columns).round().astype(int)
        numbers = [last.frames[index] for index in chosen]
    return np.concatenate([_row(shot, numbers) for shot in shots], axis=0)


def _row(shot: str, numbers: list[int]) -> Picture:
    with open_source(shot) as source:
        frames = [source.read(number) for number in numbers]
    # The sample is a picture already. A film view would darken its results, so all are only converted.
    screen = default_space("picture")
    pictures = [convert(frame.pixels[..., :3].astype(np.float32), frame.space, screen) for frame in frames]
    row: Picture = (np.clip(np.concatenate(pictures, axis=1), 0, 1) * 255 + 0.5).astype(np.uint8)
    return row
