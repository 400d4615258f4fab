"""What a node looks like in Nuke, how Nuke starts with it, and what a farm does with a script."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import fakenuke
from fakenuke import pixels
from fakenuke.state import host
from hostnodes import TOLD, fiery
from nets import tiny_style
from plates import write_shot
from replate_plugin.host.declared import Declared
from replate_plugin.nuke import building, dock, farm, knobs, rendering, session
from services import ROOT, pythons

STARTUP = Path(building.__file__).parent / "startup"


def start(name: str) -> None:
    """Run a startup file as Nuke does."""
    path = STARTUP / name
    exec(compile(path.read_text(), str(path), "exec"), {"__file__": str(path), "__name__": "__main__"})


@pytest.mark.parametrize("name", ["style", "effect", "removal"])
def test_a_group_has_every_input_and_every_parameter_of_its_node(nuke: Any, name: str) -> None:
    node = session.declarations().node(name)
    group = building.build(node)
    inputs = [each for each in group.nodes() if each.Class() == "Input"]
    assert [each.name() for each in inputs] == [entry.name for entry in node.every_input]
    assert [each["number"].value() for each in inputs] == list(range(len(inputs)))
    first = building._names(node)[0]
    defaults = {knob.name: knob.default for knob in node.knobs(first)}
    for knob in (*node.every_knob, *node.options):
        held = group[knobs.name_of(knob)]
        assert held.value() == defaults.get(knob.name, knob.default), knob.name
        assert knob.help in held.tooltip()
        assert held.getFlag(nuke.NO_ANIMATION) is not knob.keyable
        if knob.kind == "float" and knob.slider:
            assert held._range == knob.slider
        if knob.kind == "choice":
            assert held.values() == list(knob.choices)
    tabs = [held.label() for held in group.knobs().values() if isinstance(held, fakenuke.Tab_Knob)]
    assert tabs == [node.title, *dict.fromkeys(knob.section for knob in node.every_knob), "Job"]


def test_a_name_that_every_group_has_is_not_taken_again(nuke: Any) -> None:
    knob = session.declarations().node("style").params[0]
    assert knobs.name_of(replace(knob, identifier="label")) == "label_"


def test_a_generator_shows_its_own_knobs_and_moves_defaults(nuke: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    node = fiery()
    monkeypatch.setattr(session, "_known", [Declared((node,))])
    group = building.build(node)
    assert group["replate_generator"].value() == "fire"
    assert (group["mix"].value(), group["speed"].value(), group["dark"].visible()) == (0.5, 1.0, False)
    group["replate_generator"].setValue("smoke")
    assert group["speed"]._range == (0.0, 9.0)
    assert (group["mix"].value(), group["speed"].value(), group["dark"].visible()) == (1.0, 0.2, True)
    group["mix"].setValue(0.3)
    group["speed"].setValueAt(2.0, 5)
    group["replate_generator"].setValue("fire")
    assert (group["mix"].value(), group["speed"].valueAt(5)) == (0.3, 2.0)


def test_a_node_that_had_no_generator_gets_the_first_ones_defaults(nuke: Any) -> None:
    node = replace(fiery(), default_generator="")  # as Effect, which comes without one
    group = building.build(replace(node, generators=()))
    assert (group["replate_generator"].value(), group["mix"].value(), group.knob("speed")) == ("", 1.0, None)
    building._offer(group, node)
    assert (group["replate_generator"].value(), group["mix"].value(), group["speed"].value()) == ("fire", 0.5, 1.0)


def test_the_menu_makes_a_node_below_the_selected_one(
    nuke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nukescripts", Scripts())
    start("menu.py")
    entries = nuke.menu("Nodes").items["Replate"].items
    assert list(entries)[:3] == ["Style", "Effect", "Removal"]
    read = nuke.nodes.Read(file=write_shot(tmp_path / "in", [1]))
    read.setSelected(True)
    exec(entries["Removal"], {})
    group = nuke.toNode("ReplateRemoval1")
    assert group.input(0) is read
    exec(entries["Removal"], {})
    assert nuke.toNode("ReplateRemoval2")


class Scripts(ModuleType):
    """Nuke's second module, as far as panels go: it evaluates the name of a widget when it shows it."""

    def __init__(self) -> None:
        super().__init__("nukescripts")
        self.panels, self.known, self.shown = self, dict[str, str](), list[Any]()

    def registerWidgetAsPanel(self, widget: str, name: str, id: str, create: bool = False) -> Any:
        self.known[id] = widget
        return SimpleNamespace(addToPane=lambda pane: self.shown.append((pane, eval(widget, {})))) if create else None


