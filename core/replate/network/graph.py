"""Pre- and post-processing as ONNX, joined to the network, so that a frame makes one trip to the device.

    plate H x W x 3 -> [/ alpha] -> decode -> matrix -> [gamma] -> encode -> [grey] -> port -> NETWORK ->
      port -> [strength] -> [grey^-1] -> encode^-1 -> [gamma^-1] -> matrix^-1 -> decode^-1 -> [* alpha] ->
      [mix by weight] -> result H x W x 3

Between the interleaved plate and the network a picture is 3 x (H W): one Gemm makes planes of interleaved pixels and
applies the colour matrix at once, and ONNX Runtime broadcasts along such rows ten times faster than over H x W x 3.

A network whose operator set is too old to be joined runs unchanged between the two halves (`program`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx

from ..card import GUIDES, Card, Port
from ..color.curves import LUMINANCE, NOTHING, Linear, MatrixCurve
from . import curvegraph, gradegraph
from .joining import join
from .onnxgraph import GraphWriter
from .portgraph import feed, take

__all__ = ["ALPHA", "CONFIDENCE", "FLOOR", "GUIDE", "PLATE", "RESULT", "STRENGTH", "WEIGHT", "Parts", "stages"]

PLATE, ALPHA, WEIGHT, STRENGTH = "replate/plate", "replate/alpha", "replate/weight", "replate/strength"
RESULT, CONFIDENCE = "replate/result", "replate/confidence"
GUIDE = {role: f"replate/{role}" for role in GUIDES}

FLOOR = -1.0
"""The lowest encoded value that a network sees: -0.1 in light for ACEScct, deeper than footroom and ringing reach.
Curves go on in a straight line below black, ten times as steep as light. A pixel of -100 is -1054 in ACEScct, a
thousand times the range, and would spoil all that its network touches."""

_OLDEST_JOINED = 15  # Shape with start and end
_OWN_OPSET, _OWN_IR = 18, 8  # Resize with antialias and axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a picture needs done to it; what is left out costs nothing.

    `colour` takes the plate's space to the generator's, `carry` takes light that a clamping network cannot see past it.
    `floor` keeps what is far below black out of the network's sight. `matrix`, `gamma` and `grey` are the steps of a
    grade (`gradegraph`), whose numbers are inputs.
    """

    colour: MatrixCurve = NOTHING
    alpha: bool = False
    weight: bool = False
    strength: bool = False
    carry: bool = False
    floor: bool = False
    matrix: bool = False
    gamma: bool = False
    grey: bool = False
    confidence: bool = True

    @property
    def graded(self) -> bool:
        """Whether the network sees a graded plate."""
        return self.matrix or self.gamma or self.grey


