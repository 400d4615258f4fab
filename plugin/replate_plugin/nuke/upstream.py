"""What a picture in Nuke is made from, as a word that is another one when the picture may be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import nuke

from ..host.places import files
from .knobs import APPEARANCE

__all__ = ["above", "word"]

_UNSEEN = APPEARANCE | {"reload", "replate_state", "replate_frames"}
_COLOUR = ("colorManagement", "OCIO_config", "customOCIOConfigPath", "workingSpaceLUT")


def above(node: Any) -> list[Any]:
    """`node` and all nodes that it depends on, by pipes and expressions, each once and the deepest last."""
    found: list[Any] = []
    waiting = [node]
    while waiting:
        each = waiting.pop(0)
        if each is not None and each not in found and each.Class() != "Root":
            found.append(each)
            waiting.extend(_next(each))
    return found


def word(node: Any, *, age: float = 0.0) -> str:
    """A hash of all that `node` and what is above it are set to, and of the files that are read there, as they were no
    more than `age` seconds ago."""
    made = hashlib.sha256()
    for each in above(node):
        made.update("\n".join(_said(each, age)).encode())
    root = nuke.root()
    made.update("\n".join(root[name].toScript() for name in _COLOUR if root.knob(name)).encode())
    return made.hexdigest()[:16]


def _next(node: Any) -> Iterator[Any]:
    """What a node looks at: its inputs, what its expressions name, and for a Group what is in it."""
    yield from (node.input(number) for number in range(node.inputs()))
    yield from node.dependencies(nuke.EXPRESSIONS)
    if hasattr(node, "nodes"):
        yield from node.nodes()
    if node.Class() == "Input" and node.parent() is not None and hasattr(node.parent(), "input"):
        yield node.parent().input(int(node["number"].value()))


def _said(node: Any, age: float) -> Iterator[str]:
    yield node.Class()
    for name, knob in sorted(node.knobs().items()):
        if name not in _UNSEEN:
            yield f"{name} {knob.toScript()}"
    if "file" in node.knobs() and node.Class() != "Write":
        yield str(files(str(nuke.filename(node) or ""), age=age))
