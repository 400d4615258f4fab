"""Cards in files, digests, and files that must not be trusted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data

from nets import identity, tiny_style
from replate.card import Card
from replate.errors import GeneratorError
from replate.network.loading import load
from replate.network.onnxfile import digest, metadata, read_card, write_card


def test_a_card_survives_and_other_metadata_stays(tmp_path: Path) -> None:
    path = identity(tmp_path / "net.onnx")
    model = onnx.load(path)
    helper.set_model_props(model, {"author": "Zoë", "replate.card": '{"name": "old"}'})
    onnx.save(model, path)
    written = write_card(path, Card(name="näw", metrics={"stability": 1.2}))
    assert read_card(path) == written
    assert metadata(path)["author"] == "Zoë"
    assert [each.key for each in onnx.load(path).metadata_props].count("replate.card") == 1


def test_the_digest_is_of_the_network_alone(tmp_path: Path) -> None:
    path = tiny_style(tmp_path / "net.onnx")
    before = digest(path)
    card = write_card(path, Card(name="other", description="words"))
    assert card.sha256 == digest(path) == before
    assert digest(tiny_style(tmp_path / "second.onnx", seed=2)) != before


def test_a_foreign_file_has_no_card(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(_model([helper.make_node("Identity", ["x"], ["y"])]).SerializeToString())
    assert read_card(path) is None


def test_broken_files_get_a_sentence(tmp_path: Path) -> None:
    whole = tiny_style(tmp_path / "net.onnx").read_bytes()
    broken = {"short": whole[: len(whole) // 2], "text": b"not a network at all", "empty": b"", "zero": bytes(64)}
    for name, content in broken.items():
        path = tmp_path / f"{name}.onnx"
        path.write_bytes(content)
        with pytest.raises(GeneratorError, match=f"{name}.onnx .*again"):
            load(path)
    with pytest.raises(GeneratorError, match=r"absent\.onnx"):
        read_card(tmp_path / "absent.onnx")


def test_a_broken_card_names_the_file(tmp_path: Path) -> None:
    path = identity(tmp_path / "net.onnx")
    model = onnx.load(path)
    helper.set_model_props(model, {"replate.card": '{"name": 3'})
    onnx.save(model, path)
    with pytest.raises(GeneratorError, match=r"net\.onnx"):
        read_card(path)


@pytest.mark.parametrize(
    "location", ["../weights.bin", "/etc/hostname", "link.bin", "sub/../weights.bin", "absent.bin"]
)
def test_weights_outside_the_folder_are_refused(tmp_path: Path, location: str) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "weights.bin").write_bytes(bytes(12))
    (folder / "weights.bin").write_bytes(bytes(12))
    (folder / "link.bin").symlink_to(tmp_path / "weights.bin")
    with pytest.raises(GeneratorError, match="weights"):
        load(_with_external(folder / "net.onnx", location))


def test_weights_beside_the_model_are_read(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(np.float32([1, 2, 3]).tobytes())
    model = load(_with_external(tmp_path / "net.onnx", "weights.bin"))
    assert numpy_helper.to_array(model.graph.initializer[0]).tolist() == [1, 2, 3]


def test_operators_from_elsewhere_are_refused_even_in_a_branch(tmp_path: Path) -> None:
    alien = helper.make_node("Steal", ["x"], ["y"], domain="evil.ops")
    branch = helper.make_graph([alien], "branch", [], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    truth = numpy_helper.from_array(np.array(True), "truth")
    chosen = helper.make_node("If", ["truth"], ["z"], then_branch=branch, else_branch=branch)
    path = tmp_path / "net.onnx"
    path.write_bytes(_model([chosen], weights=[truth], result="z").SerializeToString())
    with pytest.raises(GeneratorError, match=r"Steal.*evil\.ops"):
        load(path)


def _model(nodes: list, *, weights: list = (), result: str = "y") -> onnx.ModelProto:  # type: ignore[type-arg, assignment]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [3]) for name in ("x", result)]
    return helper.make_model(helper.make_graph(nodes, "net", ends[:1], ends[1:], weights))


def _with_external(path: Path, location: str) -> Path:
    weight = numpy_helper.from_array(np.zeros(3, np.float32), "w")
    set_external_data(weight, location)
    weight.ClearField("raw_data")
    path.write_bytes(_model([helper.make_node("Add", ["x", "w"], ["y"])], weights=[weight]).SerializeToString())
    return path
