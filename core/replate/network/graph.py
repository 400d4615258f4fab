"""Pre- and post-processing as ONNX, joined to the network, so that a frame makes one trip to the device.

    plate H x W x 3 -> [/ alpha] -> decode -> matrix -> encode -> port -> NETWORK -> port -> [strength] ->
      encode^-1 -> matrix^-1 -> decode^-1 -> [* alpha] -> [mix by weight] -> result H x W x 3

Between the interleaved plate and the network a picture is 3 x (H W): one Gemm makes planes of interleaved pixels and
applies the colour matrix at once, and ONNX Runtime broadcasts along such rows ten times faster than over H x W x 3.

A network whose operator set is too old to be joined runs unchanged between the two halves (`program`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from ..card import Card
from ..color.curves import Linear, MatrixCurve
from . import curvegraph
from .onnxgraph import GraphWriter
from .portgraph import feed, take

__all__ = ["ALPHA", "CONFIDENCE", "PLATE", "RESULT", "STRENGTH", "WEIGHT", "Parts", "stages"]

PLATE, ALPHA, WEIGHT, STRENGTH = "replate/plate", "replate/alpha", "replate/weight", "replate/strength"
RESULT, CONFIDENCE = "replate/result", "replate/confidence"

_OLDEST_JOINED = 15  # Shape with start and end
_OWN_OPSET, _OWN_IR = 18, 8  # Resize with antialias and axes
_NOTHING = MatrixCurve(Linear(), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), Linear())


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a picture needs done to it; what is left out costs nothing.

    `colour` takes the plate's space to the generator's, `carry` takes light that a clamping network cannot see past it.
    """

    colour: MatrixCurve = _NOTHING
    alpha: bool = False
    weight: bool = False
    strength: bool = False
    carry: bool = False
    confidence: bool = True


def stages(model: onnx.ModelProto, card: Card, parts: Parts) -> list[onnx.ModelProto]:
    """The graphs to run one after the other: a single one where `model` can be joined, else three.

    Inputs: PLATE [H, W, 3] in the plate's space; ALPHA (above 0: `pixels.divisor`) and WEIGHT [H, W, 1], STRENGTH [1]
    where `parts` has them; the card's controls under their own names. Outputs: RESULT [H W, 3], CONFIDENCE [H W, 1]
    where card and `parts` have it (flat, because ONNX Runtime would copy the picture to give it another shape).
    """
    opset = next((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), 0)
    joined = opset >= (_OWN_OPSET if card.fit == "resize" else _OLDEST_JOINED)
    opset, ir_version = (opset, model.ir_version) if joined else (_OWN_OPSET, _OWN_IR)
    halves = _Halves(card, parts)
    before, after = (half.model(opset=opset, ir_version=ir_version) for half in (halves.before(), halves.after()))
    return [_join(before, model, after)] if joined else [before, model, after]


def _join(before: onnx.ModelProto, model: onnx.ModelProto, after: onnx.ModelProto) -> onnx.ModelProto:
    """One model of three; tensors of the same name are the same tensor. What no output needs is left out."""
    joined, parts = onnx.ModelProto(), [before.graph, model.graph, after.graph]
    joined.CopyFrom(model)
    for field in ("node", "initializer", "input", "output"):
        del getattr(joined.graph, field)[:]
    nodes = _needed([node for part in parts for node in part.node], [each.name for each in after.graph.output])
    used = {name for node in nodes for name in node.input}
    joined.graph.node.extend(nodes)
    weights = [each for part in parts for each in part.initializer]
    joined.graph.initializer.extend(weights)
    made = {name for node in nodes for name in node.output} | {weight.name for weight in weights}
    inputs = {each.name: each for part in parts for each in part.input if each.name not in made}
    joined.graph.input.extend(each for name, each in inputs.items() if name in used)
    joined.graph.output.extend(after.graph.output)
    return joined


