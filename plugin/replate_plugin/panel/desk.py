"""The desk: the document with its history, the frame and view that are looked at, and everything that is said.

Widgets show what is here and say what the user wants; they know nothing of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from ..client import Service
from ..errors import ServiceError
from ..host import reading
from ..host.declared import Declared, Input, Node
from . import masks
from .lanes import Lane
from .model.curves import Curve
from .model.document import PAINTED, Document
from .model.history import History
from .model.home import Home
from .model.outputs import usual_output
from .model.presets import Presets
from .model.queue import Queue
from .model.runner import Runner
from .model.viewing import View

__all__ = ["Desk", "Learning", "Saying"]

Job = dict[str, Any]


@dataclass(frozen=True)
class Saying:
    """A sentence for the user, and something that can be done about it. `bad` marks what went wrong."""

    text: str
    bad: bool = False
    action: str = ""
    do: Callable[[], object] | None = None


@dataclass(frozen=True)
class Learning:
    """A look while it is learnt, as a file that is written anew; `state` tells one time from the next."""

    name: str
    look: str
    state: object = None


class Desk(QObject):
    """What all parts of the panel share. Its services are `pixels`, which all clients use, and `eyes`, the panel's own,
    so that looking at something does not wait for a network."""

    declared_changed = Signal()
    document_changed = Signal()
    facts_changed = Signal()
    frame_changed = Signal()
    view_changed = Signal()
    queue_changed = Signal()
    learning_changed = Signal()
    said = Signal(object)
    drag_ended = Signal()

    def __init__(self, pixels: Service, eyes: Service, home: Home, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pixels, self.eyes, self.home = pixels, eyes, home
        self.declared: Declared | None = None
        self.history = History(Document(), self._changed)
        self.view, self.frame = View(), 1
        self.facts: Mapping[str, Any] = {}
        self.presets = Presets(home.presets)
        self.queue = Queue(home.queue, self.queue_changed.emit)
        self.runner = Runner(self.queue, pixels)
        self.dragging = self.turning = False
        self.learning: Learning | None = None
        self._asked_facts: object = None
        self._going_to: int | None = None
        self._drawn = masks.Written(home.masks)
        masks.prune(self.home.masks, [str(ticket.job) for ticket in self.queue.tickets.values()])
        self._declaring, self._looking = Lane(self), Lane(self)
        self._declaring.done.connect(lambda _, found: self._declare(found))
        self._declaring.failed.connect(lambda _, error: self._no_service(error))
        self._looking.done.connect(self._learn)
        self._looking.failed.connect(lambda _, error: self._unknown(error))

    @property
    def document(self) -> Document:
        """As it is now."""
        return self.history.document

    @property
    def node(self) -> Node | None:
        """The declaration of the document's node; None before the service has said what there is."""
        known = {node.name: node for node in self.declared.nodes} if self.declared else {}
        return known.get(self.document.node)

    @property
    def pipes(self) -> tuple[Input, ...]:
        """The inputs that the node takes with the document's generator."""
        return self.node.pipes(self.document.generator) if self.node else ()

    @property
    def look(self) -> str:
        """The generator that counts: the document's, else the node's own; its name or path."""
        return self.document.generator or (self.node.default_generator if self.node else "")

    @property
    def output(self) -> str:
        """Where the result goes: where somebody said, else beside the plate."""
        return self.document.output or usual_output(self.document, self.look or self.document.node)

    @property
    def frames(self) -> Sequence[int]:
        """The numbers of the plate's frames; one where that is not known."""
        return self.facts.get("frames") or [self.frame]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the plate; 0 where that is not known."""
        width, height = self.facts.get("size", (0, 0))
        return int(width), int(height)

    @property
    def keys(self) -> set[float]:
        """The frames on which a knob that there is, or the drawn mask, has a key."""
        known = {knob.name for knob in self.node.knobs(self.document.generator)} if self.node else set()
        curves = [each for name, each in self.document.settings.items() if name in known and isinstance(each, Curve)]
        return {frame for curve in curves for frame, _ in curve.keys} | set(self.document.painting.keys)

    def start(self) -> None:
        """Ask the service what there is; it is started where it is not running."""
        self.say("Starting Replate …")
        self.declare_again()

    def declare_again(self) -> None:
        """Ask what there is once more, as when a look was added."""
        self._declaring.ask("", lambda: reading.load(self.pixels))

    def job(self) -> Job:
        """What is rendered. Raises ServiceError while the declarations are not there, or a mask cannot be written."""
        node, document = self.node, self.document
        if node is None:
            raise ServiceError("Replate's service has not answered yet; wait a moment, or start it")
        return {**document.job(node, mask=self._mask(document)), "output": self.output}

    def seen_job(self) -> Job:
        """What the viewer shows: what is rendered, or with the look that is watched while it is learnt."""
        job = self.job()
        return {**job, "generator": self.learning.look} if self.learning and job["node"] == "style" else job

    def watch(self, learning: Learning | None) -> None:
        """Show a look in the viewer while it is learnt, or the document's own again."""
        if learning != self.learning:
            self.learning = learning
            self.learning_changed.emit()

    def change(self, document: Document, label: str, *, merge: str = "") -> None:
        """Edit; see `History.change`."""
        self.history.change(document, label, merge=merge)

    def drag(self, on: bool) -> None:
        """A knob is being dragged, or has been let go."""
        if self.dragging and not on:
            self.dragging = False
            self.history.settle()
            self.drag_ended.emit()
        self.dragging = on

    def turn(self, on: bool) -> None:
        """A knob of the viewer is being dragged, or has been let go."""
        if self.turning != on:
            self.turning = on
            self.view_changed.emit()

    def show_as(self, **changes: Any) -> None:
        """Show the pictures in another way."""
        view = replace(self.view, **changes)
        if view != self.view:
            self.view = view
            self.view_changed.emit()

    def go_to(self, frame: int) -> None:
        """Look at another frame, the nearest that the plate has."""
        nearest = min(self.frames, key=lambda each: abs(each - frame))
        if nearest != self.frame:
            self.frame = nearest
            self.frame_changed.emit()

    def begin_at(self, frame: int) -> None:
        """Look at a frame of the plate that was just opened, as soon as it is known what frames there are."""
        if self._looking.busy:
            self._going_to = frame
        else:
            self.go_to(frame)

    def say(self, text: str, *, bad: bool = False, action: str = "", do: Callable[[], object] | None = None) -> None:
        """Tell the user."""
        self.said.emit(Saying(text, bad, action, do))

    def open(self, document: Document) -> None:
        """Another document, with nothing to undo."""
        self.history.restart(document)

    def look_again(self) -> None:
        """Find out about the plate anew."""
        self._asked_facts = None
        self._ask_facts()

    def close(self) -> None:
        """The panel goes: what renders is paused."""
        self.runner.close()

    def _changed(self) -> None:
        self._ask_facts()
        self.document_changed.emit()

    def _declare(self, found: Declared) -> None:
        self.declared = found
        self.say(found.problems[0] if found.problems else "", bad=bool(found.problems))
        self.declared_changed.emit()
        self._ask_facts()
        self.runner.wake()

    def _no_service(self, error: ServiceError) -> None:
        self.say(str(error), bad=True, action="Start Replate", do=self.start)

    def _ask_facts(self) -> None:
        """About the plate, when it is another one."""
        document, node = self.document, self.node
        options = {name: each for name, each in document.options.items() if name in ("color_space", "ocio", "missing")}
        asked = document.inputs.get("plate", ""), tuple(sorted(options.items()))
        if node is None or asked == self._asked_facts:
            return
        self._asked_facts = asked
        if not asked[0]:
            self._looking.forget()
            self._learn(asked, {})
            return
        bare = Document(document.node, document.generator, {"plate": asked[0]}, options=options, output="none.exr")
        job = bare.job(node)
        self._looking.ask(asked, lambda: self.eyes.facts(job))

    def _learn(self, asked: object, facts: Mapping[str, Any]) -> None:
        if asked != self._asked_facts:
            return
        self.facts = facts
        self.say("; ".join(facts.get("notes", ())))
        wanted, self._going_to = self.frame if self._going_to is None else self._going_to, None
        frame = min(self.frames, key=lambda each: abs(each - wanted))
        if frame != self.frame:
            self.frame = frame
            self.frame_changed.emit()
        self.facts_changed.emit()

    def _unknown(self, error: ServiceError) -> None:
        self.facts, self._going_to = {}, None
        self.say(str(error), bad=True, action="Look again", do=self.look_again)
        self.facts_changed.emit()

    def _mask(self, document: Document) -> str:
        """The pattern of the drawn mask, where it is the one that counts; empty while nothing is drawn."""
        if document.inputs.get("mask") != PAINTED or not document.painting or not self.facts:
            return ""
        return self._drawn.pattern(document.painting, self.frames, self.size)
