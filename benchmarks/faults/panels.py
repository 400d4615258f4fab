"""What the settings panel keeps in files, and reads again whatever became of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from replate.declarations import declarations
from replate.errors import InputError
from replate_plugin.host.reading import read as read_declared
from replate_plugin.panel.model import presets
from replate_plugin.panel.model.curves import Curve
from replate_plugin.panel.model.document import Document
from replate_plugin.panel.model.home import read_json
from replate_plugin.panel.model.painting import Painting, Stroke
from replate_plugin.panel.model.queue import Queue, Ticket

__all__ = ["kept", "same"]


def kept(folder: Path) -> Iterator[tuple[str, str, Callable[[Path], str]]]:
    """Name, text and reader of a document, a preset and a ticket of the queue."""
    document = Document(
        node="style",
        generator="painted",
        inputs={"plate": "/shots/a.%04d.exr", "mask": "painted:"},
        settings={"mix": 0.5, "strength": Curve(((1.0, 0.0), (9.0, 1.0)))},
        options={"tile": "auto"},
        output="/out/a.%04d.exr",
        frames="1-9",
        painting=Painting({1: (Stroke("brush", ((1.0, 2.0), (3.0, 4.0))),)}),
    )
    node = read_declared(declarations()).node("style")

    def edited(path: Path) -> str:
        found = Document.of(read_json(path))
        knobs = node.knobs(found.generator)
        values = [str(found.value(knob, 5)) for knob in knobs]
        strokes = [asdict(stroke) for stroke in found.painting.at(5)]
        return same({"job": found.job(node), "values": values, "strokes": strokes, "digest": found.painting.digest})

    def preset(path: Path) -> str:
        found = presets.read(path)
        if found is None:
            raise ValueError("it is no preset")
        applied, left_out = found.on(document, node)
        return same({"document": applied.to_data(), "left out": left_out})

    def queued(path: Path) -> str:
        queue = Queue(path.parent / "nothing")
        queue.folder = path.parent
        queue.reload()
        return same({name: [str(ticket.left), ticket.over] for name, ticket in queue.tickets.items()})

    (queue := folder / "queue").mkdir(exist_ok=True)
    ticket = Ticket(id="20260101-1", title="a", job={"output": "/out/a.exr"}, state="running", total=9, process=1)
    yield "panel document", json.dumps(document.to_data()), _refused(edited, ValueError)
    yield "panel preset", json.dumps(presets.Preset.of(document, "mine").to_data()), _refused(preset, ValueError)
    yield "panel ticket", json.dumps(asdict(ticket)), _in(queue, queued)


def _in(folder: Path, read: Callable[[Path], str]) -> Callable[[Path], str]:
    """`read` of the only file in a folder."""

    def moved(path: Path) -> str:
        (folder / "20260101-1.json").write_bytes(path.read_bytes())
        return read(folder / "20260101-1.json")

    return moved


def _refused(read: Callable[[Path], str], *errors: type[Exception]) -> Callable[[Path], str]:
    """`read`, with errors that its callers make into sentences made into one here."""

    def told(path: Path) -> str:
        try:
            return read(path)
        except errors as error:
            raise InputError(f"{path}: {error}") from error

    return told


def same(data: Mapping[str, Any]) -> str:
    """Data as text in an order."""
    return json.dumps(data, sort_keys=True, default=str)
