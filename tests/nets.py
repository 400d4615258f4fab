"""Tiny ONNX networks that behave like generators and cost milliseconds: for every test that needs one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from replate.card import Card, Port
from replate.network.onnxfile import write_card

__all__ = ["Net", "foreign", "identity", "tiny_style", "torn"]


class Net:
    """A small graph under construction: `net.add("Relu", x)` returns the name of the new tensor."""

    def __init__(self, *, opset: int = 17) -> None:
        self.opset = opset
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, values: Any, dtype: Any = np.float32) -> str:
        """A weight; returns its name."""
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def add(self, op: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """A node with one output, called `name` or by number."""
        name = name or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def conv(self, x: str, weight: np.ndarray, bias: np.ndarray | None = None) -> str:
        """A convolution that keeps the size: its border is reflected, so no tile can see where it lies."""
        reach = weight.shape[2] // 2
        if reach:
            pads = [0, 0, reach, reach] * 2
            x = self.add("Pad", x, self.constant(pads, np.int64), mode="reflect")
        extra = () if bias is None else (self.constant(bias),)
        return self.add("Conv", x, self.constant(weight), *extra, kernel_shape=list(weight.shape[2:]))

    def save(self, path: Path, inputs: Sequence[Any], outputs: Sequence[Any], *, card: Card | None = None) -> Path:
        """Write the file; `inputs` and `outputs` are (name, shape[, dtype]) with None or words for free sizes."""
        graph = helper.make_graph(
            self.nodes, "net", [_value(*each) for each in inputs], [_value(*each) for each in outputs], self.weights
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        onnx.save(model, path)
        if card is not None:
            write_card(path, card)
        return path


def _value(name: str, shape: Sequence[Any], dtype: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, dtype, shape)


PLATE = Port(name="plate", role="plate")
RESULT = Port(name="result", role="result")
CONFIDENCE = Port(name="confidence", role="confidence", channels="L")
PICTURE = ("N", 3, "H", "W")


def identity(path: Path, *, card: Card | None = None) -> Path:
    """A generator that changes nothing."""
    net = Net()
    net.add("Identity", "plate", name="result")
    card = replace(card or Card(name="identity"), inputs=(PLATE,), outputs=(RESULT,))
    return net.save(path, [("plate", PICTURE)], [("result", PICTURE)], card=card)


def tiny_style(
    path: Path,
    *,
    card: Card | None = None,
    multiple: int = 8,
    width: int = 8,
    confidence: bool = False,
    change: float = 0.1,
    seed: int = 1,
) -> Path:
    """A residual generator in the shape of the real ones: unshuffle, two reflected 3x3 convolutions, shuffle, add.

    It works in ACEScct, changes a picture by about `change`, needs sizes that are multiples of `multiple`, and an
    output pixel depends on nothing farther away than `3 * multiple` pixels (the card's overlap).
    """
    net, rng = Net(), np.random.default_rng(seed)
    deep = 3 * multiple**2
    x = net.add("SpaceToDepth", "plate", blocksize=multiple)
    x = net.conv(x, rng.normal(0, (2 / (9 * deep)) ** 0.5, (width, deep, 3, 3)), rng.normal(0, 0.1, width))
    x = net.add("Relu", x)
    x = net.conv(x, rng.normal(0, change * (2 / (9 * width)) ** 0.5, (deep, width, 3, 3)))
    x = net.add("DepthToSpace", x, blocksize=multiple)
    net.add("Add", "plate", x, name="result")
    outputs: list[Any] = [("result", PICTURE)]
    ports = [RESULT]
    if confidence:
        grey = net.conv(x, np.full((1, 3, 1, 1), 1 / change))
        net.add("Sigmoid", grey, name="confidence")
        outputs.append(("confidence", ("N", 1, "H", "W")))
        ports.append(CONFIDENCE)
    card = replace(card or Card(name="tiny"), inputs=(PLATE,), outputs=tuple(ports))
    card = replace(card, multiple=multiple, overlap=3 * multiple)
    return net.save(path, [("plate", PICTURE)], outputs, card=card)


def torn(path: Path, *, card: Card | None = None) -> Path:
    """A generator of the family "field" that multiplies heat and smoke by exponentials of the noise it is shown."""
    net = Net()
    parts = [net.constant([length], np.int64) for length in range(4)]
    axis = net.constant([1], np.int64)
    heat, smoke, noise = (net.add("Slice", "plate", parts[at], parts[at + 1], axis) for at in range(3))
    bite = net.add("Exp", net.add("Mul", noise, net.constant(0.45)))
    hot = net.add("Clip", net.add("Sub", net.constant(1.0), heat), net.constant(0.0), net.constant(1.0))
    torn = net.add("Mul", heat, net.add("Pow", bite, hot))
    net.add("Concat", torn, net.add("Mul", smoke, bite), noise, name="result", axis=1)
    card = replace(card or Card(name="torn"), kind="effect", family="field", space="Raw")
    card = replace(card, inputs=(PLATE,), outputs=(RESULT,))
    return net.save(path, [("plate", PICTURE)], [("result", PICTURE)], card=card)


def foreign(
    path: Path,
    *,
    layout: str = "NCHW",
    scale: float = 1.0,
    offset: float = 0.0,
    half: bool = False,
    size: tuple[int, int] | None = None,
    multiple: int = 1,
    statistics: bool = False,
    channels: int = 3,
    names: tuple[str, str] = ("in:0", "net/out"),
) -> Path:
    """A network without a card, as it may come from anywhere: a 3x3 blur in the middle.

    It brings its input to its own range by `scale * x + offset` and back at the end. `multiple` is hidden in a
    shuffle, `statistics` is an InstanceNormalization, `size` (height, width) is declared as the only one.
    """
    net, half_type = Net(), TensorProto.FLOAT16 if half else TensorProto.FLOAT
    x = net.add("Cast", names[0], to=TensorProto.FLOAT) if half else names[0]
    x = net.add("Transpose", x, perm=[0, 3, 1, 2]) if layout == "NHWC" else x
    if scale != 1 or offset:
        x = net.add("Add", net.add("Mul", x, net.constant(scale)), net.constant(offset))
    if multiple > 1:
        x = net.add("DepthToSpace", net.add("SpaceToDepth", x, blocksize=multiple), blocksize=multiple)
    x = net.conv(x, np.eye(channels)[:, :, None, None] * np.full((3, 3), 1 / 9))
    if statistics:
        one, zero = net.constant(np.full(channels, 0.25)), net.constant(np.full(channels, 0.5))
        x = net.add("InstanceNormalization", x, one, zero)
    if scale != 1 or offset:
        x = net.add("Div", net.add("Sub", x, net.constant(offset)), net.constant(scale))
    x = net.add("Transpose", x, perm=[0, 2, 3, 1]) if layout == "NHWC" else x
    net.add("Cast", x, name=names[1], to=half_type)
    rows, columns = size or ("H", "W")
    shape = ("None", channels, rows, columns) if layout == "NCHW" else ("None", rows, columns, channels)
    return net.save(path, [(names[0], shape, half_type)], [(names[1], shape, half_type)])


_LENGTH, _SIDE = 8, 16
FACES = Card(
    name="faces",
    kind="effect",
    size=(_SIDE, _SIDE),
    fit="resize",
    inputs=(Port(name="z", role="noise", length=_LENGTH),),
    outputs=(RESULT,),
)


def faces(path: Path, *, card: Card = FACES, opset: int = 18) -> Path:
    """A generator that lays eight fixed pictures over each other, by the numbers of its noise."""
    net = Net(opset=opset)
    weights = np.random.default_rng(3).normal(0, 0.03, (_LENGTH, 3 * _SIDE * _SIDE))
    flat = net.add("MatMul", "z", net.constant(weights))
    picture = net.add("Reshape", flat, net.constant([1, 3, _SIDE, _SIDE], np.int64))
    net.add("Add", picture, net.constant(0.4), name="result")
    return net.save(path, [("z", (1, _LENGTH))], [("result", (1, 3, _SIDE, _SIDE))], card=card)
