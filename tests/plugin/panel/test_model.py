"""What the panel edits, without Qt: curves, documents, undo, presets, the queue, painting, what files are for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from replate.declarations import declarations
from replate.job import Job
from replate.params import Curve as CoreCurve
from replate_plugin.host.declared import Node
from replate_plugin.host.reading import read
from replate_plugin.panel.model.curves import Curve, value_at
from replate_plugin.panel.model.document import Document
from replate_plugin.panel.model.dropped import number_of, pattern_of, purpose
from replate_plugin.panel.model.film import Stamps, made_from
from replate_plugin.panel.model.history import History
from replate_plugin.panel.model.home import write_json
from replate_plugin.panel.model.outputs import in_format, usual_output
from replate_plugin.panel.model.painting import Painting, Stroke
from replate_plugin.panel.model.presets import Preset, Presets
from replate_plugin.panel.model.queue import Queue
from replate_plugin.panel.model.viewing import View
from services import ROOT

NODES = {node.name: node for node in read(declarations("")).nodes}
STYLE = NODES["style"]
KNOBS = {knob.name: knob for knob in STYLE.knobs()}
MIX = KNOBS["mix"]

numbers = some.floats(-100, 100, width=32)
keys = some.dictionaries(some.integers(-50, 50), numbers, min_size=1, max_size=6)


@given(keys, some.sampled_from(["linear", "smooth", "hold"]), some.integers(-60, 60))
def test_a_curve_is_what_the_render_makes_of_it(points: dict[int, float], kind: str, frame: int) -> None:
    pairs = tuple(sorted((float(number), value) for number, value in points.items()))
    assert Curve(pairs, kind).at(frame) == CoreCurve(pairs, kind).at(frame)  # type: ignore[arg-type]


@given(keys, some.integers(-60, 60))
def test_a_key_set_where_the_curve_is_changes_nothing(points: dict[int, float], frame: int) -> None:
    curve = Curve(tuple(sorted((float(number), value) for number, value in points.items())))
    keyed = curve.with_key(frame, curve.at(frame))
    assert keyed.has_key(frame)
    for number in range(-60, 61, 7):
        assert keyed.at(number) == pytest.approx(curve.at(number), abs=1e-6)


def test_a_knob_at_its_default_is_not_in_the_job() -> None:
    document = Document(inputs={"plate": "a.exr"}).with_value(MIX, 1, 0.5)
    assert document.job(STYLE)["params"] == {"mix": 0.5}
    assert document.with_value(MIX, 1, MIX.default).job(STYLE)["params"] == {}


def test_inputs_of_a_generator_are_in_its_job_and_in_no_others(tmp_path: Path) -> None:
    effect = NODES["effect"]
    document = Document("effect", "fire", {"plate": "/a.exr", "mask": "/m.exr", "holdout": "/h.exr"})
    assert set(document.job(effect)["inputs"]) == {"plate", "mask", "holdout"}
    assert set(replace(document, node="style", generator="silver").job(STYLE)["inputs"]) == {"plate", "mask"}
    (tmp_path / "tree_holdout.exr").touch()
    assert purpose(tmp_path / "tree_holdout.exr", effect.pipes("fire")) == "holdout"
    assert purpose(tmp_path / "tree_holdout.exr", STYLE.inputs) == "mask"


def test_the_first_key_holds_what_the_knob_was_and_the_last_leaves_it() -> None:
    document = Document().with_value(MIX, 1, 0.25).with_key(MIX, 10)
    assert document.settings["mix"] == Curve(((10.0, 0.25),))
    moved = document.with_value(MIX, 20, 0.75)
    assert (moved.value(MIX, 10), moved.value(MIX, 15), moved.value(MIX, 20)) == (0.25, 0.5, 0.75)
    assert moved.without_key(MIX, 10).without_key(MIX, 20).settings["mix"] == 0.75


def test_a_document_comes_back_from_its_data_and_is_a_job_that_the_command_line_takes(tmp_path: Path) -> None:
    stroke = Stroke("brush", ((1.0, 2.0), (3.0, 4.0)), 7.0)
    document = Document(inputs={"plate": "/a.exr"}, output="/b.exr", painting=Painting().with_stroke(3, stroke))
    document = document.with_value(MIX, 1, 0.5).with_key(MIX, 4).with_value(MIX, 9, 1.0)
    assert Document.of(json.loads(json.dumps(document.to_data()))) == document
    path = tmp_path / "job.json"
    write_json(path, document.job(STYLE))
    job = Job.load(path)
    assert job.params["mix"] == CoreCurve(((4.0, 0.5), (9.0, 1.0)))


def test_everything_can_be_undone_and_a_drag_is_one_step() -> None:
    start = Document()
    history = History(start)
    for value in (0.9, 0.8, 0.7):
        history.change(history.document.with_value(MIX, 1, value), "Change Mix", merge="mix")
    history.settle()
    history.change(history.document.with_value(MIX, 1, 0.1), "Change Mix", merge="mix")
    history.undo()
    assert history.document.value(MIX, 1) == 0.7
    assert (history.undoes, history.redoes) == ("Change Mix", "Change Mix")
    history.undo()
    assert history.document == start
    history.redo()
    history.change(start.with_input("mask", "m.exr"), "Open mask")
    assert history.redoes == ""


@given(some.lists(some.sampled_from([0.1, 0.2, 0.3, "undo", "redo"]), max_size=40))
def test_undo_and_redo_go_along_one_line(steps: list[object]) -> None:
    history, line, at = History(Document()), [Document()], 0
    for step in steps:
        if step == "undo":
            history.undo()
            at = max(0, at - 1)
        elif step == "redo":
            history.redo()
            at = min(len(line) - 1, at + 1)
        elif line[at].value(MIX, 1) != step:
            line = [*line[: at + 1], line[at].with_value(MIX, 1, step)]  # type: ignore[arg-type]
            at += 1
            history.change(line[at], "change")
        assert history.document == line[at]


def test_a_preset_holds_what_the_node_can_hold_and_says_what_not(tmp_path: Path) -> None:
    presets = Presets(tmp_path)
    document = Document(generator="silver").with_value(MIX, 1, 0.4)
    presets.save(Preset.of(document, "Half"))
    assert presets.names("style") == ["Half"]
    assert presets.names("removal") == []
    loaded, left_out = presets.load("style", "Half").on(Document(), STYLE)  # type: ignore[union-attr]
    assert (loaded.settings, loaded.generator, left_out) == ({"mix": 0.4}, "silver", ())
    odd = Preset("Odd", "style", "", {"mix": 7.0, "nothing": 1, "strength": 0.5, "mask.invert": "yes"})
    changed, left_out = odd.on(Document(), STYLE)
    assert (changed.settings, left_out) == ({"strength": 0.5}, ("mix", "nothing", "mask.invert"))


@pytest.mark.parametrize("text", ["", "[]", '{"replate": 1}', '{"replate_preset": 1, "node": "style", "params": [1]}'])
def test_what_is_no_preset_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="is no preset"):
        Presets(tmp_path / "kept").bring(path)


def test_the_queue_is_there_again_and_what_ran_in_a_panel_that_is_gone_is_paused(tmp_path: Path) -> None:
    queue = Queue(tmp_path)
    first, second = queue.add({"node": "style"}, "one"), queue.add({"node": "style"}, "two")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    queue.put(replace(first, state="running", process=gone.pid, done=2, total=9))
    queue.say(first, "frame 2 done")
    again = Queue(tmp_path)
    states = [(ticket.title, ticket.state, ticket.done) for ticket in again.tickets.values()]
    assert states == [("one", "paused", 2), ("two", "waiting", 0)]
    assert "frame 2 done" in again.log(first)
    assert again.next() == second
    queue.put(replace(first, state="running", process=os.getppid()))
    assert Queue(tmp_path).tickets[first.id].state == "running"


def test_a_ticket_that_was_cut_short_does_no_harm(tmp_path: Path) -> None:
    queue = Queue(tmp_path)
    ticket = queue.add({}, "whole")
    (tmp_path / "a.json").write_text('{"id": "a", "tit')
    (tmp_path / "b.json").write_text('{"title": "no id"}')
    assert list(Queue(tmp_path).tickets) == [ticket.id]


def test_what_is_drawn_holds_until_the_next_key() -> None:
    dot, box = Stroke("brush", ((1.0, 1.0),)), Stroke("rectangle", ((0.0, 0.0), (5.0, 5.0)))
    painting = Painting().with_stroke(10, dot).with_stroke(20, box)
    assert [len(painting.at(frame)) for frame in (1, 10, 19, 20, 99)] == [1, 1, 1, 2, 2]
    assert painting.cleared(15).at(15) == painting.cleared(15).at(19) == ()
    assert painting.without_key(20).at(20) == (dot,)
    assert len({Painting().digest, painting.digest, painting.without_key(20).digest}) == 3


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("plate.0001.exr", "plate"),
        ("shot_010_roto_v2.0001.exr", "mask"),
        ("Matte.png", "mask"),
        ("reference.mov", "reference"),
        ("masked_ball.exr", "plate"),
        ("look.onnx", "generator"),
        ("notes.txt", ""),
    ],
)
def test_what_a_dropped_file_is_for(tmp_path: Path, name: str, use: str) -> None:
    (tmp_path / name).touch()
    assert purpose(tmp_path / name, STYLE.inputs) == use


def test_a_picture_whose_name_is_a_number_is_named_by_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "swan_mask"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number:05d}.png").touch()
    assert purpose(folder / "00001.png", STYLE.inputs) == "mask"
    assert number_of(folder / "00001.png") == 1
    assert number_of(folder) is None
    assert usual_output(Document(inputs={"plate": str(folder / "%05d.png")}), "silver").endswith(
        "/swan_mask_silver.%04d.png"
    )


def test_a_picture_of_a_sequence_stands_for_the_sequence(tmp_path: Path) -> None:
    for name in ("a_v2.1001.exr", "a_v2.1002.exr", "b.1001.exr", "still_7.exr"):
        (tmp_path / name).touch()
    assert pattern_of(tmp_path / "a_v2.1002.exr") == str(tmp_path / "a_v2.%04d.exr")
    assert pattern_of(tmp_path / "still_7.exr") == str(tmp_path / "still_7.exr")
    assert pattern_of(tmp_path) == str(tmp_path / "a_v2.%04d.exr")


def test_a_result_goes_beside_its_plate_in_its_format(tmp_path: Path) -> None:
    document = Document(generator="silver", inputs={"plate": str(tmp_path / "a.%04d.exr")})
    assert usual_output(document, "silver") == str(tmp_path / "replate" / "a_silver.%04d.exr")
    movie = usual_output(document.with_input("plate", str(tmp_path / "b.mp4")), "/x/silver.onnx")
    assert movie == str(tmp_path / "replate" / "b_silver.mp4")
    assert in_format("/x/a.%04d.exr", "ProRes") == "/x/a.mov"
    assert in_format("/x/a.mov", "EXR") == "/x/a.%04d.exr"


def test_a_view_survives_nonsense() -> None:
    view = View(compare="difference", wipe=(0.2, 0.3), exposure=-1.5)
    assert View.of(json.loads(json.dumps(view.to_data()))) == view
    assert View.of({"compare": "x", "wipe": 3, "gamma": "y", "angle": True}) == View()


def made(document: Document, frame: int, node: Node = STYLE) -> str:
    job = {**document.job(node), "generator": "silver"}
    return made_from(job, [frame], {knob.name: knob.kind for knob in node.knobs()}, Stamps())[frame]


def test_a_preview_is_known_by_what_it_is_made_from(tmp_path: Path) -> None:
    plate = tmp_path / "a.exr"
    plate.write_text("one")
    document = Document(inputs={"plate": str(plate)})
    keyed = document.with_value(MIX, 1, 0.0).with_key(MIX, 1).with_value(MIX, 5, 1.0)
    assert made(keyed, 1) == made(document.with_value(MIX, 1, 0.0), 1)
    assert len({made(keyed, frame) for frame in range(1, 6)} | {made(document, 3)}) == 6
    other = keyed.with_setting(MIX, Curve(((1.0, 0.5), (5.0, 1.0))))
    assert made(other, 3) != made(keyed, 3)
    assert value_at(other.settings["mix"], 3, "float") == 0.75
    before = made(document, 1)
    plate.write_text("another")
    assert made(document, 1) != before


def test_the_model_knows_no_qt() -> None:
    code = """
import sys, pkgutil, importlib
import replate_plugin.panel.model as model
for each in pkgutil.iter_modules(model.__path__):
    importlib.import_module(f"{model.__name__}.{each.name}")
print([name for name in sys.modules if name.partition(".")[0] in ("PySide6", "numpy", "replate")])
"""
    environment = {"PYTHONPATH": str(ROOT / "plugin")}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert told.stdout.strip() == "[]", told.stderr