def test_the_panel_is_docked_where_nuke_brings_its_qt(nuke: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PySide6")
    scripts = Scripts()
    monkeypatch.setitem(sys.modules, "nukescripts", scripts)
    start("menu.py")
    assert list(scripts.known) == ["replate.Panel"]
    exec(nuke.menu("Nodes").items["Replate"].items["Panel"], {})
    (pane, widget), *_ = scripts.shown
    assert (pane, widget.__module__, widget.__name__) == ("Properties.1", "replate_plugin.panel.panel", "Panel")


def test_an_older_nuke_has_the_panel_in_a_window_of_its_own(nuke: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nuke, "NUKE_VERSION_MAJOR", 15)
    launched = list[tuple[str, ...]]()
    monkeypatch.setattr(dock, "Program", lambda *words: launched.append(words))
    start("menu.py")
    assert host.lines == []
    dock.show()
    assert launched == [("panel",)]


def test_new_generators_are_offered_to_nodes_that_are_there(
    nuke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = building.build(session.declarations().node("style"))
    group["replate_generator"].setValue("silver")
    tiny_style(tmp_path / "mine.onnx")
    monkeypatch.setenv("REPLATE_GENERATORS", str(tmp_path))
    building.refresh()
    assert "mine" in group["replate_generator"].values()
    assert group["replate_generator"].value() == "silver"


@pytest.mark.parametrize("gui", [True, False])
@pytest.mark.parametrize("name", ["init.py", "menu.py"])
def test_whatever_is_wrong_with_the_plug_in_nuke_starts(
    nuke: Any, name: str, gui: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakenuke.reset(gui=gui)
    monkeypatch.setitem(sys.modules, "replate_plugin.nuke", None)
    start(name)
    assert len(host.lines) == 1
    assert "Replate" in host.lines[0]


MODULES = sorted(path.stem for path in Path(building.__file__).parent.glob("*.py") if path.stem != "__init__")
IMPORT = """
import importlib, json, sys, types
sys.modules["nuke"] = types.ModuleType("nuke")
for name in json.loads(sys.argv[1]):
    importlib.import_module(f"replate_plugin.nuke.{name}")
from replate_plugin.host import baking, jobs, places, reading
told = reading.read(json.loads(sys.stdin.read()))
mix = told.node("style").params[0]
job = {"frames": "1-3", "node": "style", "inputs": {}}
print(jobs.sampled(mix, lambda frame: frame / 4, [1, 2])["keys"], len(places.digests(job)))
"""


@pytest.mark.parametrize(("version", "python"), list(pythons()))
def test_the_adapter_runs_on_the_python_of_any_nuke(version: str, python: str) -> None:
    command = [python, "-c", IMPORT, json.dumps(MODULES)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}
    done = subprocess.run(command, env=environment, input=json.dumps(TOLD), capture_output=True, text=True)
    assert done.stdout.split("\n")[0] == "[[1, 0.25], [2, 0.5]] 3", done.stderr


def test_an_old_nuke_is_told_and_starts(nuke: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("init.py", "menu.py"):
        ast.parse((STARTUP / name).read_text(), feature_version=(3, 7))
    monkeypatch.setattr(sys, "version_info", (3, 7, 12))
    start("init.py")
    start("menu.py")
    assert host.lines == ["Replate needs Nuke 15 or later and is left out here."]


@pytest.fixture
def script(nuke: Any, tmp_path: Path) -> str:
    """Two nodes below each other over a graph, in a saved script."""
    node = session.declarations().node("style")
    read = nuke.nodes.Read(file=write_shot(tmp_path / "in", range(1, 4)), first=1, last=3, raw=True)
    above = nuke.nodes.Multiply(inputs=[read], value=2)
    lower, upper = building.build(node), building.build(node)
    upper.setInput(0, above)
    lower.setInput(0, upper)
    for group in (lower, upper):
        group["replate_generator_file"].setValue(str(tiny_style(tmp_path / "tiny.onnx", change=0.1)))
        group["replate_cache"].setValue(str(tmp_path / "cache"))
    nuke.scriptSaveAs(str(tmp_path / "farm.nk"))
    fakenuke.reset(gui=False)
    return str(tmp_path / "farm.nk")


def test_a_farm_renders_every_node_from_the_top(nuke: Any, script: str) -> None:
    assert farm.main([script, "1-2"]) == 0, host.lines
    assert [name for name, *_ in host.executed] == ["Tap", "Tap"]
    assert "Replate: Frame 2, 2 of 2" in host.lines
    for name in ("ReplateStyle1", "ReplateStyle2"):
        assert pixels.shown(nuke.toNode(name), 2)
    assert farm.main([script, "3", "ReplateStyle2"]) == 0


def test_the_farms_script_takes_what_follows_its_name(nuke: Any, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(STARTUP / "farm.py")
    for raw, argv in ((["Nuke16.0", "-t", path, script, "1"], []), ([], [path, script, "1"])):
        monkeypatch.setattr(nuke, "rawArgs", raw)
        monkeypatch.setattr(sys, "argv", argv)
        with pytest.raises(SystemExit) as ended:
            start("farm.py")
        assert ended.value.code == 0, host.lines


def test_a_farm_is_told_what_fails_by_a_sentence_and_a_code(nuke: Any, script: str, tmp_path: Path) -> None:
    assert farm.main([script]) == 2
    assert farm.main([script, "1-2", "Style9"]) == 1
    assert host.lines[-1].endswith(
        "there is no Replate node 'Style9' in the script; it has ReplateStyle1, ReplateStyle2"
    )
    assert farm.main([str(tmp_path / "none.nk"), "1"]) == 1
    assert host.lines[-1].endswith("none.nk: can't read file")
    (tmp_path / "in" / "plate.0002.exr").unlink()
    assert farm.main([script, "1-2"]) == 1
    assert "Nuke cannot render the input 'plate'" in host.lines[-1]
    assert not rendering._running
