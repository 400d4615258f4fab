"""ONNX files that are small and ask for much: refused in a sentence before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from nets import PICTURE, tiny_style
from replate.errors import GeneratorError
from replate.generator import Generator
from replate.network.loading import load
from replate.network.onnxfile import metadata


def saved(path: Path, nodes: Sequence[onnx.NodeProto], *weights: onnx.TensorProto, functions: Sequence = ()) -> Path:
    """A network from `plate` to `result`."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, PICTURE) for name in ("plate", "result")]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], list(weights))
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, functions=list(functions), ir_version=8), path)
    return path


def function(name: str, calls: str, *, times: int, domain: str = "own") -> onnx.FunctionProto:
    """A function that calls another one so many times, one after the other."""
    names = ["x", *(f"y{place}" for place in range(times))]
    nodes = [helper.make_node(calls, [names[i]], [names[i + 1]], domain=domain) for i in range(times)]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    return helper.make_function("own", name, ["x"], [names[-1]], nodes, opsets)


def test_functions_that_unfold_without_end(tmp_path: Path) -> None:
    """Twelve functions of ten calls each are a million million operators."""
    functions = [function(f"f{place}", f"f{place + 1}", times=10) for place in range(11)]
    functions.append(function("f11", "Relu", times=10, domain=""))
    call = helper.make_node("f0", ["plate"], ["result"], domain="own")
    with pytest.raises(GeneratorError, match="more than 20000 operators"):
        load(saved(tmp_path / "a.onnx", [call], functions=functions))
    with pytest.raises(GeneratorError, match="more than 20000 operators"):
        load(saved(tmp_path / "b.onnx", [call], functions=[function("f0", "f0", times=1)]))
    load(
        saved(
            tmp_path / "c.onnx",
            [call],
            functions=[function("f0", "f1", times=3), *functions[-1:], function("f1", "f11", times=3)],
        )
    )


def test_a_loop_that_may_never_end(tmp_path: Path) -> None:
    body = helper.make_graph(
        [helper.make_node("Identity", ["on"], ["on2"]), helper.make_node("Identity", ["x"], ["x2"])],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, PICTURE),
        ],
        [
            helper.make_tensor_value_info("on2", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x2", TensorProto.FLOAT, PICTURE),
        ],
    )
    node = helper.make_node("Loop", ["", "true", "plate"], ["result"], body=body)
    with pytest.raises(GeneratorError, match=r"a\.onnx repeats a part of itself.*Loop"):
        load(saved(tmp_path / "a.onnx", [node], numpy_helper.from_array(np.array(True), "true")))


@pytest.mark.parametrize("data", [None, b"1234"])
@pytest.mark.parametrize("shape", [(10**6, 10**6), (-1, 4), (2,)])
def test_weights_that_are_not_there(tmp_path: Path, shape: tuple[int, ...], data: bytes | None) -> None:
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=shape)
    if data:
        weights.raw_data = data
    with pytest.raises(GeneratorError, match="its weights 'w' are not as many as it says"):
        load(saved(tmp_path / "a.onnx", [helper.make_node("Add", ["plate", "w"], ["result"])], weights))


@pytest.mark.parametrize(
    "entry", [{"length": "1" + "0" * 15}, {"offset": "1" + "0" * 15}, {"offset": "-5"}, {"offset": "x"}]
)
def test_weights_beside_it_that_are_not_there(tmp_path: Path, entry: dict[str, str]) -> None:
    (tmp_path / "w.bin").write_bytes(bytes(12))
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=(3, 1, 1), data_location=TensorProto.EXTERNAL)
    for key, value in {"location": "w.bin", **entry}.items():
        weights.external_data.add(key=key, value=value)
    path = tmp_path / "a.onnx"
    saved(path, [helper.make_node("Add", ["plate", "w"], ["result"])])
    model = onnx.load(path)
    model.graph.initializer.append(weights)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(GeneratorError, match=r"a\.onnx cannot be read"):
        load(path)


def test_millions_of_entries(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"\x08\x01" * 200_000)
    with pytest.raises(GeneratorError, match="more entries than an ONNX file has"):
        metadata(tmp_path / "a.onnx")


def test_a_network_that_its_card_was_not_written_for(tmp_path: Path) -> None:
    path = tiny_style(tmp_path / "a.onnx")
    content = bytearray(path.read_bytes())
    weights = onnx.load(path).graph.initializer[1].raw_data
    content[content.index(weights) + 5] ^= 1
    path.write_bytes(content)
    with pytest.raises(GeneratorError, match="another network than the one that its card was written for"):
        Generator.load(path, device="cpu").check()
