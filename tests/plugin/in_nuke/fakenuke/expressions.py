"""Nuke's expressions, as far as the adapter and its tests use them."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["evaluate", "named"]

_NAME = re.compile(r"\b([A-Za-z]\w*)\.(\w+)\b")


def evaluate(text: str, node: Any, frame: float) -> float:
    """The value of an expression on a knob of `node`."""
    from . import GUI

    python = text.replace("&&", " and ").replace("||", " or ").replace("$gui", str(int(GUI)))
    python = re.sub(r"!(?!=)", " not ", python)
    python = _NAME.sub(lambda match: repr(_value(match[1], match[2], node, frame)), python)
    value: float = eval(python, {"frame": frame, "__builtins__": {}})
    return value


def named(text: str, node: Any) -> list[Any]:
    """The nodes that an expression names, other than by parent."""
    return [_node(match[1], node) for match in _NAME.finditer(text) if match[1] != "parent"]


def _value(name: str, knob: str, node: Any, frame: float) -> float:
    return float(_node(name, node)[knob].valueAt(frame))


def _node(name: str, node: Any) -> Any:
    if name == "parent":
        return node.parent()
    found = node.parent().node(name)
    assert found is not None, f"the expression names {name}, which is not beside {node.name()}"
    return found