def _needed(nodes: Sequence[onnx.NodeProto], outputs: Sequence[str]) -> list[onnx.NodeProto]:
    """The nodes that `outputs` depend on, in the order given."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(node.input, *(_outer_names(each) for each in node.attribute))
    return kept[::-1]


def _outer_names(attribute: onnx.AttributeProto) -> set[str]:
    """Every name that the branches or the body in an attribute mention."""
    graphs = [graph for graph in (attribute.g, *attribute.graphs) if graph.node]
    nodes = [node for graph in graphs for node in graph.node]
    names = {name for node in nodes for name in node.input} | {out.name for graph in graphs for out in graph.output}
    return names.union(*(_outer_names(each) for node in nodes for each in node.attribute))


class _Halves:
    """What comes before the network and what comes after it; `kept` names the tensors that pass the network by."""

    def __init__(self, card: Card, parts: Parts) -> None:
        self.card, self.parts = card, parts
        self.resize = card.size if card.fit == "resize" else None
        self.matrix = np.reshape(parts.colour.matrix, (3, 3))
        self.linear = isinstance(parts.colour.decode, Linear)
        self.kept: dict[str, str] = {}

    def before(self) -> GraphWriter:
        """From the plate to the network's input."""
        g = GraphWriter("replate/in/")
        shape = g("Shape", g.input(PLATE, 3), start=0, end=2)
        planes = self._enter(g)
        if self.parts.strength:
            self.kept["before"] = planes
        port = next(each for each in self.card.inputs if each.role == "plate")
        feed(g, planes, port, shape=shape, resize=self.resize)
        g.output(port.name, 4, half=port.half)
        for name in self.kept.values():
            g.output(name, 2)
        return g

    def after(self) -> GraphWriter:
        """From the network's outputs to the result; to be asked for after `before`."""
        g = GraphWriter("replate/out/")
        shape = g("Shape", g.input(PLATE, 3), start=0, end=2)
        for name in self.kept.values():
            g.input(name, 2)
        for port in self.card.outputs:
            if port.role == "result":
                self._leave(g, take(g, port, shape=shape, resize=self.resize))
            elif self.parts.confidence:
                planes = g("Clip", take(g, port, shape=shape, resize=self.resize), 0.0, 1.0)
                g("Reshape", planes, [-1, 1], result=g.output(CONFIDENCE, 2))
        return g

    def _enter(self, g: GraphWriter) -> str:
        """The plate as planes in the generator's space."""
        pixels = g("Reshape", PLATE, [-1, 3])
        x = g("Gemm", self.matrix if self.linear else np.eye(3), pixels, transB=1)
        if self.parts.alpha:
            self.kept["alpha"] = g("Reshape", g.input(ALPHA, 3), [1, -1])
            x = g("Div", x, self.kept["alpha"])
        if not self.linear:
            x = g("MatMul", self.matrix, curvegraph.decode(g, self.parts.colour.decode, x))
        return curvegraph.encode(g, self.parts.colour.encode, self._clamp(g, x))

    def _clamp(self, g: GraphWriter, x: str) -> str:
        """What a clamping network can see; the curve is monotonous, so its 0..1 is a range of linear light, too."""
        if not self.card.clamp:
            return x
        low, high = self.parts.colour.encode.decode(np.array([0.0, 1.0]))
        seen = g("Clip", x, low, high)
        if self.parts.carry:
            self.kept["carry"] = g("Sub", x, seen)
        return seen

    def _leave(self, g: GraphWriter, x: str) -> None:
        """Planes of the generator's space as the result in the plate's."""
        if self.card.clamp:
            x = g("Clip", x, 0.0, 1.0)
        if self.parts.strength:
            change = g("Sub", x, self.kept["before"])
            x = g("Add", self.kept["before"], g("Mul", g.input(STRENGTH, 1), change))
        x = curvegraph.decode(g, self.parts.colour.encode, x)
        if self.parts.carry and self.card.clamp:
            x = g("Add", x, self.kept["carry"])
        g("Identity", self._mix(g, self._to_pixels(g, x)), result=g.output(RESULT, 2))

    def _to_pixels(self, g: GraphWriter, x: str) -> str:
        """Interleaved pixels of the plate's space, (H W) x 3."""
        inverse = np.linalg.inv(self.matrix)
        if not self.linear:
            x = curvegraph.encode(g, self.parts.colour.decode, g("MatMul", inverse, x))
        if self.parts.alpha:
            x = g("Mul", x, self.kept["alpha"])
        return g("Gemm", x, (inverse if self.linear else np.eye(3)).T, transA=1)

    def _mix(self, g: GraphWriter, result: str) -> str:
        """plate + weight * (result - plate)."""
        if not self.parts.weight:
            return result
        # A Gemm spreads the weight over R, G and B: broadcasting over a last axis of 3 is slow.
        weight = g("Gemm", g("Reshape", g.input(WEIGHT, 3), [1, -1]), np.ones((1, 3)), transA=1)
        plate = g("Reshape", PLATE, [-1, 3])
        return g("Add", plate, g("Mul", weight, g("Sub", result, plate)))
