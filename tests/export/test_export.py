"""The whole way from a checkpoint to a file."""

from __future__ import annotations

import base64
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from replate.catalogue import available
from replate.errors import InputError, OutputError, ReplateError, UsageError
from replate.network.onnxfile import read_card
from replate_export import Exported, export, exporter, half_path, refresh
from replate_export.convert import to_onnx
from replate_export.describe import describe
from replate_export.module import Exportable
from replate_export.receptive import receptive_radius
from replate_training import checkpoint
from replate_training.checkpoint import Trained

from .looks import SMALL, look, network


@pytest.fixture(scope="module")
def session(exported: tuple[Exported, ...]) -> ort.InferenceSession:
    return ort.InferenceSession(str(exported[0].path), providers=["CPUExecutionProvider"])


def test_agrees_with_torch_on_five_sizes(exported: tuple[Exported, ...]) -> None:
    assert set(exported[0].parity) == {"result", "confidence"}
    assert max(exported[0].parity.values()) <= 1e-4


def test_float16_stays_close_and_is_half_as_large(exported: tuple[Exported, ...]) -> None:
    full, half = exported
    assert half.path == half_path(full.path) and half.path.name == "tiny.fp16.onnx"
    assert 1e-7 < max(half.parity.values()) <= 2e-3
    weights = [onnx.load(each.path).graph.initializer for each in exported]
    sizes = [sum(len(item.raw_data) for item in items) for items in weights]
    assert sizes[1] < 0.55 * sizes[0]


def test_float16_takes_and_gives_float32(exported: tuple[Exported, ...]) -> None:
    graph = onnx.load(exported[1].path).graph
    kinds = {value.type.tensor_type.elem_type for value in (*graph.input, *graph.output)}
    assert kinds == {onnx.TensorProto.FLOAT}


def test_float16_keeps_the_plate_itself_exact(exported: tuple[Exported, ...]) -> None:
    """The sum with the plate is not rounded to half, which would cost 2.4e-4 on average between 1 and 2."""
    plate = np.random.default_rng(0).uniform(1, 1.4, (1, 3, 64, 64)).astype(np.float32)
    results = [ort.InferenceSession(str(each.path)).run(["result"], {"plate": plate})[0] for each in exported]
    assert np.abs(results[0] - results[1]).mean() < 8e-5


def test_fixed_filters_keep_their_digits(tmp_path: Path) -> None:
    """The brush takes variances of the plate: in float16 they would be noise."""
    checkpoint.save(look(generator_network=network("residual", brush=True, **SMALL)), tmp_path / "final.ckpt")
    full, half = export(tmp_path / "final.ckpt", tmp_path / "brush.onnx", half=True)
    assert max(full.parity.values()) <= 1e-4 and max(half.parity.values()) <= 2e-3


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(height=st.integers(1, 12), width=st.integers(1, 12))
def test_any_multiple_is_a_size(session: ort.InferenceSession, height: int, width: int) -> None:
    plate = np.zeros((1, 3, 8 * height, 8 * width), np.float32)
    result, confidence = session.run(["result", "confidence"], {"plate": plate})
    assert result.shape == plate.shape and confidence.shape == (1, 1, *plate.shape[2:])
    assert confidence.min() >= 0 and confidence.max() <= 1


def test_card_says_what_the_checkpoint_says(exported: tuple[Exported, ...]) -> None:
    card = read_card(exported[0].path)
    assert card == exported[0].card and card is not None
    assert (card.name, card.title, card.licence, card.commercial_use) == ("tiny", "Tiny", "CC0-1.0", True)
    assert card.training is not None and card.training.data[0].files == 2
    assert (card.training.steps, card.training.seconds, card.training.seed) == (7, 1.5, 3)
    assert card.metrics == {"e_warp": 1.25}
    assert card.space == "ACEScct" and card.multiple == 8 and card.overlap > 0
    assert [port.role for port in (*card.inputs, *card.outputs)] == ["plate", "result", "confidence"]
    assert card.sha256


def test_card_tells_no_folder_of_the_training_machine(trained: Trained) -> None:
    command = "replate train tiny --content /home/me/photos --licence 'photos=CC0 / MIT' --out runs/tiny"
    card = describe(replace(trained, command=command), Exportable(trained.generator()), name="tiny", overlap=1)
    assert card.training is not None
    assert card.training.command == command.replace("/home/me/", "")


def test_same_checkpoint_same_bytes(exported: tuple[Exported, ...], checkpoint_file: Path, tmp_path: Path) -> None:
    again = export(checkpoint_file, tmp_path / "tiny.onnx")
    assert again[0].path.read_bytes() == exported[0].path.read_bytes()


def test_graph_is_clean(exported: tuple[Exported, ...]) -> None:
    model = onnx.load(exported[0].path)
    kinds = {node.op_type for node in model.graph.node}
    assert not kinds & {"Identity", "Shape", "Constant", "Reshape", "Cast", "Dropout"}
    assert not any(node.metadata_props or node.doc_string for node in model.graph.node)
    assert str(Path(__file__).parents[2]).encode() not in exported[0].path.read_bytes()


