"""Whatever a job holds, its template is valid, and the command of a task means that job again."""

from __future__ import annotations

import json
import string
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
import typer
from hypothesis import given, settings

from nets import identity, tiny_style
from openjds import chunks, job_of, words
from plates import write_shot
from replate.card import Card
from replate.catalogue import find
from replate.cli_options import job_from, render_signature
from replate.declarations import family_of, params_of
from replate.errors import UsageError
from replate.farm.asked import Asked
from replate.farm.bundle import write_bundle
from replate.farm.parameters import MOST_PARAMETERS, fits
from replate.farm.work import farm_of
from replate.frames import format_frames, parse_frames
from replate.job import Job
from replate.nodes import node_named
from replate.options import OPTIONS
from replate.params import Curve, Param, format_setting, resolve, with_defaults
from studio import write_config

KINDS = [("style", "painted"), ("style", "colorize"), ("removal", "fill")]
KINDS += [("effect", name) for name in ("fire", "smoke", "light")]
SIDES = {("removal", "fill"): ("mask",), ("effect", "fire"): ("mask",), ("effect", "smoke"): ("mask",)}

TIED = ("replace", "matte", "mask.channel", "mask.light")
"""Parameters that want something of the inputs."""

# What a folder or a knob may be called that a template, a shell or a format string would read otherwise.
names = st.one_of(
    st.sampled_from(["{{Param.mix}}", "}}{{", "a b", "$HOME", "'\"", "ä日本🎬", "-x", "--", "100%", "a=b", "\\n"]),
    st.text(string.ascii_letters + string.punctuation.replace("/", "") + " äß日", min_size=1, max_size=12),
).filter(lambda name: name.strip(".") and "%" not in name[-3:] and not {"#", "@"} & set(name) and "$F" not in name)
lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def values(param: Param) -> st.SearchStrategy[Any]:
    """Anything that the declaration allows."""
    if param.kind == "choice":
        return st.sampled_from(param.choices)
    if param.kind == "text":
        return lines
    if param.kind == "bool":
        return st.booleans()
    low = -1e6 if param.minimum is None else param.minimum
    high = 1e6 if param.maximum is None else param.maximum
    return st.integers(int(low), int(high)) if param.kind == "int" else st.floats(low, high)


def set_as(param: Param) -> st.SearchStrategy[Any]:
    """A value, or keys, of which some are too many for a job parameter."""
    if not param.keyable or param.kind not in ("float", "int", "bool"):
        return values(param)
    frames = st.lists(st.floats(-1000, 2000), min_size=1, max_size=60, unique=True).map(sorted)
    keys = frames.flatmap(lambda at: st.tuples(*(st.tuples(st.just(frame), values(param)) for frame in at)))
    ways = st.sampled_from(["linear", "smooth", "hold"])
    return st.one_of(values(param), st.builds(Curve, keys, ways).map(param.check))


