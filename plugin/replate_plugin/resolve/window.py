"""Windows for a node's knobs, for progress and for what there is to say, by Resolve's UIManager (Studio only)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..errors import ServiceError
from ..host.baking import Progress
from ..host.declared import Node
from .choice import Choice
from .desk import Tune, Watched
from .form import Field, filled, form

__all__ = ["Window"]

_NAME = "Replate"
_FORM, _PANEL = [200, 150, 480, 440], [200, 150, 480, 120]  # x, y, width, height
_BUTTONS = ("Cancel", "Panel", "Render")
_DIGITS = 4
_FAR = 1e6
_READ = {"float": "Value", "int": "Value", "bool": "Checked", "choice": "CurrentText", "text": "Text", "file": "Text"}


class Window:
    """Asks, shows and tells in windows of the host."""

    def __init__(self, fusion: Any, bmd: Any) -> None:
        self._fusion, self._ui = fusion, fusion.UIManager
        self._dispatcher = bmd.UIDispatcher(self._ui)

    def ask(self, node: Node, choice: Choice, clips: Sequence[str], tune: Tune) -> Choice | None:
        """What the artist wants; None where that is nothing. Another generator brings a form of its own."""
        title = f"{node.title}: {', '.join(clips)}"
        while True:
            pressed, answers = self._asked(title, form(node, choice))
            if pressed not in ("Render", "Panel", "generator"):
                return None
            choice = filled(node, choice, answers)
            if pressed == "Render":
                return choice
            if pressed == "Panel":
                choice = self._tuned(title, choice, tune)

    def _tuned(self, title: str, choice: Choice, tune: Tune) -> Choice:
        try:
            return tune(choice)
        except ServiceError as error:
            self.tell(title, [str(error)])
            return choice

    def keep(self, node: Node, choice: Choice) -> None:
        """In the node's file."""
        choice.save(node)

    def tell(self, title: str, lines: Sequence[str]) -> None:
        """A few sentences, until they are closed."""
        label = self._ui.Label({"ID": "Text", "Text": "\n".join(lines), "WordWrap": True})
        window = self._opened(title, _PANEL, [label, self._buttons("OK")])
        self._pressed(window, ("OK",))
        window.Hide()

    @contextlib.contextmanager
    def progress(self, title: str) -> Iterator[Watched]:
        """While something goes on: show progress with the first, ask with the second, often, whether to stop."""
        window = self._opened(title, _PANEL, [self._ui.Label({"ID": "Text", "Text": ""}), self._buttons("Cancel")])
        label, pressed = window.GetItems()["Text"], list[str]()
        _when(window, ("Cancel",), pressed.append)

        def show(progress: Progress) -> None:
            label.Text = f"{progress.fraction:.0%}  {progress.text}"

        def cancelled() -> bool:
            with contextlib.suppress(Exception):  # it fails for events that nobody has asked for
                self._dispatcher.StepLoop(False)
            return bool(pressed)

        try:
            yield show, cancelled
        finally:
            window.Hide()

    def _asked(self, title: str, fields: list[Field]) -> tuple[str, dict[tuple[str, str], Any]]:
        """The button that was pressed, or "generator" where that was changed; and what the fields then hold."""
        sections = list(dict.fromkeys(field.section for field in fields))
        widgets = {_id(number): field for number, field in enumerate(fields)}
        pages = [
            self._ui.VGroup({}, [self._row(name, field) for name, field in widgets.items() if field.section == section])
            for section in sections
        ]
        tabs, stack = self._ui.TabBar({"ID": "Tabs", "Weight": 0}), self._ui.Stack({"ID": "Pages"}, pages)
        window = self._opened(title, _FORM, [tabs, stack, self._buttons(*_BUTTONS)])
        items = window.GetItems()
        for section in sections:
            items["Tabs"].AddTab(section)
        for name, field in widgets.items():
            _fill(items[name], field)
            self._connect(window, name, field, items[name])
        window.On["Tabs"].CurrentChanged = lambda event: setattr(items["Pages"], "CurrentIndex", event["Index"])
        pressed = self._pressed(window, _BUTTONS)
        answers = {(field.part, field.name): _read(items[name], field) for name, field in widgets.items()}
        window.Hide()
        return pressed, answers

    def _connect(self, window: Any, name: str, field: Field, item: Any) -> None:
        if field.name == "generator":
            # Filling the list is a change, too, and may be told of later.
            window.On[name].CurrentIndexChanged = lambda _: (
                self._end("generator") if item.CurrentText != field.value else None
            )
        if field.kind == "file":
            window.On[f"{name}Find"].Clicked = lambda _: _found(self._fusion, item)

    def _opened(self, title: str, geometry: list[int], elements: list[Any]) -> Any:
        facts = {"ID": _NAME, "WindowTitle": f"Replate - {title}", "Geometry": geometry}
        window = self._dispatcher.AddWindow(facts, [self._ui.VGroup({}, elements)])
        window.Show()
        return window

    def _pressed(self, window: Any, names: Sequence[str]) -> str:
        """Wait until a button is pressed or the window is closed; which."""
        self._answer = ""
        _when(window, names, self._end)
        self._dispatcher.RunLoop()
        return self._answer

    def _end(self, answer: str) -> None:
        self._answer = answer
        self._dispatcher.ExitLoop()

    def _buttons(self, *names: str) -> Any:
        return self._ui.HGroup({"Weight": 0}, [self._ui.Button({"ID": name, "Text": name}) for name in names])

    def _row(self, name: str, field: Field) -> Any:
        label = self._ui.Label({"Text": field.title, "ToolTip": field.help, "Weight": 0.4})
        make = getattr(self._ui, _MADE[field.kind])
        parts = [label, make({"ID": name, "ToolTip": field.help, "Weight": 0.6})]
        if field.kind == "file":
            parts.append(self._ui.Button({"ID": f"{name}Find", "Text": "...", "Weight": 0}))
        return self._ui.HGroup({"Weight": 0}, parts)


_MADE = {
    "float": "DoubleSpinBox",
    "int": "SpinBox",
    "bool": "CheckBox",
    "choice": "ComboBox",
    "text": "LineEdit",
    "file": "LineEdit",
}


def _id(number: int) -> str:
    return f"Field{number}"


def _when(window: Any, names: Sequence[str], then: Callable[[str], object]) -> None:
    """Have `then` told which of these buttons was pressed; closing the window is pressing the first."""
    for name in names:
        window.On[name].Clicked = lambda _, name=name: then(name)
    window.On[_NAME].Close = lambda _: then(names[0])


def _fill(item: Any, field: Field) -> None:
    """A widget's limits, then its value."""
    if field.kind in ("float", "int"):
        item.Minimum = -_FAR if field.minimum is None else field.minimum
        item.Maximum = _FAR if field.maximum is None else field.maximum
    if field.kind == "float":
        item.Decimals, item.SingleStep = _DIGITS, 0.05
    if field.kind == "choice":
        item.AddItems(list(field.choices))
    if field.kind == "choice":
        item.CurrentIndex = field.choices.index(field.value) if field.value in field.choices else 0
    else:
        setattr(item, _READ[field.kind], field.value)


def _read(item: Any, field: Field) -> Any:
    """What a widget holds; what it only rounds is what it was."""
    value = getattr(item, _READ[field.kind])
    is_same = field.kind == "float" and round(float(field.value), _DIGITS) == round(float(value), _DIGITS)
    return field.value if is_same else {"int": int, "bool": bool}.get(field.kind, lambda same: same)(value)


def _found(fusion: Any, item: Any) -> None:
    path = fusion.RequestFile(item.Text)
    if path:
        item.Text = path
