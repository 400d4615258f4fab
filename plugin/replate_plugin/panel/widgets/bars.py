"""The rows of small controls around the viewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QWidget

from ...host.declared import Knob
from .. import theme
from ..desk import Desk
from ..model.viewing import CHANNELS, COMPARE, OVERLAYS
from .box import Box
from .editors import Number
from .flow import Flow

__all__ = ["Segments", "ViewBar", "button"]

_EXPOSURE = Knob(
    name="exposure",
    identifier="exposure",
    kind="float",
    default=0.0,
    title="Exposure",
    help="Brightness of the viewer, in stops; not of the render",
    minimum=-20,
    maximum=20,
    soft=(-6, 6),
)
_GAMMA = Knob("gamma", "gamma", "float", 1.0, "Gamma", "Gamma of the viewer; not of the render", 0.1, 8, (0.2, 3))
_COLUMN = 30  # lines of type
_DETAILS = (("Full", 1.0), ("1/2", 0.5), ("1/4", 0.25))


def button(text: str, tip: str, do: Callable[[], object], *, icon: str = "", flat: bool = False) -> QToolButton:
    """A small button with a name for those who do not see it."""
    made = QToolButton()
    if icon:
        made.setIcon(theme.symbol(icon))
    else:
        made.setText(text)
    made.setProperty("flat", flat)
    made.setToolTip(tip)
    made.setAccessibleName(text or tip)
    made.clicked.connect(lambda _=False: do())
    return made


class Segments(QWidget):
    """Buttons of which one is down."""

    def __init__(self, name: str, words: Sequence[str], tips: Sequence[str], chosen: Callable[[str], object]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        self.buttons = {}
        group = QButtonGroup(self)
        for word, tip in zip(words, tips, strict=True):
            made = button(word[0].upper() + word[1:], tip, partial(chosen, word))
            made.setCheckable(True)
            made.setAccessibleName(f"{name}: {word}")
            group.addButton(made)
            row.addWidget(made)
            self.buttons[word] = made

    def show_chosen(self, word: str) -> None:
        """Press a button without telling of it."""
        self.buttons[word].setChecked(True)


class ViewBar(QWidget):
    """What is compared, which channels, what lies over it, how bright, through which view."""

    def __init__(self, desk: Desk, fit: Callable[[], None]) -> None:
        super().__init__()
        self.desk = desk
        flow = Flow(self, gap=8)
        flow.setContentsMargins(6, 4, 6, 4)
        tips = ("The result (1)", "The plate (2)", "Both, with a line to drag (3)", "Their difference (4)")
        self.compare = Segments("Compare", COMPARE, tips, lambda word: desk.show_as(compare=word))
        shown = ["Colour", "Red (R)", "Green (G)", "Blue (B)", "Alpha (A)", "Luminance (L)"]
        self.channel = Segments("Channel", CHANNELS, shown, lambda word: desk.show_as(channel=word))
        self.overlay = Box("Overlay", OVERLAYS, lambda text: desk.show_as(overlay=text))
        self.exposure, self.gamma = Number(_EXPOSURE), Number(_GAMMA)
        self.display = Box("Display and view")
        self.display.setToolTip("The view through which scene light is shown; pictures and video are shown as they are")
        self.display.setSizeAdjustPolicy(Box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.display.setMinimumContentsLength(14)
        self.display.activated.connect(lambda _: desk.show_as(display=self.display.currentData()))
        self.detail = Box("Detail", [name for name, _ in _DETAILS], self._set_detail)
        self.detail.setToolTip("Size at which results are shown. What is rendered is always full size")
        for widget in (self.compare, self.channel, _named("Overlay", self.overlay)):
            flow.addWidget(widget)
        for name, editor in (("Exp", self.exposure), ("Gamma", self.gamma)):
            editor.slider.setFixedWidth(theme.line(self, 4))
            editor.edited.connect(partial(self._set, editor.knob.name))
            editor.dragged.connect(desk.turn)
            flow.addWidget(_named(name, editor))
        flow.addWidget(self.display)
        flow.addWidget(_named("Detail", self.detail))
        flow.addWidget(button("Fit", "Show the whole picture (F)", fit, icon="fit", flat=True))
        self._sliders = self.exposure.slider, self.gamma.slider
        desk.view_changed.connect(self.refresh)
        desk.facts_changed.connect(self._fill_displays)
        self._fill_displays()

    def refresh(self) -> None:
        """Show the desk's view."""
        view = self.desk.view
        self.compare.show_chosen(view.compare)
        self.channel.show_chosen(view.channel)
        self.overlay.setCurrentText(view.overlay)
        self.exposure.show_value(view.exposure)
        self.gamma.show_value(view.gamma)
        self.detail.setCurrentText(next((name for name, share in _DETAILS if share == view.detail), "Full"))
        self.display.setCurrentIndex(max(0, self.display.findData(view.display)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a column there is more of the picture without sliders."""
        for slider in self._sliders:
            slider.setVisible(event.size().width() > theme.line(self, _COLUMN))

    def _set(self, name: str, value: float) -> None:
        self.desk.show_as(**{name: value})

    def _set_detail(self, name: str) -> None:
        self.desk.show_as(detail=dict(_DETAILS)[name])

    def _fill_displays(self) -> None:
        with QSignalBlocker(self.display):
            self.display.clear()
            self.display.addItem("Usual view", "")
            for display, views in self.desk.facts.get("displays", {}).items():
                for view in views:
                    self.display.addItem(f"{view} · {display}", f"{display}/{view}")
        self.display.view().setMinimumWidth(theme.line(self, 20))
        self.refresh()


def _named(name: str, widget: QWidget) -> QWidget:
    """A control with a word before it, which stay together."""
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(5)
    label = QLabel(name)
    label.setProperty("weak", True)
    label.setAlignment(Qt.AlignmentFlag.AlignVCenter)
    row.addWidget(label)
    row.addWidget(widget)
    return pair
