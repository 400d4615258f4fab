"""A path to type, to choose or to drop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QWidget

from ..model.dropped import pattern_of
from .bars import button

__all__ = ["PathRow", "choose", "choose_folder", "choose_look", "named", "reveal"]

_PICTURES = (
    "Pictures and movies (*.exr *.dpx *.tif *.tiff *.png *.jpg *.jpeg *.hdr *.mov *.mp4 *.mxf *.mkv *.avi *.m4v)"
)


class PathRow(QWidget):
    """Tells `chosen` of a path; of a picture that belongs to a sequence, of the sequence."""

    def __init__(
        self, title: str, tip: str, chosen: Callable[[str], object], *, hint: str = "none", folder: bool = False
    ) -> None:
        super().__init__()
        self._chosen, self._folder = chosen, folder
        self.field = QLineEdit()
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(title)
        self.field.setAccessibleDescription(tip)
        self.label = named(title)
        self.setToolTip(f"<p>{tip}</p>")
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(4)
        self.row.addWidget(self.label)
        self.row.addWidget(self.field, 1)
        self.open = button(
            f"Choose {title.lower()}",
            f"Choose a {'folder' if folder else 'file'}: {tip}",
            self._browse,
            icon="open",
            flat=True,
        )
        self.row.addWidget(self.open)
        self.field.editingFinished.connect(self._typed)

    def show_path(self, path: str) -> None:
        """Show a path without telling of it; its end is what differs."""
        if self.field.text() != path:
            self.field.setText(path)
        if not self.field.hasFocus():
            self.field.setCursorPosition(len(path))

    def _typed(self) -> None:
        if self.field.isModified():
            self.field.setModified(False)
            self._chosen(self.field.text().strip())

    def _browse(self) -> None:
        ask = choose_folder if self._folder else choose
        ask(self, f"Choose {self.label.text().lower()}", self._chosen, near=self.field.text())


def named(title: str) -> QLabel:
    """A row's name, as wide as those of all rows of its page."""
    label = QLabel(title)
    label.setFixedWidth(label.fontMetrics().horizontalAdvance("Background  "))
    return label


def choose(
    parent: QWidget, title: str, chosen: Callable[[str], object], *, near: str = "", single: bool = False
) -> None:
    """Ask for pictures or a movie, without holding anything else up; for a `single` file, or for its sequence."""
    dialog = QFileDialog(parent, title, str(Path(near).parent) if near else "", f"{_PICTURES};;All files (*)")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda path: chosen(path if single else pattern_of(Path(path))))
    dialog.open()


def choose_folder(parent: QWidget, title: str, chosen: Callable[[str], object], *, near: str = "") -> None:
    """Ask for a folder, without holding anything else up."""
    dialog = QFileDialog(parent, title, near)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.fileSelected.connect(chosen)
    dialog.open()


def reveal(path: str) -> bool:
    """Open a file or a folder in the system's own program; False where there is none for it."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def choose_look(parent: QWidget, chosen: Callable[[str], object]) -> None:
    """Ask for a network."""
    dialog = QFileDialog(parent, "Bring a look", "", "Networks (*.onnx)")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(chosen)
    dialog.open()
