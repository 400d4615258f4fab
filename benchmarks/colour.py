"""Colour round trip.

A plate of 1e-3 .. 1e3, channels up to a factor of ten apart, through a network that changes nothing: from the plate's
linear space into the network's ACEScct and back. The greatest error of any value, relative to that value; fused into
the graph, and on the plain path through OpenColorIO. Graded: the worst of both paths over the settings of `input.*`
(6 stops up and down, gamma 0.5 and 2, saturation 0.5 and 2, grey 1, and all at once). To hold: at most 1e-4.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from common import Picture, Table, holds, show
from onnx import TensorProto, helper

from replate.card import Card, Port
from replate.color import transform
from replate.generator import Generator
from replate.network.onnxfile import write_card
from replate.picture.grade import Grade

BOUND = 1e-4
SPACES = ("ACEScg", "lin_rec709", "ACES2065-1", "lin_rec2020", "lin_p3d65")
GRADES = (
    *(Grade(exposure=stops) for stops in (-6.0, 6.0)),
    *(Grade(gamma=gamma) for gamma in (0.5, 2.0)),
    *(Grade(saturation=saturation) for saturation in (0.5, 2.0)),
    Grade(grey=1.0),
    Grade(exposure=-2.0, gamma=1.5, saturation=0.5, grey=0.5),
)


def measure(options: argparse.Namespace) -> Table:
    """A row for each linear space."""
    with TemporaryDirectory() as folder:
        generator = identity(Path(folder) / "identity.onnx", options.threads)
        rows = [_row(generator, space) for space in SPACES]
    return Table(("space", "fused", "plain", "graded", "holds"), rows)


def _row(generator: Generator, space: str) -> list[str]:
    fused, plain = (_error(generator, space, fused=fused) for fused in (True, False))
    graded = max(_error(generator, space, grade=grade, fused=fused) for grade in GRADES for fused in (True, False))
    errors = fused, plain, graded
    return [space, *(f"{error:.1e}" for error in errors), holds(max(errors) <= BOUND)]


def _error(generator: Generator, space: str, *, fused: bool, grade: Grade | None = None) -> float:
    way, plate = transform(space, generator.card.space), _plate()
    way = way if fused else replace(way, fused=None)
    made, _ = generator.apply(plate, transform=way, grade=grade or Grade())
    return float(np.abs(made / plate - 1).max())


def _plate() -> Picture:
    random = np.random.default_rng(0)
    light = 10 ** random.uniform(-2, 3, (512, 512, 1)) * 10 ** random.uniform(-1, 0, (512, 512, 3))
    return light.astype(np.float32)


def identity(path: Path, threads: int, *, kind: str = "style") -> Generator:
    """A generator that hands on what it sees."""
    shape = ("N", 3, "H", "W")
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("plate", "result")]
    node = helper.make_node("Identity", ["plate"], ["result"])
    graph = helper.make_graph([node], "identity", values[:1], values[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    plate, result = (Port(name=name, role=name) for name in ("plate", "result"))
    write_card(path, Card(name="identity", kind=kind, inputs=(plate,), outputs=(result,)))
    return Generator.load(path, device="cpu", threads=threads or None)


if __name__ == "__main__":
    show(measure)