def test_black_and_white_without_critic_with_preview(tmp_path: Path) -> None:
    generator = network("residual", mono=(0.3, 0.5, 0.2), **SMALL)
    checkpoint.save(look(generator_network=generator, critic_network=None), tmp_path / "final.ckpt")
    cv2.imwrite(str(tmp_path / "look.png"), np.full((600, 900, 3), 90, np.uint8))
    (exported,) = export(
        tmp_path / "final.ckpt", tmp_path / "grey.onnx", name="grey film", preview=tmp_path / "look.png"
    )
    assert exported.card.name == "grey film" and list(exported.parity) == ["result"]
    assert exported.card.output("confidence") is None
    picture = np.frombuffer(base64.b64decode(exported.card.preview), np.uint8)
    assert cv2.imdecode(picture, cv2.IMREAD_COLOR).shape == (160, 240, 3)


def test_a_file_that_computes_something_else_is_refused(
    checkpoint_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = exporter.to_onnx

    def wrong(module: object) -> onnx.ModelProto:
        model = right(module)  # type: ignore[arg-type]
        values = onnx.numpy_helper.to_array(model.graph.initializer[0])
        model.graph.initializer[0].CopyFrom(
            onnx.numpy_helper.from_array(values + 0.01, model.graph.initializer[0].name)
        )
        return model

    monkeypatch.setattr(exporter, "to_onnx", wrong)
    with pytest.raises(ReplateError, match=r"tiny\.onnx was not written: its 'result' differs .* more than 0\.0001"):
        export(checkpoint_file, tmp_path / "tiny.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        ("look.pt", UsageError, r"ends in \.onnx"),
        ("nowhere/look.onnx", UsageError, "does not exist; make it first"),
    ],
)
def test_bad_target(checkpoint_file: Path, tmp_path: Path, out: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        export(checkpoint_file, tmp_path / out)


def test_target_that_cannot_be_written(checkpoint_file: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.onnx" / "inside").mkdir(parents=True)
    with pytest.raises(OutputError, match="cannot be written: Is a directory"):
        export(checkpoint_file, tmp_path / "tiny.onnx", confidence=False)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.onnx"]


def test_bad_checkpoint_and_preview(checkpoint_file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.ckpt cannot be read"):
        export(tmp_path / "missing.ckpt", tmp_path / "tiny.onnx")
    (tmp_path / "no.png").write_text("no picture")
    with pytest.raises(InputError, match=r"preview .*no\.png cannot be read"):
        export(checkpoint_file, tmp_path / "tiny.onnx", preview=tmp_path / "no.png")
    checkpoint.save(look(kind="upscale"), tmp_path / "final.ckpt")
    with pytest.raises(InputError, match="for a 'upscale'"):
        export(tmp_path / "final.ckpt", tmp_path / "tiny.onnx")


def test_a_quick_export_takes_the_graph_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, made = tmp_path / "now.onnx", []
    monkeypatch.setattr(refresh, "to_onnx", lambda module: made.append(module) or to_onnx(module))
    for seed in (1, 2):  # as it begins: many weights are alike
        trained = replace(look(), generator_network=network("residual", seed=seed, **SMALL))
        checkpoint.save(trained, tmp_path / "now.ckpt")
        (told,) = export(tmp_path / "now.ckpt", out, confidence=False, quick=True)
        assert told.parity["result"] <= 1e-4  # of these weights, not of the first
        assert told.card.overlap == receptive_radius(Exportable(trained.generator(), multiple=trained.multiple))
    assert len(made) == 1
    other = replace(look(), generator_network=network("residual", **{**SMALL, "deep": 2}))
    checkpoint.save(other, tmp_path / "now.ckpt")
    assert export(tmp_path / "now.ckpt", out, confidence=False, quick=True)[0].parity["result"] <= 1e-4
    assert len(made) == 2


def test_what_a_killed_export_left_is_no_generator_and_goes_with_the_next(
    exported: tuple[Exported, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, folder = exported[0].path, tmp_path / "looks"
    folder.mkdir()
    killed = "import os, sys; from replate.media.parts import part_path; from pathlib import Path\n" + (
        "part_path(Path(sys.argv[1])).write_bytes(Path(sys.argv[2]).read_bytes()); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", killed, str(folder / "tiny.onnx"), str(whole)], check=False)
    (left,) = folder.iterdir()
    monkeypatch.setenv("REPLATE_GENERATORS", str(folder))
    assert left not in dict(available()).values()
    card = read_card(whole)
    assert card is not None
    exporter._write(folder / "tiny.onnx", onnx.load(whole), card)
    assert [path.name for path in folder.iterdir()] == ["tiny.onnx"]
    assert dict(available())["tiny"] == folder / "tiny.onnx"
