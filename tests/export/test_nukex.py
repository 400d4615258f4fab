"""A generator for NukeX: the TorchScript computes what `replate render` computes, and Nuke's Tcl reads the script."""

from __future__ import annotations

import json
import tkinter
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from typer.testing import CliRunner

from nets import Net, tiny_style
from plates import plate, read, write_shot
from replate.card import Card
from replate.catalogue import shipped
from replate.errors import GeneratorError
from replate.job import Job
from replate.network.onnxfile import read_card
from replate.render import render
from replate_export.live import card_for, live
from replate_export.nukex import cat_json, script, write
from replate_export.parity import open_session
from replate_export.torchgraph import TorchGraph

from .test_cli import app

SHIPPED = {path.stem: path for path in shipped()}
MORE = [
    name for name, path in SHIPPED.items() if (card := read_card(path)) and (card.kind != "style" or card.inputs[1:])
]


@pytest.mark.parametrize("name", [*(path.stem for path in shipped("style")), "fill"])
def test_torch_computes_what_onnx_runtime_computes_at_sizes_that_the_trace_did_not_see(name: str) -> None:
    model = onnx.load(SHIPPED[name])
    module = TorchGraph(model).eval()
    card = read_card(SHIPPED[name])
    assert card is not None

    def given(height: int, width: int) -> list[torch.Tensor]:
        random = np.random.default_rng(height)
        return [
            torch.from_numpy(random.uniform(0, 1, (1, port.count, height, width)).astype(np.float32))
            for port in card.inputs
        ]

    traced = torch.jit.trace(module, tuple(given(64, 48)))
    for size in ((64, 48), (48, 88)):
        inputs = given(*size)
        wanted = open_session(model).run(
            None, {name: each.numpy() for name, each in zip(module.names, inputs, strict=True)}
        )
        found = traced(*inputs)
        for each, expected in zip(found if isinstance(found, tuple) else (found,), wanted, strict=True):
            assert each.shape == expected.shape
            assert np.abs(each.numpy() - expected).max() < 1e-4


@pytest.mark.parametrize("space", ["ACEScg", "lin_rec709"])
def test_the_module_shows_what_a_render_writes(tmp_path: Path, space: str) -> None:
    look = tiny_style(tmp_path / "tiny.onnx", change=0.3)
    shot = write_shot(tmp_path / "in", [1], size=(41, 67), channels=("R", "G", "B"), formats=["float"] * 3)
    module, _ = live(look, space=space)
    module.save(str(tmp_path / "tiny.pt"))
    loaded: Any = torch.jit.load(str(tmp_path / "tiny.pt"))
    # A later version would mean operators that the torch inside Nuke has not; torch 1.12 was seen to read this one.
    assert zipfile.ZipFile(tmp_path / "tiny.pt").read("tiny/version").strip() == b"5"
    loaded.strength, loaded.mix = 0.6, 0.5  # as Nuke's knobs do
    output = str(tmp_path / "o.%04d.exr")
    job = Job(
        node="style",
        inputs={"plate": shot},
        output=output,
        generator=str(look),
        params={"strength": 0.6, "mix": 0.5},
        options={"color_space": space},
    )
    render(job)
    wanted = read(Path(output % 1))[0][..., :3]
    light = plate(41, 67, channels=3)
    found = loaded(torch.from_numpy(light).permute(2, 0, 1)[None])[0].permute(1, 2, 0).detach().numpy()
    assert np.abs(found - wanted).max() < 1e-4 * max(1, np.abs(wanted).max())
    assert np.abs(found - light).max() > 0.01


@pytest.mark.parametrize("name", MORE)
def test_a_generator_that_wants_more_than_the_plate_is_refused_in_words(name: str) -> None:
    with pytest.raises(GeneratorError, match="which Nuke's Inference cannot do; use the Replate node"):
        card_for(SHIPPED[name])


