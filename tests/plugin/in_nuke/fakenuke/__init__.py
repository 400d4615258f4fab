"""A Nuke for tests: `sys.modules["nuke"]` is this package.

It misbehaves as the real one does: it executes one thing at a time, refuses the graph to other threads, hangs (here:
fails) where the main thread waits for itself, cancels, and deletes nodes under one's feet. Its knobs are those that
saved scripts hold; its names are checked against the published stubs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .knobs import (
    Array_Knob,
    Boolean_Knob,
    Double_Knob,
    Enumeration_Knob,
    EvalString_Knob,
    File_Knob,
    Int_Knob,
    Knob,
    PyScript_Knob,
    String_Knob,
    Tab_Knob,
    Text_Knob,
)
from .nodes import Group, Node, Root, create, pasted, script
from .pixels import shown, write
from .state import host

GUI = True
NUKE_VERSION_MAJOR, NUKE_VERSION_STRING, EXE_PATH = 16, "16.0v1", "/opt/Nuke16.0v1/Nuke16.0"
STARTLINE, NO_ANIMATION, INVISIBLE, EXPRESSIONS = 1, 2, 4, 8
rawArgs: list[str] = []
_frame = 1
_root = Root()


class CancelledError(Exception):
    pass


class Undo:
    @staticmethod
    def disable() -> None:
        host.undo_off += 1

    @staticmethod
    def enable() -> None:
        host.undo_off -= 1


class ProgressTask:
    """A window with a bar; other threads may have one."""

    def __init__(self, title: str = "") -> None:
        self.title, self.progress, self.messages = title, list[int](), list[str]()
        host.tasks.append(self)

    def setProgress(self, number: int) -> None:
        assert isinstance(number, int) and 0 <= number <= 100
        self.progress.append(number)

    def setMessage(self, text: str) -> None:
        self.messages.append(text)

    def isCancelled(self) -> bool:
        return host.cancel_tasks


class _Nodes:
    def __getattr__(self, kind: str) -> Callable[..., Node]:
        return lambda **given: create(kind, host.groups[-1] if host.groups else _root, **given)


nodes = _Nodes()


class _Menu:
    def __init__(self) -> None:
        self.items: dict[str, Any] = {}

    def addMenu(self, name: str, icon: str = "") -> _Menu:
        return self.items.setdefault(name, _Menu())

    def addCommand(self, name: str, command: str, shortcut: str = "", icon: str = "", tooltip: str = "") -> None:
        self.items[name] = command


def menu(name: str) -> _Menu:
    if not GUI:
        raise RuntimeError("there are no menus in terminal mode")
    return host.menus.setdefault(name, _Menu())


def getPaneFor(name: str) -> str:
    return name


def reset(*, gui: bool = True) -> None:
    """Another Nuke, with an empty script."""
    global GUI, _root, _frame
    GUI, _root, _frame = gui, Root(), 1
    host.reset()


def root() -> Root:
    return _root


def frame(number: int | None = None) -> int:
    global _frame
    _frame = _frame if number is None else number
    return _frame


def thisNode() -> Any:
    return host.context[-1][0]


def thisKnob() -> Any:
    return host.context[-1][1]


def run(code: str, node: Any, knob: Any) -> None:
    """A script on a node, with the names that Nuke gives it."""
    host.context.append((node, knob))
    try:
        exec(compile(code, f"<{knob.name()}>", "exec"), {"nuke": __import__("nuke")})
    finally:
        host.context.pop()


def toNode(name: str) -> Any:
    return _root.node(name)


def allNodes(filter: str = "", group: Any = None, recurseGroups: bool = False) -> list[Node]:
    found: list[Node] = []
    for each in (group or _root).nodes():
        found += [each] if filter in ("", each.Class()) else []
        found += allNodes(filter, each, True) if recurseGroups and isinstance(each, Group) else []
    return found


def selectedNodes() -> list[Node]:
    return [node for node in _root.nodes() if node["selected"].value()]


def delete(node: Any) -> None:
    host.main("deleting a node")
    node.parent()._nodes.remove(node)
    node._gone = True


def filename(node: Any, mode: int = 0) -> str | None:
    return str(node["file"].value()) or None


def addBeforeRender(call: Callable[[], None], args: Any = (), kwargs: Any = None, nodeClass: str = "Write") -> None:
    host.before_render.append(call)


def addOnScriptLoad(call: Callable[[], None], args: Any = (), kwargs: Any = None, nodeClass: str = "Root") -> None:
    host.on_load.append(call)


def execute(node: Any, start: int, end: int, incr: int = 1, views: Any = None, continueOnError: bool = False) -> None:
    host.main("execute")
    with host.working():
        host.context.append((node, None))
        try:
            for call in host.before_render:
                call()
        finally:
            host.context.pop()
        for number in range(start, end + 1, incr):
            if number == host.cancel_at:
                raise RuntimeError("Cancelled")
            _write(node, number)
    host.executed.append((node.name(), start, end))


def _write(node: Any, number: int) -> None:
    assert node.Class() == "Write" and node["file_type"].value() == "exr" and not _root["proxy"].value()
    kind = {"32 bit float": "float", "16 bit half": "half"}[node["datatype"].value()]
    path = Path(node["file"].value() % number)
    if not path.parent.is_dir():
        raise RuntimeError(f"{node.name()}: {path}: there is no such folder")
    write(str(path), shown(node.input(0), number), which=node["channels"].value(), kind=kind)


def executeInMainThread(call: Callable[..., Any], args: Any = (), kwargs: Any = None) -> None:
    given = args if isinstance(args, tuple) else (args,)
    host.later(lambda: call(*given, **(kwargs or {})))


def message(text: str) -> None:
    host.main("a window")
    assert not host.busy, "a window while Nuke executes"
    host.messages.append(text)


def tprint(*words: Any) -> None:
    host.lines.append(" ".join(map(str, words)))


def nodeCopy(path: str) -> None:
    Path(path).write_text(json.dumps(script(selectedNodes())))


def nodePaste(path: str) -> Any:
    made = pasted(json.loads(Path(path).read_text()), host.groups[-1] if host.groups else _root)
    return made[-1] if made else None


def scriptSaveAs(path: str) -> None:
    """Save the script, and call it by that file's name."""
    _root["name"]._value = path
    Path(path).write_text(json.dumps(script(_root.nodes())))


def scriptOpen(path: str) -> None:
    if not Path(path).is_file():
        raise RuntimeError(f"{path}: can't read file")
    loaded = host.on_load
    reset(gui=GUI)
    host.on_load = loaded
    _root["name"]._value = path
    pasted(json.loads(Path(path).read_text()), _root)
    for call in loaded:
        call()
