"""The panel: one widget, for a window of its own or a host's dock."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QTabWidget, QVBoxLayout, QWidget

from ..client import Service
from ..errors import ServiceError
from ..host.jobs import ranges
from ..starting import usual_folder
from . import editing, theme
from .desk import Desk
from .model.curves import Curve
from .model.document import PAINTED, Document
from .model.home import Home, read_json, write_json
from .model.viewing import View
from .pages.renders import Renders
from .pages.stage import Stage
from .pages.tune import Tune
from .projector import Projector
from .screening import Screening
from .shortcuts import bind
from .widgets.header import Header
from .widgets.paths import choose

__all__ = ["Panel"]

_NARROW = 44  # lines of type; below that the pages go under the viewer


class Panel(QWidget):
    """Put it anywhere. `sample` is a shot to try it with; `home` keeps what is remembered. Services that are given stay
    when it is closed."""

    def __init__(
        self,
        *,
        pixels: Service | None = None,
        eyes: Service | None = None,
        home: Home | None = None,
        sample: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Replate")
        self.setObjectName("replate")
        self.setAcceptDrops(True)
        theme.apply(self)
        self.home = home or Home()
        self.sample = sample
        self.keeps_services = eyes is not None
        self.eyes = eyes or Service(client="panel (eyes)", folder=usual_folder() / "eyes")
        self.desk = Desk(pixels or Service(client="panel"), self.eyes, self.home, self)
        self.projector = Projector(self.desk.pixels, self.eyes, self)
        self.screening = Screening(self.desk, self.projector)
        self._build()
        self._remembering = QTimer(self, singleShot=True, interval=1500)
        self._remembering.timeout.connect(self.remember)
        for changed in (self.desk.document_changed, self.desk.view_changed):
            changed.connect(self._remembering.start)
        self._restore()
        QTimer.singleShot(0, self.desk.start)

    def sizeHint(self) -> QSize:
        return QSize(1360, 820)

    def open(self, path: Path) -> None:
        """A plate, or a job; as soon as the service has answered."""
        if self.desk.node is not None:
            editing.open_path(self.desk, path)
            return
        self.desk.open(Document())

        def once() -> None:
            self.desk.declared_changed.disconnect(once)
            editing.open_path(self.desk, path)

        self.desk.declared_changed.connect(once)

    def render_job(self) -> None:
        """What is edited, into the queue."""
        try:
            job = self.final_job()
        except ServiceError as error:
            self.desk.say(str(error), bad=True)
            return
        title = f"{job['node']} · {Path(job['generator']).stem or 'default'} · {Path(job['inputs']['plate']).name}"
        self.desk.queue.add(job, title)
        self.desk.runner.wake()
        self.tabs.setCurrentWidget(self.renders)

    def final_job(self) -> dict[str, Any]:
        """The job as it is rendered, all its frames named. Raises ServiceError where there is no plate."""
        if not self.desk.facts:
            raise ServiceError("there is no plate to render; open one first")
        job = self.desk.job()
        job["frames"] = job["frames"] or ranges(self.desk.frames)
        return job

    def save_job(self, path: Path) -> None:
        """Write a job file; a drawn mask is written beside it, so that the farm has it, too."""
        try:
            job = self.final_job()
            if self.desk.document.inputs.get("mask") == PAINTED and "mask" in job["inputs"]:
                beside = path.with_suffix(".mask")
                shutil.copytree(Path(job["inputs"]["mask"]).parent, beside, dirs_exist_ok=True)
                job["inputs"]["mask"] = str(beside / "mask.%04d.png")
            write_json(path, job)
        except (ServiceError, OSError) as error:
            self.desk.say(f"the job was not saved: {error}", bad=True)
        else:
            self.desk.say(f"Saved. On the farm, or in a terminal: replate render --job {path}")

    def remember(self) -> None:
        """Keep what is edited and how it is looked at, for the next time."""
        window = self.window()
        facts = {
            "document": self.desk.document.to_data(),
            "view": self.desk.view.to_data(),
            "frame": self.desk.frame,
            "page": self.tabs.currentIndex(),
            "folds": self.tune.folds,
            "size": [window.width(), window.height()],
            "split": self.splitter.sizes(),
        }
        with suppress(OSError):  # a full disk is no reason to stop somebody
            write_json(self.home.settings, facts)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_all()
        super().closeEvent(event)

    def close_all(self) -> None:
        """Remember, pause what renders, end the panel's own service."""
        self._remembering.stop()
        self.remember()
        self.desk.close()
        self.projector.close()
        if not self.keeps_services:
            with suppress(ServiceError, OSError):
                self.eyes.shutdown()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        for path in sorted(paths, key=lambda each: "mask" in each.stem.lower()):
            editing.open_path(self.desk, path)

    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = event.size().width() < theme.line(self, _NARROW)
        self.splitter.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)

    def _build(self) -> None:
        starts: list[tuple[str, Callable[[], object]]] = [("Open …", self._browse)]
        if self.sample:
            starts.append(("Try the sample shot", lambda: editing.open_path(self.desk, Path(self.sample))))
        self.stage = Stage(self.desk, self.screening, starts)
        self.header = Header(self.desk, info=self._show_card, help=self.stage.help.toggle)
        self.tune, self.renders = Tune(self.desk), Renders(self.desk)
        self.tune.output.wants_render.connect(self.render_job)
        self.tune.output.wants_save.connect(self._browse_save)
        self.tune.inputs.paint.clicked.connect(self.stage.toggle_brush)
        self.renders.opened.connect(lambda job: self.desk.open(Document.of(job)))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.tune, "Tune")
        self.tabs.addTab(self.renders, "Queue")
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.tabs, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(4)
        self.splitter.addWidget(self.stage)
        self.splitter.addWidget(side)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([920, 420])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)
        bind(self, self._actions())

    def _actions(self) -> dict[str, Callable[[], object]]:
        desk, transport = self.desk, self.stage.transport
        looks = {word: lambda word=word: desk.look(compare=word) for word in ("result", "plate", "wipe", "difference")}
        channels = {word: lambda word=word: self._channel(word) for word in ("RGB", "R", "G", "B", "A", "L")}
        return {
            **looks,
            **channels,
            "play": transport.play,
            "back": lambda: transport.step(-1),
            "forth": lambda: transport.step(1),
            "first": lambda: transport.jump(0),
            "last": lambda: transport.jump(-1),
            "in": transport.set_in,
            "out": transport.set_out,
            "whole": transport.whole,
            "previous key": lambda: self._to_key(-1),
            "next key": lambda: self._to_key(1),
            "overlay": lambda: desk.look(overlay="none" if desk.view.overlay == "mask" else "mask"),
            "fit": self.stage.viewer.fit,
            "actual": self.stage.viewer.actual,
            "paint": self.stage.toggle_brush,
            "escape": self._escape,
            "open": self._browse,
            "save": self._browse_save,
            "render": self.render_job,
            "undo": desk.history.undo,
            "redo": desk.history.redo,
            "reload": self.screening.look_again,
            "help": self.stage.help.toggle,
        }

    def _channel(self, word: str) -> None:
        self.desk.look(channel="RGB" if self.desk.view.channel == word else word)

    def _to_key(self, direction: int) -> None:
        curves = [each for each in self.desk.document.settings.values() if isinstance(each, Curve)]
        found = [key for curve in curves if (key := curve.next_key(self.desk.frame, direction)) is not None]
        if found:
            self.desk.go_to(min(found, key=lambda frame: abs(frame - self.desk.frame)))

    def _escape(self) -> None:
        if self.stage.help.isVisible():
            self.stage.help.hide()
        elif self.stage.viewer.brush is not None:
            self.stage.toggle_brush()
        else:
            self.screening.stop()

    def _browse(self) -> None:
        choose(self, "Open a plate or a job", lambda path: editing.open_path(self.desk, Path(path)))

    def _browse_save(self) -> None:
        dialog = QFileDialog(self, "Save the job", "job.json", "Jobs (*.json)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.fileSelected.connect(lambda path: self.save_job(Path(path)))
        dialog.open()

    def _show_card(self) -> None:
        self.desk.say("")

    def _restore(self) -> None:
        facts = read_json(self.home.settings)
        with suppress(ValueError, TypeError, KeyError, AttributeError):  # whatever it is, we begin anew
            document = Document.of(facts["document"])
            self.desk.view = View.of(facts.get("view", {}))
            self.desk.frame = int(facts.get("frame", 1))
            self.tune.folds.update(facts.get("folds", {}))
            self.resize(*facts.get("size", (1360, 820)))
            self.splitter.setSizes(facts.get("split", [920, 420]))
            self.desk.open(replace(document))
        self.desk.view_changed.emit()
