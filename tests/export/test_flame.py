"""The sidecar for Flame: what it says is what the ONNX file takes and gives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnxruntime
import pytest
import typer
from typer.testing import CliRunner

from nets import tiny_style
from replate.card import Card
from replate.catalogue import find
from replate.errors import GeneratorError
from replate.network.onnxfile import read_card
from replate.params import Param
from replate_export.cli import export
from replate_export.flame import sidecar

app = typer.Typer()
app.command()(export)


def written(tmp_path: Path, source: str, *words: str) -> tuple[Path, dict[str, Any]]:
    out = tmp_path / "out.onnx"
    done = CliRunner().invoke(app, [source, str(out), "--flame", *words])
    assert done.exit_code == 0, done.output
    return out, json.loads(out.with_suffix(".json").read_text())["ModelDescription"]


@pytest.mark.parametrize("name", ["painted", "silver", "colorize"])
def test_every_socket_is_a_tensor_of_the_file_with_as_many_channels(tmp_path: Path, name: str) -> None:
    out, told = written(tmp_path, name)
    assert out.read_bytes() == find(name).read_bytes()
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    for entries, tensors in ((told["Inputs"], session.get_inputs()), (told["Outputs"], session.get_outputs())):
        counts: dict[str, int] = {}
        for entry in entries:
            counts[entry["Name"]] = counts.get(entry["Name"], 0) + len(entry["Channels"])
        assert counts == {tensor.name: tensor.shape[1] for tensor in tensors}
    assert told["Inputs"][0]["Type"] == "Front"
    assert told["Outputs"][0]["Type"] == "Result"
    assert told["Padding"] == 8 and told["SupportsSceneLinear"] is False


def test_a_training_is_exported_and_told_to_flame(tmp_path: Path, checkpoint_file: Path) -> None:
    _, told = written(tmp_path, str(checkpoint_file), "--no-confidence")
    assert [entry["Type"] for entry in told["Outputs"]] == ["Result"]


def test_what_flame_cannot_feed_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="'chance'"):
        sidecar(card(find("fill")))
    tiny = card(tiny_style(tmp_path / "tiny.onnx"))
    with pytest.raises(GeneratorError, match="one size"):
        sidecar(replace(tiny, size=(64, 64)))
    with pytest.raises(GeneratorError, match="numbers"):
        sidecar(replace(tiny, controls=(Param(name="heat", kind="float", default=0.0, help="how hot"),)))


def card(path: Path) -> Card:
    found = read_card(path)
    assert found is not None
    return found