def some(params: tuple[Param, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={param.name: set_as(param) for param in params})


def goes_together(job: Job) -> bool:
    """Whether the node takes these inputs and settings."""
    kind, params = family_of(job.node, job.generator)
    try:
        kind.check(job.inputs, with_defaults(params, job.params))
    except UsageError:
        return False
    return True


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    node, generator = draw(st.sampled_from(KINDS))
    frames = draw(st.lists(st.integers(-100, 5000), min_size=1, max_size=30, unique=True))
    options = draw(
        some(tuple(param for param in OPTIONS if param.name not in ("ocio", "display", "color_space", "tile")))
    )
    return Job(
        node=node,
        generator=generator,
        inputs={"plate": "blank:64x48", **dict.fromkeys(SIDES.get((node, generator), ()), "plate:A")},
        output=f"/{draw(names)}/{draw(names)}.%04d.exr",
        frames=format_frames(frames),
        params=draw(some(tuple(param for param in params_of(node, generator) if param.name not in TIED))),
        options={**options, "missing": "error", "inputs_color_space": ""},
    )


def parsed(command: list[str]) -> Job:
    """What `replate render` takes a command for."""
    app, found = typer.Typer(), list[Job]()

    def take(**given: Any) -> None:
        found.append(job_from(given))

    app.command()(render_signature(take))
    replate, render, *rest = command
    assert (replate, render) == ("replate", "render")
    own = [word for word in rest if not word.startswith("--service=")]
    typer.main.get_command(app).main(own, standalone_mode=False)
    return found[0]


def same(one: Job, other: Job) -> None:
    """Both jobs make the same pixels, frame by frame."""
    params = params_of(one.node, one.generator)
    assert dict(one.inputs) == dict(other.inputs)
    assert (one.node, one.output) == (other.node, other.output)
    assert find(node_named(one.node).generator_named(one.generator)) == find(other.generator)
    for frame in (-1000, 0, 17, 1042, 3000):
        assert resolve(params, one.params, frame) == resolve(params, other.params, frame)
    for param in OPTIONS:
        assert one.option(param.name) == other.option(param.name)


def in_words(job: Job, bundle: Path) -> Job:
    """The job with no more than what is a job parameter: the rest is too long for one, or one too many."""
    definitions = job_of(bundle).parameters
    params = {name: value for name, value in job.params.items() if name.replace(".", "_") in definitions}
    options = {name: value for name, value in job.options.items() if name in definitions}
    left_out = [*(job.params.keys() - params.keys()), *(job.options.keys() - options.keys() - {"overwrite"})]
    if len(definitions) < MOST_PARAMETERS:
        assert all(not fits(format_setting({**job.params, **job.options}[name])) for name in left_out)
    return replace(job, params=params, options=options)


@settings(max_examples=20, derandomize=True)
@given(job=jobs().filter(goes_together), chunk=st.integers(1, 12))
def test_the_command_of_every_task_means_the_job(job: Job, chunk: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        write_bundle(bundle, farm_of(job, Asked(chunk=chunk)))
        tasks = chunks(bundle)
        made = [frame for task in tasks for frame in parse_frames(f"openjd:{task}")]
        assert sorted(made) == sorted(parse_frames(job.frames))
        assert max(len(parse_frames(f"openjd:{task}")) for task in tasks) <= chunk
        command = words(bundle, chunk=tasks[0])
        again = parsed(command)
        assert again.frames == f"openjd:{tasks[0]}"
        same(job, again)
        replace(job, params={}, options={}).save(bundle / "job.json")  # now only the words can say what is set
        same(in_words(job, bundle), parsed(command))


@pytest.mark.parametrize(("node", "generator"), KINDS)
def test_every_knob_has_its_hints(tmp_path: Path, node: str, generator: str) -> None:
    inputs = {"plate": "blank:64x48", **dict.fromkeys(SIDES.get((node, generator), ()), "plate:A")}
    job = Job(node=node, generator=generator, inputs=inputs, output=str(tmp_path / "o.%04d.exr"), frames="1-2")
    write_bundle(tmp_path / "bundle", farm_of(job, Asked()))
    data = json.loads((tmp_path / "bundle" / "template.json").read_text())
    defined = {each["name"]: each for each in data["parameterDefinitions"]}
    assert len(defined) <= MOST_PARAMETERS
    params = params_of(node, generator)
    shown = [
        (param, defined[param.name.replace(".", "_")]) for param in params if param.name.replace(".", "_") in defined
    ]
    assert len(shown) >= min(len(params), MOST_PARAMETERS - 10)
    for param, each in shown:
        interface = each["userInterface"]
        assert interface["groupLabel"] == param.section
        assert interface["label"].startswith(param.title)
        assert each["description"].startswith(param.help)
        control = {"choice": "DROPDOWN_LIST", "bool": "CHECK_BOX", "text": "LINE_EDIT"}.get(param.kind, "SPIN_BOX")
        assert interface["control"] == control
        assert param.check(each["default"]) == param.default
        if param.kind == "float":
            assert round(float(each["default"]), interface["decimals"]) == param.default


def test_what_a_job_says_comes_before_what_it_might_say(tmp_path: Path) -> None:
    params = params_of("effect", "light")
    assert len(params) > MOST_PARAMETERS
    job = Job(
        node="effect",
        generator="light",
        inputs={"plate": "blank:64x48"},
        output=str(tmp_path / "o.%04d.exr"),
        frames="1-2",
        params={param.name: param.default for param in params[-30:]},
    )
    write_bundle(tmp_path / "bundle", farm_of(job, Asked()))
    command = words(tmp_path / "bundle", chunk="1-2")
    for param in params[-30:]:
        assert any(word.startswith(f"--set={param.name}=") for word in command)
    assert len(job_of(tmp_path / "bundle").parameters) == MOST_PARAMETERS


def test_the_name_of_a_job_is_short_and_holds_no_braces(tmp_path: Path) -> None:
    output = str(tmp_path / ("{{Param.mix}} }}\t{{" * 12 + ".%04d.exr"))
    job = Job(node="style", inputs={"plate": "blank:8x8"}, output=output.replace("\t", " "), frames="1")
    write_bundle(tmp_path / "bundle", farm_of(job, Asked()))
    name = job_of(tmp_path / "bundle").name
    assert name.startswith("Style { {Param.mix} } } } { { { {") and len(name) <= 128


def test_keys_that_are_too_many_stay_in_the_job_file(tmp_path: Path) -> None:
    keys = Curve(tuple((float(frame), frame % 2 / 1.5) for frame in range(300)))
    job = Job(
        node="style",
        inputs={"plate": "blank:64x48"},
        output=str(tmp_path / "o.%04d.exr"),
        frames="1-2",
        params={"mix": keys},
    )
    write_bundle(tmp_path / "bundle", farm_of(job, Asked()))
    command = words(tmp_path / "bundle", chunk="1-2")
    assert not any(word.startswith("--set=mix=") for word in command)
    assert parsed(command).params["mix"] == keys


def test_a_generator_may_have_any_controls(tmp_path: Path) -> None:
    odd = (
        "{{Param.plate}}",
        "x" * 80,
        "x" * 81,
        "frames",
        "output_name",
        "1st",
        "é",
        "a b",
        *map("c{}".format, range(60)),
    )
    controls = tuple(
        Param(name=name, kind="float", default=0.5, help="h" * 3000, label="l" * 90, section="s" * 90) for name in odd
    )
    generator = identity(tmp_path / "odd.onnx", card=Card(name="odd", controls=controls))
    (tmp_path / "odd.card.json").write_text("{}")
    job = Job(
        node="style",
        generator=str(generator),
        inputs={"plate": "blank:64x48"},
        output=str(tmp_path / "o.%04d.exr"),
        frames="1-2",
        params=dict.fromkeys(odd[:10], 0.25),
    )
    write_bundle(tmp_path / "bundle", farm_of(job, Asked()))
    command = words(tmp_path / "bundle", chunk="1-2")
    same(job, parsed(command))
    for name in odd[1:10]:
        assert f"--set={name}=0.25" in command
    assets = json.loads((tmp_path / "bundle" / "asset_references.json").read_text())
    assert assets["assetReferences"]["inputs"]["filenames"] == [str(tmp_path / "odd.card.json")]


def test_paths_of_another_machine_reach_the_whole_command(tmp_path: Path) -> None:
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    plate = write_shot(tmp_path / "here" / "plates", range(1, 4), size=(8, 8))
    inputs = {"plate": plate, "mask": plate, "reference": f"{here}/plates/plate.0001.exr"}
    job = Job(
        node="style",
        inputs=inputs,
        output=f"{here}/out/o.%04d.exr",
        generator=str(tiny_style(tmp_path / "here" / "look.onnx")),
        options={"ocio": write_config(tmp_path / "here")},
    )
    write_bundle(tmp_path / "bundle", farm_of(job, Asked()))
    data = json.loads((tmp_path / "bundle" / "parameter_values.json").read_text())["parameterValues"]
    (tmp_path / "here").rename(there)
    mapped = {each["name"]: each["value"].replace(here, there) for each in data if here in str(each["value"])}
    moved = parsed(words(tmp_path / "bundle", chunk="1-3", **mapped))
    places = [*moved.inputs.values(), moved.output, moved.generator, moved.option("ocio")]
    assert all(place.startswith(there) for place in places) and here not in moved.to_json()


@given(name=names)
@settings(max_examples=12, derandomize=True)
def test_paths_may_hold_anything(name: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        plate = write_shot(folder, range(1, 4), size=(8, 8))
        job = Job(
            node="style",
            inputs={"plate": plate, "mask": plate},
            output=str(folder / name / f"{name}.%04d.exr"),
            generator=str(tiny_style(folder / f"{name}.onnx")),
        )
        write_bundle(folder / "bundle", farm_of(job, Asked()))
        same(job, parsed(words(folder / "bundle", chunk="1-3")))