def test_an_operator_that_is_not_known_is_refused_in_words(tmp_path: Path) -> None:
    net = Net()
    net.add("HardSwish", "x", name="y")
    path = net.save(tmp_path / "a.onnx", [("x", (1, 3, None, None))], [("y", (1, 3, None, None))])
    with pytest.raises(GeneratorError, match="HardSwish cannot be written as TorchScript"):
        TorchGraph(onnx.load(path))


class Tcl:
    """Reads a script as Nuke does, with commands that only remember."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, str]] = []
        self.stack: list[str] = ["above"]
        self.tcl = tkinter.Tcl()
        self.tcl.createcommand("stack", lambda depth: self.stack[-1 - int(depth)])
        self.tcl.createcommand("push", self.stack.append)
        for kind in ("Inference", "CatFileCreator"):
            self.tcl.createcommand(kind, lambda body, kind=kind: self._node(kind, body))

    def _node(self, kind: str, body: str) -> None:
        """A node takes its inputs from the stack and goes there itself; every line is a knob and its value."""
        knobs = {"class": kind, "user": ""}
        lines = [self.tcl.splitlist(line) for line in body.strip().splitlines()]
        for knob, value in lines:  # two words a line, or Tcl did not see what was meant
            value = str(self.tcl.eval(f"subst {{{value}}}")) if "\\" in value else value
            knobs["user" if knob == "addUserKnob" else knob] = value
        inputs = int(knobs.get("inputs", "1"))
        knobs["input"] = self.stack.pop() if inputs else ""
        self.stack.append(knobs["name"])
        self.nodes.append(knobs)


@pytest.mark.parametrize("folder", ["plain", 'with "quotes", [brackets] and $money', "ünd {klammern}"])
def test_tcl_reads_both_nodes_with_the_knobs_that_nuke_has(tmp_path: Path, folder: str) -> None:
    place, tcl = tmp_path / folder, Tcl()
    card = Card(name="look", title='Oil {"wet"} $5 [x]', licence="CC0-1.0")
    tcl.tcl.eval(script("my look", card, folder=place, space="ACEScg"))
    inference, creator = tcl.nodes
    assert (inference["class"], inference["input"], inference["modelFile"]) == (
        "Inference",
        "above",
        f"{place.as_posix()}/my look.cat",
    )
    assert inference["serialiseKnob"] == "strength:1;mix:1;"
    assert inference["label"] == 'Oil {"wet"} $5 [x], light in ACEScg'
    assert (creator["class"], creator["input"]) == ("CatFileCreator", "")
    assert creator["torchScriptFile"] == f"{place.as_posix()}/my look.pt"
    assert creator["catFile"] == inference["modelFile"]
    assert creator["channelsIn"] == creator["channelsOut"] == "rgba.red, rgba.green, rgba.blue"
    assert (creator["strength"], creator["mix"], creator["outputScale"]) == ("1", "1", "1")
    assert creator["name"] == "Replate_my_look_cat"


def test_the_cattery_finds_it(tmp_path: Path) -> None:
    said = json.loads(cat_json("look", Card(name="look", title="Look", licence="CC0-1.0")))
    assert isinstance(said["minimum_nuke_version_required"], float)  # Nuke compares it with a number
    assert said["cats"] == [{"filepath": "look.cat", "name": "Replate Look", "icon": ""}]


def test_the_command_writes_a_generator_and_a_training(tmp_path: Path, checkpoint_file: Path) -> None:
    look = tiny_style(tmp_path / "tiny.onnx")
    for source, name in ((look, "tiny"), (checkpoint_file, "mine")):
        folder = tmp_path / f"for {name}"
        done = CliRunner().invoke(app, [str(source), str(folder), "--nuke", "--name", name])
        assert done.exit_code == 0, done.output
        assert {path.name for path in folder.iterdir()} >= {f"{name}.pt", f"{name}.nk", "cat.json"}
        assert "differs from the network by" in done.output
        torch.jit.load(str(folder / f"{name}.pt"))


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    look = tiny_style(tmp_path / "tiny.onnx")
    (tmp_path / "file").touch()
    with pytest.raises(Exception, match=r"cannot be written: .*; choose another place"):
        write(look, tmp_path / "file")
