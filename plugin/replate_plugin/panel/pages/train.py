"""The training page: show a look on a few frames, watch it being learnt, keep it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QSizePolicy,
    QWidget,
)

from ...errors import ServiceError
from ...host.declared import Knob
from ...starting import python
from .. import theme
from ..desk import Desk, Learning
from ..editing import choose_generator, choose_node
from ..model.training import Progress, Training, Trainings
from ..widgets.bars import button
from ..widgets.box import Box
from ..widgets.editors import Number
from ..widgets.flow import Flow
from ..widgets.page import Page, hint
from ..widgets.paths import PathRow, named
from ..widgets.plot import LossPlot
from .pairs import Pairs

__all__ = ["Train"]

_MINUTES = Knob(
    name="minutes",
    identifier="minutes",
    kind="float",
    default=5.0,
    title="Minutes",
    help="How long it learns. Five minutes are enough for a grade on two processor cores; twenty for a texture",
    minimum=0.05,
    maximum=10_000,
    soft=(1, 60),
    unit="minutes",
)
_HINT = (
    "Go to a frame, paint it or grade it in any program, and do the same on two or three frames that show other "
    "things. The look learns from them what to do with the rest of the shot."
)


class Train(Page):
    """One training at a time is shown; its process goes on when the panel is closed."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.trainings = desk, Trainings(desk.home.looks)
        self.training = Training("my look")
        self.progress = Progress()
        self.pairs = Pairs(desk, self.trainings.path("pairs", ".frames"))
        self.name, self.start = QLineEdit(self.training.name), Box("Begin from")
        self.minutes = Number(_MINUTES)
        self.references = PathRow(
            "Or a folder", "with pictures of a look, in place of pairs", self._set_references, folder=True
        )
        self.train = button("Train", "Begin learning", self.begin)
        self.stop = button("Stop", "End it now; what is learnt so far is the look", self._stop)
        self.try_it = button("Try it", "Take the look, on the frame in the viewer", self._try)
        self.keep = button("Keep it", "Put the look among yours, where every host finds it", self._keep)
        self.live = QCheckBox("Show it on the frame in the viewer")
        self.live.setToolTip("While it learns, and this page is open; a new state every few seconds")
        self.live.setChecked(True)
        self.live.toggled.connect(lambda _: self.refresh())
        self.bar, self.state, self.plot, self.preview = QProgressBar(), hint(), LossPlot(), QLabel()
        self._picture, self._pixmap = "", QPixmap()
        self._lay_out()
        self._restore()
        self._clock = QTimer(self, interval=700)
        self._clock.timeout.connect(self.refresh)
        self.pairs.changed.connect(self.refresh)
        self.refresh()

    def begin(self) -> None:
        """Start the training that is described here."""
        name = self.name.text().strip() or "my look"
        shot = self.desk.document.inputs.get("plate", "")
        start = self.start.currentData() or ""
        wanted = replace(self.training, name=name, shot=shot, pairs=self.pairs.pairs, start=start)
        try:
            if self.trainings.path(name, ".train").exists():
                raise ValueError(f"there is a training called {name} already; give this one another name")
            self.training = self.trainings.begin(wanted, self.desk.pixels.python or python())
            self.desk.say("")
        except (ValueError, OSError, ServiceError) as error:
            self.desk.say(f"The training did not begin: {error}", bad=True)
        self.refresh()

    def refresh(self) -> None:
        """Show how it stands."""
        before, self.progress = self.progress, self.trainings.progress(self.training)
        now = self.progress
        running = now.state == "running"
        self.train.setVisible(not running)
        self.stop.setVisible(running)
        self.try_it.setVisible(now.state == "done")
        self.keep.setVisible(now.state == "done")
        if running != self._clock.isActive():
            self._clock.start() if running else self._clock.stop()
        self.bar.setVisible(bool(now.state))
        self.bar.setValue(round(now.share * 1000))
        self.plot.setVisible(bool(now.state))
        self.live.setVisible(running)
        watched = running and bool(now.look) and self.live.isChecked() and self.isVisible()
        self.desk.watch(Learning(self.training.name, now.look, now.written) if watched else None)
        if now != before:
            self.plot.show_points(now.losses)
            self.state.setText(now.text)
            self._show_preview(now.preview)
        if now.state == "failed" and before.state == "running":
            self.desk.say(f"The training failed: {now.text}", bad=True)
        if now.state == "done" and before.state == "running":
            self._fill_starts()
            self.desk.say("The look is learnt", action="Try it", do=self._try)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_preview()

    def _lay_out(self) -> None:
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the training")
        self.preview.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.preview.setAccessibleName("What the look makes of frames of the shot")
        self.name.setAccessibleName("Name of the look")
        self.minutes.edited.connect(self._set_minutes)
        form = QFormLayout()
        form.setHorizontalSpacing(4)
        for word, field in (("Name", self.name), ("Minutes", self.minutes), ("Begin from", self.start)):
            form.addRow(named(word), field)
        actions = QWidget()
        flow = Flow(actions)
        for each in (self.train, self.stop, self.try_it, self.keep):
            flow.addWidget(each)
        self.train.setProperty("main", True)
        self.column.addWidget(hint(_HINT))
        self.column.addWidget(self.pairs)
        self.column.addWidget(self.references)
        self.column.addLayout(form)
        for widget in (actions, self.bar, self.state, self.live, self.plot, self.preview):
            self.column.addWidget(widget)
        self.column.addStretch(1)

    def _restore(self) -> None:
        """The training that runs, else the last one."""
        found = [training for name in self.trainings.names() if (training := self.trainings.load(name))]
        if found:
            self.training = next(
                (each for each in found if self.trainings.progress(each).state == "running"), found[-1]
            )
            self.pairs.show_pairs(self.training.pairs)
            self.name.setText(self.training.name)
        self.minutes.show_value(self.training.minutes)
        self.references.show_path(self.training.references)
        self._fill_starts()

    def _fill_starts(self) -> None:
        self.start.clear()
        self.start.addItem("nothing", "")
        for name in self.trainings.names():
            if (path := self.trainings.checkpoint(name)) is not None:
                self.start.addItem(name, str(path))

    def _set_minutes(self, value: float) -> None:
        self.training = replace(self.training, minutes=float(value))
        self.minutes.show_value(value)

    def _set_references(self, path: str) -> None:
        self.training = replace(self.training, references=path)
        self.references.show_path(path)

    def _stop(self) -> None:
        self.training = self.trainings.stop(self.training)
        self.refresh()

    def _try(self) -> None:
        choose_node(self.desk, "style")
        choose_generator(self.desk, str(self.trainings.path(self.training.name, ".onnx")))

    def _keep(self) -> None:
        own = self.desk.declared.own if self.desk.declared else ""
        try:
            kept = self.trainings.keep(self.training, Path(own))
        except OSError as error:
            self.desk.say(f"the look cannot be kept in {own} ({error.strerror})", bad=True)
            return
        self.desk.say(f"Kept as {kept}: it is on the Looks page, and in every host")
        self.desk.declare_again()

    def _show_preview(self, path: str) -> None:
        if path != self._picture:
            self._picture, self._pixmap = path, QPixmap(path)
            self._fit_preview()

    def _fit_preview(self) -> None:
        """As wide as the page."""
        if self._pixmap.isNull():
            self.preview.clear()
            return
        ratio = self.devicePixelRatioF()
        width = max(1, self.viewport().width() - theme.line(self))
        size = QSize(width, 100_000) * ratio
        fitted = self._pixmap.scaled(
            size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        fitted.setDevicePixelRatio(ratio)
        self.preview.setPixmap(fitted)
