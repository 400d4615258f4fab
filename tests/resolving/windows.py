"""The host's UIManager and its dispatcher, with a user who does what a test says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

__all__ = ["Desktop", "Fusion", "Item", "Seen"]

_KINDS = ("VGroup", "HGroup", "Stack", "TabBar", "Label", "Button", "LineEdit", "CheckBox", "ComboBox", "SpinBox")


class Item:
    """A widget: its attributes are what it was made with, and what was set."""

    def __init__(self, kind: str, facts: dict[str, Any], children: list[Item]) -> None:
        self.kind, self.children = kind, children
        self.choices, self.tabs = list[str](), list[str]()
        for name, value in facts.items():
            setattr(self, name, value)

    def AddItems(self, names: list[str]) -> None:
        assert self.kind == "ComboBox"
        self.choices += names

    def AddTab(self, name: str) -> None:
        assert self.kind == "TabBar"
        self.tabs.append(name)

    def __setattr__(self, name: str, value: Any) -> None:
        """What a widget cannot hold is not taken, as in the real one: silently."""
        if name == "CurrentIndex" and self.kind == "ComboBox":
            super().__setattr__("CurrentText", self.choices[value])
        if name == "Value":
            value = min(max(value, self.Minimum), self.Maximum)
            value = round(value, self.Decimals) if self.kind == "DoubleSpinBox" else int(value)
        super().__setattr__(name, value)

    def walk(self) -> Iterator[Item]:
        yield self
        for child in self.children:
            yield from child.walk()


class Seen:
    """A window as a user has it before them."""

    def __init__(self, title: str, top: Item) -> None:
        self.title, self.top, self.is_open = title, top, False
        self.On: Any = defaultdict(SimpleNamespace)

    def Show(self) -> None:
        self.is_open = True

    def Hide(self) -> None:
        self.is_open = False

    def GetItems(self) -> dict[str, Item]:
        return {item.ID: item for item in self.top.walk() if hasattr(item, "ID")}

    @property
    def text(self) -> str:
        return str(self.GetItems()["Text"].Text)

    def click(self, name: str) -> None:
        self.On[name].Clicked({"who": name})

    def field(self, title: str) -> Item:
        """The widget in the row of this title."""
        rows = (item for item in self.top.walk() if item.kind == "HGroup" and len(item.children) > 1)
        return next(row.children[1] for row in rows if getattr(row.children[0], "Text", "") == title)

    def choose(self, title: str, value: str) -> None:
        """Choose from a list, as by hand."""
        item = self.field(title)
        item.CurrentIndex = item.choices.index(value)
        handler = getattr(self.On[item.ID], "CurrentIndexChanged", None)
        if handler is not None:
            handler({"Index": item.choices.index(value)})


class Desktop:
    """`bmd` and its one dispatcher. `users` are taken one for each window that waits."""

    def __init__(self, *users: Callable[[Seen], None]) -> None:
        self.users, self.windows, self.steps = list(users), list[Seen](), 0
        self.meanwhile: Callable[[Seen], None] = lambda window: None
        self._is_over = False

    def UIDispatcher(self, manager: Any) -> Desktop:
        return self

    def AddWindow(self, facts: dict[str, Any], children: list[Item]) -> Seen:
        self.windows.append(Seen(facts["WindowTitle"], Item("Window", {}, children)))
        return self.windows[-1]

    def RunLoop(self) -> None:
        self._is_over = False
        self.users.pop(0)(self.windows[-1])
        assert self._is_over, "the window waits for ever"

    def ExitLoop(self) -> None:
        self._is_over = True

    def StepLoop(self, wait: bool) -> None:
        self.steps += 1
        self.meanwhile(self.windows[-1])
        raise KeyError("On")  # as for any event that has no handler


class Fusion:
    """`fusion`, with a UIManager where the edition has one. `picked` is the file that the user chooses."""

    def __init__(self, *, picked: str = "") -> None:
        self.picked, self.UIManager = (
            picked,
            SimpleNamespace(**{kind: _maker(kind) for kind in (*_KINDS, "DoubleSpinBox")}),
        )

    def RequestFile(self, path: str) -> str | None:
        return self.picked or None


def _maker(kind: str) -> Callable[..., Item]:
    return lambda facts, children=(): Item(kind, facts, list(children))