def stages(model: onnx.ModelProto, card: Card, parts: Parts) -> list[onnx.ModelProto]:
    """The graphs to run one after the other: a single one where `model` can be joined, else three.

    Inputs: PLATE [H, W, 3] in the plate's space; GUIDE of each role that the card has, [H, W, C]; ALPHA (above 0:
    `pixels.divisor`) and WEIGHT [H, W, 1], STRENGTH [1] and those of `gradegraph` where `parts` has them; the card's
    controls under their own names. Outputs: RESULT
    [H W, 3], CONFIDENCE [H W, 1] where card and `parts` have it (flat, because ONNX Runtime would copy the picture to
    give it another shape).
    """
    opset = next((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), 0)
    joined = opset >= (_OWN_OPSET if card.fit == "resize" else _OLDEST_JOINED)
    opset, ir_version = (opset, model.ir_version) if joined else (_OWN_OPSET, _OWN_IR)
    halves = _Halves(card, parts)
    before, after = (half.model(opset=opset, ir_version=ir_version) for half in (halves.before(), halves.after()))
    if joined:
        return [join(before, model, after)]
    return [each for each in (before, model, after) if each.graph.output]  # of noise nothing is to be made before


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
        if self.parts.strength or self.parts.graded:
            self.kept["before"] = planes
        for port in self.card.inputs:
            if port.role == "plate" or port.role in GUIDE:
                seen = planes if port.role == "plate" else self._guide(g, port)
                feed(g, seen, port, shape=shape, resize=self.resize)
                g.output(port.name, 4, half=port.half)
        for name in self.kept.values():
            g.output(name, 2)
        return g

    @staticmethod
    def _guide(g: GraphWriter, port: Port) -> str:
        """A guide as planes."""
        pixels = g("Reshape", g.input(GUIDE[port.role], 3), [-1, port.count])
        return g("Transpose", pixels, perm=[1, 0])

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
        matrix = g.input(gradegraph.INTO, 2, sizes=(3, 3)) if self.parts.matrix else self.matrix
        x = g("Gemm", matrix if self.linear else np.eye(3), pixels, transB=1)
        if self.parts.alpha:
            self.kept["alpha"] = g("Reshape", g.input(ALPHA, 3), [1, -1])
            x = g("Div", x, self.kept["alpha"])
        if not self.linear:
            x = g("MatMul", matrix, curvegraph.decode(g, self.parts.colour.decode, x))
        if self.parts.gamma:
            x = gradegraph.power(g, x, g.input(gradegraph.ROOT, 1))
        light = self._clamp(g, x)
        return self._seen(g, curvegraph.encode(g, self.parts.colour.encode, light), light)

    def _seen(self, g: GraphWriter, x: str, light: str) -> str:
        """What the network sees of the encoded picture; what it does not see is set apart and added to its result."""
        seen = x
        if self.parts.grey:
            grey = curvegraph.encode(g, self.parts.colour.encode, g("MatMul", np.array([LUMINANCE]), light))
            seen = g("Sub", x, g("Mul", g("Sub", x, grey), g.input(gradegraph.GREY, 1)))
        if self.parts.floor and not self.card.clamp:
            seen = g("Max", seen, FLOOR)
        if seen != x:
            self.kept["apart"] = g("Sub", x, seen)
        return seen

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
        result = self._to_pixels(g, self._light(g, x))
        if self.parts.graded:
            # A grade that darkens loses digits in float32: only the change comes back through it.
            seen = self._to_pixels(g, self._light(g, self.kept["before"]))
            result = g("Add", g("Reshape", PLATE, [-1, 3]), g("Sub", result, seen))
        g("Identity", self._mix(g, result), result=g.output(RESULT, 2))

    def _light(self, g: GraphWriter, x: str) -> str:
        """Planes of the generator's space as the plate's light in its primaries, the grade's matrix still on it."""
        if "apart" in self.kept:
            x = g("Add", x, self.kept["apart"])
        x = curvegraph.decode(g, self.parts.colour.encode, x)
        if self.parts.carry and self.card.clamp:
            x = g("Add", x, self.kept["carry"])
        return gradegraph.power(g, x, g.input(gradegraph.POWER, 1)) if self.parts.gamma else x

    def _to_pixels(self, g: GraphWriter, x: str) -> str:
        """Interleaved pixels of the plate's space, (H W) x 3."""
        inverse = g.input(gradegraph.OUT_OF, 2, sizes=(3, 3)) if self.parts.matrix else np.linalg.inv(self.matrix)
        if not self.linear:
            x = curvegraph.encode(g, self.parts.colour.decode, g("MatMul", inverse, x))
        if self.parts.alpha:
            x = g("Mul", x, self.kept["alpha"])
        return g("Gemm", x, inverse if self.linear else np.eye(3), transA=1, transB=1)

    def _mix(self, g: GraphWriter, result: str) -> str:
        """plate + weight * (result - plate)."""
        if not self.parts.weight:
            return result
        # A Gemm spreads the weight over R, G and B: broadcasting over a last axis of 3 is slow.
        weight = g("Gemm", g("Reshape", g.input(WEIGHT, 3), [1, -1]), np.ones((1, 3)), transA=1)
        plate = g("Reshape", PLATE, [-1, 3])
        return g("Add", plate, g("Mul", weight, g("Sub", result, plate)))
