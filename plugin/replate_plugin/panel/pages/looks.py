"""The look browser: every look of the node, on the frame that is on the screen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ...errors import ServiceError
from ...host.declared import Generator
from .. import theme
from ..desk import Desk
from ..editing import choose_generator
from ..model.wishes import Wish, look_wish
from ..projector import Picked, Projector
from ..screening import Screening
from ..widgets.bars import button
from ..widgets.flow import Flow
from ..widgets.page import Page, hint
from ..widgets.paths import choose_look

__all__ = ["Looks"]

_WIDTH = 320  # of a thumbnail's picture


class Looks(Page):
    """Thumbnails are made one after the other, while the page is seen. `about` carries the name of a look that somebody
    wants to know more of."""

    about = Signal(str)

    def __init__(self, desk: Desk, projector: Projector, screening: Screening) -> None:
        super().__init__()
        self.desk, self.projector, self.screening = desk, projector, screening
        self.tiles: dict[str, Tile] = {}
        self._todo: list[Wish] = []
        self._asked: Wish | None = None
        self.hint = hint()
        self.column.addWidget(self.hint)
        self.area = QWidget()
        self.flow = Flow(self.area, gap=10, top=True)
        self.column.addWidget(self.area)
        self.column.addWidget(
            button("Bring a look …", "Any ONNX picture network", self._browse), 0, Qt.AlignmentFlag.AlignLeft
        )
        self.column.addStretch(1)
        desk.declared_changed.connect(self.refresh)
        desk.document_changed.connect(self.refresh)
        desk.facts_changed.connect(self.refresh)
        screening.settled.connect(self._make)
        projector.ready.connect(self._arrived)
        projector.failed.connect(self._refused)

    def refresh(self) -> None:
        """A tile for each look of the node."""
        node = self.desk.node
        generators = {each.name: each for each in node.generators} if node else {}
        if list(self.tiles) != list(generators):
            for tile in self.tiles.values():
                self.flow.removeWidget(tile)
                tile.hide()
                tile.deleteLater()
            self.tiles = {name: Tile(self, each) for name, each in generators.items()}
            for tile in self.tiles.values():
                self.flow.addWidget(tile)
        for name, tile in self.tiles.items():
            if not self.desk.facts:
                tile.picture.setIcon(QIcon())
            tile.picture.setChecked(name == self.desk.look)
        self.hint.setText(self._words(len(generators)))

    def choose(self, name: str) -> None:
        """Take a look."""
        choose_generator(self.desk, name)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._make()

    def _words(self, count: int) -> str:
        if not count:
            return "No look for this node is installed. Train one on the Train page, or bring an ONNX network."
        return (
            "On the frame in the viewer. A click takes the look."
            if self.desk.facts
            else "Open a plate to see them on it."
        )

    def _make(self) -> None:
        """Thumbnails of the frame in the viewer."""
        desk, node = self.desk, self.desk.node
        if not self.isVisible() or node is None or not desk.facts or desk.dragging:
            return
        try:
            job = desk.job()
        except ServiceError:
            return
        stamps = self.screening.stamps
        width = min(_WIDTH, desk.size[0])
        self._todo = [look_wish(job, name, desk.view, desk.frame, node, stamps, width=width) for name in self.tiles]
        self._next()

    def _next(self) -> None:
        self._asked = None
        while self._todo:
            wish = self._todo.pop(0)
            if not self.projector.show(wish):
                self._asked = wish
                return

    def _arrived(self, picked: Picked) -> None:
        wish = picked.wish
        if wish.role.startswith("look "):
            tile = self.tiles.get(wish.role.removeprefix("look "))
            if tile is not None:
                tile.show_image(picked.image)
            if wish == self._asked:
                self._next()

    def _refused(self, wish: Wish, error: ServiceError) -> None:
        if wish == self._asked:
            tile = self.tiles.get(wish.role.removeprefix("look "))
            if tile is not None:
                tile.picture.setToolTip(str(error))
            self._next()

    def _browse(self) -> None:
        choose_look(self, partial(choose_generator, self.desk))


class Tile(QWidget):
    """A look: its picture to take it, its name, its licence."""

    def __init__(self, looks: Looks, generator: Generator) -> None:
        super().__init__()
        self.generator = generator
        width = theme.line(self, 9)
        self.picture = QToolButton()
        self.picture.setCheckable(True)
        self.picture.setIconSize(QSize(width, width * 9 // 16))
        self.picture.setFixedSize(QSize(width + 8, width * 9 // 16 + 8))
        self.picture.setAccessibleName(f"Look {generator.title}")
        self.picture.setToolTip(generator.title)
        self.picture.clicked.connect(lambda _: looks.choose(generator.name))
        self.about = button(
            f"About {generator.title}",
            "Licence, data, figures",
            lambda: looks.about.emit(generator.name),
            icon="info",
            flat=True,
        )
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedWidth(width + 8)

    def _lay_out(self) -> None:
        name = QLabel(self.generator.title)
        name.setProperty("title", True)
        use = "commercial use" if self.generator.commercial_use else "no commercial use"
        head = QWidget()
        row = Flow(head)
        row.addWidget(name)
        row.addWidget(self.about)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for widget in (self.picture, head, hint(f"{self.generator.licence or 'licence not stated'}\n{use}")):
            column.addWidget(widget)

    def show_image(self, image: QImage) -> None:
        """The frame in this look, cut to the tile."""
        ratio = self.devicePixelRatioF()
        size = self.picture.iconSize() * ratio
        full = image.scaled(
            size, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
        )
        pixmap = QPixmap(size)
        painter = QPainter(pixmap)
        painter.drawImage((size.width() - full.width()) // 2, (size.height() - full.height()) // 2, full)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        icon = QIcon(pixmap)
        icon.addPixmap(pixmap, QIcon.Mode.Normal, QIcon.State.On)
        self.picture.setIcon(icon)
