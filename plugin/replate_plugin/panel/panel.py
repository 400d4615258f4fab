"""The panel: one widget, for a window of its own or a host's dock."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QTabWidget, QVBoxLayout, QWidget

from ..client import Service
from ..errors import ServiceError
from ..starting import usual_folder
from . import editing, theme
from .actions import actions
from .desk import Desk
from .model.document import Document
from .model.home import Home, read_json, write_json
from .model.viewing import View
from .pages.looks import Looks
from .pages.renders import Renders
from .pages.stage import Stage
from .pages.train import Train
from .pages.tune import Tune
from .projector import Projector
from .rendering import enqueue, save_job
from .screening import Screening
from .shortcuts import bind
from .widgets.header import Header
from .widgets.paths import choose

__all__ = ["Panel"]

_NARROW = 56  # lines of type; below that the pages go under the viewer


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
        """A plate, or a job, with nothing to undo; as soon as the service has answered."""

        def once() -> None:
            self.desk.declared_changed.disconnect(once)
            self.open(path)

        if self.desk.node is None:
            self.desk.open(Document())
            self.desk.declared_changed.connect(once)
            return
        editing.open_path(self.desk, path)
        self.desk.open(self.desk.document)

    def render_job(self) -> None:
        """What is edited, into the queue, and remembered at once: a render may outlive the panel."""
        if enqueue(self.desk):
            self.remember()
            self.tabs.setCurrentWidget(self.renders)

    def try_sample(self) -> None:
        """The shot that comes with Replate; what is rendered of it goes to the panel's own folder."""
        editing.open_path(self.desk, Path(self.sample))
        output = self.home.folder / "sample" / f"replated{Path(self.sample).suffix}"
        self.desk.change(replace(self.desk.document, output=str(output)), "Try the sample")

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
        starts: list[tuple[str, Callable[[], object]]] = [("Open …", self.browse)]
        if self.sample:
            starts.append(("Try the sample shot", self.try_sample))
        self.stage = Stage(self.desk, self.screening, starts)
        self.header = Header(self.desk, info=self._show_card, help=self.stage.help.toggle)
        self.tune, self.renders, self.train = Tune(self.desk), Renders(self.desk), Train(self.desk)
        self.looks = Looks(self.desk, self.projector, self.screening)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        pages = ((self.tune, "Tune"), (self.looks, "Looks"), (self.renders, "Queue"), (self.train, "Train"))
        for page, name in pages:
            self.tabs.addTab(page, name)
        self._connect()
        self._lay_out()
        bind(self, actions(self))

    def _connect(self) -> None:
        """What is asked for on the pages."""
        self.tune.output.span = lambda: self.stage.transport.span
        self.tune.output.wants_render.connect(self.render_job)
        self.tune.output.wants_save.connect(self.browse_save)
        self.tune.output.farm.sent.connect(partial(self.tabs.setCurrentWidget, self.renders))
        self.tune.inputs.paint.clicked.connect(self.stage.toggle_brush)
        self.renders.opened.connect(lambda job: self.desk.change(Document.of(job), "Edit a job of the queue"))
        self.looks.about.connect(self._show_card)

    def _lay_out(self) -> None:
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
        whole.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # else it could not become narrow
        whole.addWidget(self.splitter)

    def escape(self) -> None:
        """Put away what is in the way, else stop waiting."""
        if not self.stage.put_away():
            self.screening.stop()

    def browse(self) -> None:
        """Choose a plate or a job."""
        choose(self, "Open a plate or a job", lambda path: editing.open_path(self.desk, Path(path)))

    def browse_save(self) -> None:
        """Choose where a job file goes."""
        dialog = QFileDialog(self, "Save the job", "job.json", "Jobs (*.json)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.fileSelected.connect(lambda path: save_job(self.desk, Path(path)))
        dialog.open()

    def _show_card(self, name: str = "") -> None:
        chosen = name or self.desk.look
        if chosen:
            self.stage.card.show_card(chosen)

    def _restore(self) -> None:
        facts = read_json(self.home.settings)
        with suppress(ValueError, TypeError, KeyError, AttributeError):  # whatever it is, we begin anew
            document = Document.of(facts["document"])
            self.desk.view = View.of(facts.get("view", {}))
            self.desk.frame = int(facts.get("frame", 1))
            self.tune.folds.update(facts.get("folds", {}))
            self.resize(*facts.get("size", (1360, 820)))
            self.splitter.setSizes(facts.get("split", [920, 420]))
            self.tabs.setCurrentIndex(int(facts.get("page", 0)))
            self.desk.open(replace(document))
        self.desk.view_changed.emit()
