"""Every name of Nuke's that the adapter or the fake uses is one that Nuke has, as the published stubs say."""

from __future__ import annotations

import ast
import inspect
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fakenuke
from fakenuke.nodes import _ALL, _OWN
from replate_plugin.nuke import building

STUBS = Path(sysconfig.get_paths()["purelib"]) / "nuke-stubs"
ADAPTER = sorted(Path(building.__file__).parent.rglob("*.py"))
OWN = {
    "nodes",
    "update",
    "keys",
    "values",
    "items",
    "name",
    "value",
    "word",
    "render",
    "input",
}  # of Python or of ours, too
PYTHON = {"Enumeration_Knob": {"valueAt"}}  # inherited in Nuke, whose classes have other bases than the fake's
NUKESCRIPTS = {"registerWidgetAsPanel", "addToPane"}  # of Nuke's guide to panels; that module is in no stub
OF_JOBS = {"plate", "mask", "params", "inputs", "color_space", "ocio", "mask_channel"}  # what else is in brackets
CONTROLS = {"host", "reset", "run", "create", "pasted", "script", "shown", "write", "annotations"}  # of the fake alone


@pytest.fixture(scope="module")
def stubs() -> dict[str, set[str]]:
    """Top-level names, each with the names inside it where it is a class, with those of its bases."""
    if not STUBS.is_dir():
        pytest.skip("the stubs of Nuke (types-nuke) are not installed")
    found: dict[str, set[str]] = {}
    bases: dict[str, list[str]] = {}
    for path in sorted(STUBS.glob("*.pyi")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for name in _named(node):
                found.setdefault(name, set())
            if isinstance(node, ast.ClassDef):
                found[node.name] |= {name for inner in node.body for name in _named(inner)}
                bases[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
    for name in found:
        waiting = list(bases.get(name, ()))
        while waiting:
            base = waiting.pop()
            found[name] |= found.get(base, set())
            waiting += bases.get(base, ())
    return found


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _attributes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(name of what is before the dot, where it is a name; what is behind it)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield (node.value.id if isinstance(node.value, ast.Name) else ""), node.attr


def test_every_name_in_nuke_is_one_of_nukes(stubs: dict[str, set[str]]) -> None:
    used = {
        behind for path in ADAPTER for before, behind in _attributes(ast.parse(path.read_text())) if before == "nuke"
    }
    assert {"execute", "ProgressTask", "executeInMainThread", "nodes"} <= used
    assert not used - stubs.keys()


def test_every_method_in_camel_case_is_one_of_nukes(stubs: dict[str, set[str]]) -> None:
    methods = set().union(*stubs.values()) | stubs.keys()
    camel = {
        behind
        for path in ADAPTER
        for _, behind in _attributes(ast.parse(path.read_text()))
        if behind != behind.lower() and not behind.isupper() and behind[0].islower()
    }
    assert {"setValue", "firstFrame", "getEvaluatedValue", "setXYpos"} <= camel
    assert not camel - methods - NUKESCRIPTS


def test_scripts_in_knobs_use_nukes_names_too(stubs: dict[str, set[str]]) -> None:
    for code in (building._CHANGED, building._BUTTON.format(name="render")):
        used = {behind for before, behind in _attributes(ast.parse(code)) if before == "nuke"}
        assert used and not used - stubs.keys()


def test_the_fake_has_nothing_that_nuke_has_not(stubs: dict[str, set[str]]) -> None:
    public = {name for name in vars(fakenuke) if not name.startswith("_")} - CONTROLS
    ours = {name for name in public if not inspect.ismodule(getattr(fakenuke, name))} - {
        "Any",
        "Callable",
        "Path",
        "json",
    }
    assert not ours - stubs.keys()
    for name in ours:
        kind: Any = getattr(fakenuke, name)
        if inspect.isclass(kind):
            methods = {each for each in dir(kind) if not each.startswith("_")} - set(dir(Exception)) - {"first"}
            assert not methods - stubs[name] - PYTHON.get(name, set()), name


def test_the_knobs_of_nodes_are_those_that_the_fake_knows() -> None:
    """Nodes' knobs are in no stub; the fake's are those of scripts that Nuke saved."""
    known = {entry.split("=")[0].split()[1] for table in (_ALL, *_OWN.values()) for entry in table.split(", ")}
    used = {
        node.slice.value
        for path in ADAPTER
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    }
    ours = {name for name in used if name.startswith("replate_")}
    assert used - ours - known <= OF_JOBS
