"""What every host adapter shares: knobs from declarations, jobs from knobs, and what is up to date."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostnodes import DECLARED, TOLD, fiery
from nets import tiny_style
from plates import bits, read, write_shot
from replate.frames import format_frames, parse_frames
from replate.job import Job
from replate.nodes import Style
from replate.params import resolve
from replate.render import render
from replate_plugin.client import Service, ServiceError
from replate_plugin.host import baking, jobs, places, reading
from services import program, served

STYLE = DECLARED.node("style")
MIX = next(knob for knob in STYLE.params if knob.name == "mix")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with served(tmp_path_factory.mktemp("host"), client="test") as client:
        yield client


@pytest.fixture
def shot(tmp_path: Path) -> dict[str, Any]:
    """A job over six frames whose result belongs to a place."""
    look = str(tiny_style(tmp_path / "tiny.onnx", change=0.3))
    plate = write_shot(tmp_path / "in", range(1, 7))
    output = places.Place(tmp_path / "cache").result("style")
    values = {"mix": jobs.sampled(MIX, lambda frame: frame / 10, range(1, 7))}
    return jobs.make(
        STYLE, inputs={"plate": plate, "mask": ""}, output=output, frames=range(1, 7), generator=look, values=values
    )


def test_knobs_say_what_the_declarations_say() -> None:
    for node, told in zip(DECLARED.nodes, TOLD["nodes"], strict=True):
        assert [(knob.name, knob.default, knob.minimum, list(knob.choices)) for knob in node.params] == [
            (param["name"], param["default"], param["minimum"], param["choices"]) for param in told["params"]
        ]
        identifiers = [knob.identifier for knob in (*node.every_knob, *node.options)]
        assert all(name.isidentifier() for name in identifiers)
        assert len(set(identifiers)) == len(identifiers)
        assert [entry.name for entry in node.inputs if entry.required] == ["plate"]


def test_a_generator_brings_knobs_and_defaults() -> None:
    node = fiery()
    assert {knob.name: knob.default for knob in node.knobs("fire")}["mix"] == 0.5
    assert {knob.name: knob.default for knob in node.knobs("smoke")}["mix"] == 1.0
    assert [knob.name for knob in node.knobs("smoke")][-2:] == ["speed", "dark"]
    assert {knob.name: knob.generators for knob in node.every_knob if knob.generators} == {
        "speed": ("fire", "smoke"),
        "dark": ("smoke",),
    }
    assert [knob.name for knob in node.knobs("fire")] == [*(knob.name for knob in node.params), "speed"]
    assert node.knobs("of.somebody/else.onnx") == node.params
    assert [entry.name for entry in node.pipes("fire")] == [entry.name for entry in node.inputs]
    assert [entry.name for entry in node.pipes("smoke")][-1] == node.every_input[-1].name == "wind"


def test_another_generator_moves_only_knobs_that_nobody_touched() -> None:
    node = fiery()
    assert node.switched("fire", "smoke", {"mix": 0.5, "speed": 1.0, "steady": 0.3}) == {"mix": 1.0, "speed": 0.2}
    assert node.switched("fire", "smoke", {"mix": 0.7, "speed": 3.0}) == {}


def test_a_default_is_left_out_and_what_counts_is_the_generators() -> None:
    node = fiery()
    make = {"inputs": {"plate": "/a.exr"}, "output": "/o.exr", "frames": [1]}
    assert jobs.make(node, **make, generator="smoke", values={"mix": 1.0, "speed": 0.2})["params"] == {}
    assert jobs.make(node, **make, generator="fire", values={"mix": 1.0, "dark": 9.0})["params"] == {"mix": 1.0}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(-50, 1001), st.integers(1, 3))
def test_keys_give_the_hosts_value_at_every_frame(values: list[float], first: int, step: int) -> None:
    frames = range(first, first + step * len(values), step)
    host = dict(zip(frames, values, strict=True))
    output = {"inputs": {"plate": "/a.exr"}, "output": "/o.exr"}
    made = jobs.make(STYLE, **output, frames=frames, values={"mix": jobs.sampled(MIX, host.__getitem__, frames)})
    job = Job.from_data(json.loads(json.dumps(made)), where=Path("/job"))
    assert parse_frames(job.frames) == tuple(frames)
    params = [param for param in Style.params if param.name == "mix"]
    for frame in frames:
        assert resolve(params, job.params, frame)["mix"] == host[frame]
        assert jobs.at(made["params"].get("mix", 1.0), frame) == host[frame]


def test_only_what_can_be_keyed_may_change() -> None:
    channel = next(knob for knob in STYLE.params if knob.name == "mask.channel")
    with pytest.raises(ServiceError, match="'Mask channel' changes over the frames"):
        jobs.sampled(channel, lambda frame: f"c{frame}", [1, 2])
    assert jobs.sampled(channel, lambda frame: "a", [1, 2]) == "a"


@given(st.integers(-99999, 99999), st.integers(0, 4))
def test_a_number_that_was_typed_survives_single_precision(digits: int, places_: int) -> None:
    typed = digits / 10**places_
    assert jobs.shortest(float(np.float32(typed))) == typed


@given(st.lists(st.integers(-20, 200), max_size=40, unique=True))
def test_frame_ranges_are_those_of_the_core(frames: list[int]) -> None:
    assert jobs.numbers(format_frames(frames)) == tuple(frames)
    if frames:
        assert parse_frames(jobs.ranges(frames)) == tuple(frames)


def test_the_declarations_are_found_without_a_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLATE_PYTHON", program(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # no generators but the shipped ones
    monkeypatch.delenv("REPLATE_GENERATORS", raising=False)
    monkeypatch.setattr(reading, "RECORD", tmp_path / "declarations.json")
    said = subprocess.run([program(tmp_path), "-m", "replate", "nodes", "--json"], capture_output=True, check=True)
    assert reading.load() == reading.read(json.loads(said.stdout))
    assert [node.name for node in reading.load().nodes] == [node.name for node in DECLARED.nodes]
    reading.RECORD.write_text(json.dumps({**TOLD, "nodes": TOLD["nodes"][:1]}))
    assert [node.name for node in reading.load().nodes] == ["style"]
    reading.RECORD.write_text("{")
    with pytest.raises(ServiceError, match=r"cannot be read .*; install the plug-in again"):
        reading.load()


def test_a_bad_range_is_one_sentence() -> None:
    with pytest.raises(ServiceError, match="'1-x' is no frame range"):
        jobs.numbers("1-x")


def test_a_bake_renders_what_the_command_line_renders_and_notes_it(
    service: Service, shot: dict[str, Any], tmp_path: Path
) -> None:
    place, seen = places.Place(tmp_path / "cache"), list[baking.Progress]()
    wanted = places.digests(shot)
    assert place.old(shot["output"], wanted) == (1, 2, 3, 4, 5, 6)
    baked = baking.bake(service, shot, place, on_progress=seen.append)
    assert baked.frames == (1, 2, 3, 4, 5, 6)
    assert seen[-1].fraction == 1
    assert seen[-1].text == "Frame 6, 6 of 6"
    assert place.old(shot["output"], wanted) == ()
    told = Job.from_data({**shot, "output": str(tmp_path / "told.%04d.exr")}, where=Path("/job"))
    render(told)
    for frame in range(1, 7):
        assert np.array_equal(bits(read(shot["output"] % frame)[0]), bits(read(told.output % frame)[0])), frame


def test_a_frame_is_old_when_its_settings_or_files_are_others(shot: dict[str, Any], tmp_path: Path) -> None:
    place = places.Place(tmp_path / "cache")
    place.ready(shot["output"])
    for frame in range(1, 7):
        Path(shot["output"] % frame).touch()
    before = places.digests(shot)
    place.note(shot["output"], before)
    one = {**shot, "params": {"mix": {"keys": [[1, 0.1], [5, 0.5], [6, 0.9]], "interpolation": "linear"}}}
    assert place.old(shot["output"], places.digests(one, range(5, 7))) == (6,)
    assert place.old(shot["output"], places.digests({**shot, "params": {"mix": 0.3}}, [3])) == ()
    assert place.old(shot["output"], places.digests({**shot, "options": {"device": "cpu"}})) == ()
    assert place.old(shot["output"], places.digests({**shot, "options": {"layer": "a"}})) == (1, 2, 3, 4, 5, 6)
    Path(shot["output"] % 4).unlink()
    assert place.old(shot["output"], before) == (4,)
    os.utime(Path(shot["inputs"]["plate"] % 3), ns=(1, 1))
    assert place.old(shot["output"], places.digests(shot)) == (1, 2, 3, 4, 5, 6)


def test_a_frame_that_may_have_been_replaced_is_old_until_it_is_noted(tmp_path: Path) -> None:
    """A host that crashes in the middle leaves new pictures that were noted as the old ones."""
    place = places.Place(tmp_path / "cache")
    pattern = place.tap("plate")
    assert place.claim(pattern, {1: "a", 2: "a"}) == (1, 2)
    for frame in (1, 2):
        Path(pattern % frame).touch()
    place.note(pattern, {1: "a", 2: "a"})
    assert place.claim(pattern, {1: "a", 2: "b"}) == (2,)
    assert place.old(pattern, {1: "a", 2: "a"}) == (2,)
    place.note(pattern, {2: "b"})
    assert place.old(pattern, {1: "a", 2: "b"}) == ()


def test_files_are_looked_at_again_once_what_is_known_is_too_old(tmp_path: Path) -> None:
    path = tmp_path / "a.[x].0001.exr"
    path.touch()
    pattern = str(tmp_path / "a.[x].%04d.exr")
    assert [name for name, *_ in places.files(pattern)] == [path.name]
    path.unlink()
    assert places.files(pattern, age=60) != []
    assert places.files(pattern) == places.files(pattern, age=60) == []


def test_what_a_host_renders_itself_counts_by_its_own_word(shot: dict[str, Any]) -> None:
    before = places.digests(shot, [1], upstream={"plate": "blur 5"})
    os.utime(Path(shot["inputs"]["plate"] % 1), ns=(1, 1))
    assert places.digests(shot, [1], upstream={"plate": "blur 5"}) == before
    assert places.digests(shot, [1], upstream={"plate": "blur 6"}) != before


def test_a_preview_is_a_frame_of_the_result(service: Service, shot: dict[str, Any], tmp_path: Path) -> None:
    place = places.Place(tmp_path / "cache")
    baking.preview(service, shot, place, 4)
    assert place.old(shot["output"], places.digests(shot)) == (1, 2, 3, 5, 6)


def test_in_a_thread_of_its_own_it_can_be_cancelled(service: Service, shot: dict[str, Any], tmp_path: Path) -> None:
    place = places.Place(tmp_path / "cache")
    assert baking.Baking(service, shot, place).start().result().frames == (1, 2, 3, 4, 5, 6)
    later = baking.Baking(service, {**shot, "params": {}}, place)
    later.cancel()
    with pytest.raises(ServiceError, match="cancelled") as caught:
        later.start().result()
    assert (caught.value.exit_code, later.over) == (130, True)


def test_a_frame_that_fails_is_told_and_the_others_are_made(
    service: Service, shot: dict[str, Any], tmp_path: Path
) -> None:
    place = places.Place(tmp_path / "cache")
    Path(shot["inputs"]["plate"] % 3).write_bytes(b"no picture")
    with pytest.raises(ServiceError, match="frames 3 failed: ") as caught:
        baking.bake(service, shot, place)
    assert caught.value.exit_code == 1
    assert place.old(shot["output"], places.digests(shot)) == (3,)


def test_clearing_removes_what_was_put_there_and_nothing_else(
    service: Service, shot: dict[str, Any], tmp_path: Path
) -> None:
    place = places.Place(tmp_path / "cache")
    baking.bake(service, shot, place)
    mine = tmp_path / "cache" / "result" / "mine.txt"
    mine.write_text("keep")
    place.clear()
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == [mine]
    mine.unlink()
    baking.bake(service, shot, place)
    place.clear()
    assert not (tmp_path / "cache").exists()


def test_the_window_of_a_job_is_its_nodes(service: Service, shot: dict[str, Any]) -> None:
    assert service.window({**shot, "params": {}}) == (0,)
    steady = service.window({**shot, "params": {"steady": 0.5}})
    assert steady == tuple(range(steady[0], steady[-1] + 1))
    assert steady[0] == -steady[-1] < 0
    job = {"replate": 1, "node": "removal", "inputs": {"plate": "/a.exr"}, "output": "/b.exr"}
    assert service.window({**job, "params": {"reach": 4, "step": 2, "steady": 0}}) == (-4, -2, 0, 2, 4)
    fire = service.window({**job, "node": "effect", "generator": "fire", "params": {"speed": 1}})
    assert fire == tuple(range(1 - len(fire), 1)) and len(fire) > 10, "its defaults are its generator's"
    with pytest.raises(ServiceError, match="unknown parameter 'reech'; did you mean 'reach'"):
        service.window({**job, "params": {"reech": 4}})
