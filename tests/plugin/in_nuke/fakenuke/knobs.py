"""Knobs as Nuke has them: values, keys, expressions, flags; text as scripts hold it."""

from __future__ import annotations

import re
from typing import Any

from .state import host

__all__ = [
    "KINDS",
    "Array_Knob",
    "Boolean_Knob",
    "Double_Knob",
    "Enumeration_Knob",
    "EvalString_Knob",
    "File_Knob",
    "Int_Knob",
    "Knob",
    "PyScript_Knob",
    "String_Knob",
    "Tab_Knob",
    "Text_Knob",
]


class Knob:
    """What all have in common."""

    first: Any = ""

    def __init__(self, name: str, label: str = "", *rest: Any) -> None:
        self._name, self._label, self._tooltip = name, label, ""
        self._value, self._node = self.first, None
        self._flags, self._visible = 0, True

    def name(self) -> str:
        return self._name

    def label(self) -> str:
        return self._label

    def node(self) -> Any:
        return self._node

    def tooltip(self) -> str:
        return self._tooltip

    def setTooltip(self, text: str) -> None:
        self._tooltip = text

    def setFlag(self, flag: int) -> None:
        assert isinstance(flag, int)
        self._flags |= flag

    def getFlag(self, flag: int) -> bool:
        return bool(self._flags & flag)

    def setVisible(self, visible: bool) -> None:
        self._visible = visible

    def visible(self) -> bool:
        return self._visible

    def isAnimated(self) -> bool:
        return False

    def hasExpression(self) -> bool:
        return False

    def value(self) -> Any:
        return self._value

    getValue = value

    def setValue(self, value: Any) -> bool:
        host.main(f"setting the knob {self._name}")
        self._set(value)
        if self._node is not None:
            self._node._changed(self)
        return True

    def _set(self, value: Any) -> None:
        self._value = value

    def toScript(self) -> str:
        return str(self._value)

    def fromScript(self, text: str) -> None:
        host.main(f"setting the knob {self._name}")
        self._value = text


class Tab_Knob(Knob):
    pass


class String_Knob(Knob):
    def _set(self, value: Any) -> None:
        if not isinstance(value, str):
            raise TypeError(f"setValue of {self._name} takes a string")
        super()._set(value)


class Text_Knob(String_Knob):
    def __init__(self, name: str, label: str = "", value: str = "") -> None:
        super().__init__(name, label)
        self._value = value


class EvalString_Knob(String_Knob):
    def evaluate(self) -> str | None:
        return self._value or None


class File_Knob(EvalString_Knob):
    def getEvaluatedValue(self) -> str | None:
        return self._value or None


class PyScript_Knob(Knob):
    def __init__(self, name: str, label: str = "", command: str = "") -> None:
        super().__init__(name, label)
        self._value = command

    def execute(self) -> None:
        """A click. Python buttons run in the main thread, and Nuke is not busy meanwhile."""
        host.main("a click")
        from . import run

        run(self._value, self._node, self)


class Array_Knob(Knob):
    first: Any = 0.0

    def __init__(self, name: str, label: str = "", *rest: Any) -> None:
        super().__init__(name, label)
        self._keys: dict[float, float] = {}
        self._expression = ""
        self._default: Any = self.first
        self._range: tuple[float, float] = (0, 1)

    def setRange(self, low: float, high: float) -> None:
        self._range = (low, high)

    def setDefaultValue(self, values: list[float]) -> None:
        self._default = values[0]

    def defaultValue(self) -> Any:
        return self._default

    def isAnimated(self) -> bool:
        return bool(self._keys or self._expression)

    def hasExpression(self) -> bool:
        return bool(self._expression)

    def setAnimated(self) -> bool:
        return True

    def setValueAt(self, value: float, frame: float) -> bool:
        host.main("setting a key")
        self._keys[frame] = float(value)
        if self._node is not None:
            self._node._changed(self)
        return True

    def setExpression(self, text: str) -> bool:
        host.main("setting an expression")
        self._expression = text
        return True

    def clearAnimated(self) -> bool:
        self._keys, self._expression = {}, ""
        return True

    def _set(self, value: Any) -> None:
        if self._keys or self._expression:
            raise RuntimeError(f"{self._name} is animated: this would set a key")
        if isinstance(value, str):
            raise TypeError(f"setValue of {self._name} takes a number")
        self._value = self._plain(value)

    def value(self) -> Any:
        from . import frame

        return self.valueAt(frame())

    getValue = value

    def valueAt(self, frame: float) -> Any:
        if self._expression:
            from .expressions import evaluate

            return self._plain(evaluate(self._expression, self._node, frame))
        return self._plain(_between(self._keys, frame)) if self._keys else self._value

    getValueAt = valueAt

    def _plain(self, value: float) -> Any:
        return float(value)

    def toScript(self) -> str:
        if self._expression:
            return '{{"' + self._expression.replace("$", "\\$") + '"}}'
        if self._keys:
            return "{{curve " + " ".join(f"x{frame!r} {value!r}" for frame, value in self._keys.items()) + "}}"
        return repr(self._value)

    def fromScript(self, text: str) -> None:
        host.main(f"setting the knob {self._name}")
        self.clearAnimated()
        if text.startswith("{{curve"):
            self._keys = {float(x): float(y) for x, y in re.findall(r"x(\S+) ([^\s}]+)", text)}
        elif text.startswith("{{"):
            self._expression = text[3:-3].replace("\\$", "$")
        else:
            self._value = self._plain(float({"True": "1", "False": "0"}.get(text, text)))


class Double_Knob(Array_Knob):
    pass


class Int_Knob(Array_Knob):
    first = 0

    def _plain(self, value: float) -> Any:
        return int(value)


class Boolean_Knob(Array_Knob):
    first = False

    def _plain(self, value: float) -> Any:
        return bool(value)


class Enumeration_Knob(Knob):
    def __init__(self, name: str, label: str = "", values: list[str] | None = None) -> None:
        super().__init__(name, label)
        self._values = list(values or [])
        self._value = self._values[0] if self._values else ""

    def values(self) -> list[str]:
        return self._values

    def setValues(self, values: list[str]) -> None:
        number = self._values.index(self._value) if self._value in self._values else 0
        self._values = list(values)
        self._value = self._values[min(number, len(values) - 1)]  # Nuke keeps the number, not the name

    def _set(self, value: Any) -> None:
        if isinstance(value, int):
            value = self._values[value]
        if value not in self._values:
            raise TypeError(f"{value!r} is no choice of {self._name}")
        self._value = value

    def valueAt(self, frame: float) -> Any:
        return self._values.index(self._value)


KINDS = {
    "double": Double_Knob,
    "int": Int_Knob,
    "bool": Boolean_Knob,
    "enum": Enumeration_Knob,
    "text": EvalString_Knob,
    "file": File_Knob,
    "button": PyScript_Knob,
}


def _between(keys: dict[float, float], frame: float) -> float:
    """A curve with straight lines between its keys."""
    frames = sorted(keys)
    if frame <= frames[0] or frame >= frames[-1]:
        return keys[frames[0] if frame <= frames[0] else frames[-1]]
    after = next(number for number, key in enumerate(frames) if key >= frame)
    low, high = frames[after - 1], frames[after]
    return keys[low] + (keys[high] - keys[low]) * (frame - low) / (high - low)
