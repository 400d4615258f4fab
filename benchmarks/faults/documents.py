"""Documents in JSON - jobs, cards, sidecars, records of finished frames, what the panel keeps."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from replate import inspection
from replate.card import Card
from replate.frame import Frame
from replate.job import Job
from replate.keeping.manifest import Manifest
from replate.media import open_sink
from replate.preview import preview

from . import formats, panels
from .formats import Format
from .mutation import mutated_json

__all__ = ["documents", "job_of"]

_WORDS = "no word of it is checked by another"


def documents(folder: Path) -> Iterator[Format]:
    """Jobs, cards, sidecars and manifests, and the panel's documents, presets and queue."""
    carded, foreign = (each.whole for each in formats.networks(folder))
    yield _document(folder, "job", json.dumps(job_of(folder, carded)), _rendered)
    yield _document(folder, "card", _card(carded), lambda path: repr(Card.from_json(path.read_text(errors="replace"))))
    yield _document(folder, "sidecar", inspection.write_sidecar(foreign).read_text(), partial(_inspected, foreign))
    yield Format(
        group="manifest",
        name="manifest",
        whole=_manifest(folder),
        read=partial(_states, folder),
        why=_WORDS,
    )
    for name, text, read in panels.kept(folder):
        yield _document(folder, name, text, read)


def _document(folder: Path, name: str, text: str, read: Callable[[Path], str]) -> Format:
    path = folder / f"{name.replace(' ', '-')}.json"
    path.write_text(text)
    return Format(name=name, whole=path, read=lambda path: _told(read(path)), why=_WORDS, change=mutated_json)


def _told(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def job_of(folder: Path, generator: Path) -> dict[str, Any]:
    """A job of three small frames."""
    with open_sink(str(folder / "plate.%04d.exr")) as sink:
        for number in (1, 2, 3):
            sink.write(Frame.of(np.full((32, 32, 3), number / 4, np.float32), "RGB", number=number))
    return {
        "replate": 1,
        "node": "style",
        "generator": str(generator),
        "inputs": {"plate": str(folder / "plate.%04d.exr")},
        "output": str(folder / "out" / "made.%04d.exr"),
        "frames": "1-3",
        "params": {"mix": 0.8, "strength": {"keys": [[1, 0], [3, 1]], "interpolation": "linear"}},
        "options": {"tile": "auto", "device": "cpu", "threads": 1, "color_space": "ACEScg"},
    }


def _rendered(path: Path) -> str:
    """Its second frame, as `render` would make it."""
    made = preview(Job.load(path), 2)
    return str(made.pixels.mean()) + repr(made.channels)


def _card(path: Path) -> str:
    from replate.network.onnxfile import read_card

    card = read_card(path)
    assert card is not None
    return card.to_json()


def _inspected(foreign: Path, path: Path) -> str:
    """The foreign network fed as a sidecar says."""
    beside = path.with_name(f"{path.stem}-net.onnx")
    shutil.copy(foreign, beside)
    shutil.copy(path, inspection.sidecar_of(beside))
    return inspection.inspect(beside).card.to_json()


_FRAMES = range(1, 7)


def _manifest(folder: Path) -> Path:
    """Of six frames the first three are done, the fourth was begun, the fifth made with other settings."""
    folder = folder / "record"
    folder.mkdir()
    record = Manifest(folder / "a.%04d.exr")
    for number in _FRAMES:
        target = folder / f"a.{number:04d}.exr"
        target.write_bytes(bytes(100 + number))
        if number < 6:
            record.claim(str(number))
        if number in (1, 2, 3, 5):
            record.record(str(number), target, f"{number}" * 64 if number < 4 else "other")
    return Path(shutil.copy(record.path, folder / "record.jsonl"))


def _states(folder: Path, path: Path) -> str:
    """What is known of each frame; raises where one counts as done that is not."""
    shutil.copy(path, record := folder / "record" / ".a.%04d.exr.replate.jsonl")
    known = Manifest(folder / "record" / "a.%04d.exr")
    targets = {number: folder / "record" / f"a.{number:04d}.exr" for number in _FRAMES}
    states = [known.state(str(number), target, f"{number}" * 64) for number, target in targets.items()]
    if "done" in states[3:]:
        raise ValueError(f"a frame counts as done that is not, by {record}")
    return " ".join(states)
