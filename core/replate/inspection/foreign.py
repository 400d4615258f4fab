"""Inferring how a network that nobody described wants to be fed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from ..card import Card, Layout, Order, Port
from ..color import default_space
from ..errors import GeneratorError
from ..network.loading import load
from ..network.onnxfile import metadata
from .evidence import Graph, Range, nearest_range, order_of_affine, range_of_affine
from .fact import Fact
from .probing import Probe

__all__ = ["infer"]

_FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16)
_RANGES: tuple[Range, ...] = ((0.0, 1.0), (0.0, 255.0), (-1.0, 1.0))
_PIXEL_FORMATS: dict[str, Order] = {"bgr8": "BGR", "bgra8": "BGR", "rgb8": "RGB", "rgba8": "RGB"}
Shape = tuple[int | None, ...]


def infer(path: Path, given: Mapping[str, Any]) -> tuple[Card, list[Fact]]:
    """A card for the file at `path` and where each entry comes from.

    What the sidecar `given` states is not tried out again. Raises GeneratorError where the file makes no picture.
    """
    try:
        return _Inference(path, given).run()
    except (ValueError, LookupError, TypeError) as error:  # `onnx` over a graph that is damaged
        raise GeneratorError(f"{path} holds a graph that cannot be read ({error}); export or copy it again") from error


class _Inference:
    """The steps, each adding facts."""

    def __init__(self, path: Path, given: Mapping[str, Any]) -> None:
        self.path, self.given = path, given
        self.model = load(path)
        self.graph = Graph(self.model)
        self.facts: list[Fact] = []

    def run(self) -> tuple[Card, list[Fact]]:
        source, size = self._source()
        result = self._result(size)
        probe = Probe(self.path, source, result)
        multiple = self._multiple(probe, size)
        self._require_picture(probe, size or (8 * multiple, 8 * multiple))
        source, result = self._ranges(probe, source, result, size)
        card = Card(
            name=self.path.stem,
            space=default_space("picture"),
            clamp=True,
            size=size,
            multiple=multiple,
            inputs=(source,),
            outputs=(result,),
        )
        self._note("space", card.space, "foreign networks see pictures made for a screen", sure=False)
        return self._fit(probe, card), self.facts

    def _note(self, entry: str, value: object, reason: str, *, sure: bool = True) -> None:
        self.facts.append(Fact(entry, str(value), reason, sure))

    def _states(self, ports: str, entry: str) -> bool:
        """Whether the sidecar states an entry of the first of its inputs or outputs."""
        return any(entry in port for port in self.given.get(ports, [])[:1])

    def _refuse(self, what: str) -> GeneratorError:
        return GeneratorError(f"{self.path} {what}", path=self.path)

    def _source(self) -> tuple[Port, tuple[int, int] | None]:
        """The input port without its range, and the fixed size."""
        inputs = [each for each in self.model.graph.input if each.name not in self.graph.constants]
        controls = [each.get("name") for each in self.given.get("inputs", []) if each.get("role") == "control"]
        pictures = [each for each in inputs if each.name not in controls]
        if len(pictures) != 1:
            names = ", ".join(f"'{each.name}'" for each in pictures) or "nothing"
            raise self._refuse(f"takes {names}, not one picture; export it with a single picture as its input")
        port, shape = self._port(pictures[0], "plate")
        height, width = shape[1:3] if port.layout == "NHWC" else shape[2:4]
        size = (height, width) if height and width else None
        self._note("input.layout", port.layout, f"'{port.name}' is {_words(shape)}")
        self._note("size", f"{width}x{height}" if size else "any", "the file declares it")
        return self._ordered(port), size

    def _result(self, size: tuple[int, int] | None) -> Port:
        """The output port without its range: the first that can be a picture of the input's size."""
        outputs = list(self.model.graph.output)
        for output in outputs:
            try:
                port, shape = self._port(output, "result")
            except GeneratorError:
                continue
            declared = shape[1:3] if port.layout == "NHWC" else shape[2:4]
            if size is None or all(given in (None, want) for given, want in zip(declared, size, strict=True)):
                return port
        shapes = ", ".join(f"'{each.name}' is {_words(_shape(each))}" for each in outputs)
        raise self._refuse(f"makes no picture: its output {shapes}; give a network that turns a picture into a picture")

    def _port(self, value: onnx.ValueInfoProto, role: str) -> tuple[Port, Shape]:
        shape, kind = _shape(value), value.type.tensor_type.elem_type
        axes: tuple[tuple[Layout, int], ...] = (("NCHW", 1), ("NHWC", 3))
        counts = {name: shape[axis] for name, axis in axes if len(shape) == 4}
        layout: Layout | None = next((name for name, count in counts.items() if count in (1, 3)), None)
        if kind not in _FLOATS or len(shape) != 4 or shape[0] not in (None, 1) or (layout is None and any(shape[1:])):
            word = onnx.TensorProto.DataType.Name(kind).lower()
            raise self._refuse(
                f"has '{value.name}' of {_words(shape)} {word}, which is no picture of 1 or 3 float channels; "
                "export it with one"
            )
        grey = counts[layout or "NCHW"] == 1
        half = kind == onnx.TensorProto.FLOAT16
        return Port(
            name=value.name, role=role, layout=layout or "NCHW", channels="L" if grey else "RGB", half=half
        ), shape

    def _ordered(self, port: Port) -> Port:
        """The port with its channel order, as far as the file tells."""
        affine = self.graph.input_affine(port.name)
        declared: Order | None = _PIXEL_FORMATS.get(metadata(self.path).get("Image.BitmapPixelFormat", "").lower())
        measured = order_of_affine(*affine) if affine else None
        if port.channels == "L":
            self._note("input.channels", "L", "it has one channel")
        elif measured:
            self._note("input.channels", measured, "its first operator subtracts ImageNet's mean colour in this order")
        elif declared:
            self._note("input.channels", declared, "the file's metadata declares it")
        else:
            self._note("input.channels", "RGB", "nothing in the file tells", sure=False)
        # What the sidecar says of the input holds for the output as well, unless it says otherwise.
        stated = next((each["channels"] for each in self.given.get("inputs", [])[:1] if "channels" in each), None)
        return replace(port, channels=stated or measured or declared or port.channels)

    def _multiple(self, probe: Probe, size: tuple[int, int] | None) -> int:
        if "multiple" in self.given or size:
            return int(self.given.get("multiple", 1))
        multiple = probe.multiple()
        if multiple is None:
            raise self._refuse(
                "gives no picture of its input's size at any usual size; state 'multiple' or 'size' in its sidecar"
            )
        self._note("multiple", multiple, "found by running it at several sizes")
        return multiple

    def _require_picture(self, probe: Probe, size: tuple[int, int]) -> None:
        try:
            made = probe.run(probe.picture(*size))
        except Exception as error:
            raise self._refuse(f"cannot be run ({str(error).strip().splitlines()[-1]}); check the export") from None
        if made.ndim != 4 or made.shape[1] not in (1, 3) or made.shape[2:] != size:
            made_words, want = _words(made.shape), f"{size[1]}x{size[0]}"
            raise self._refuse(f"makes no picture of its input's size: {want} pixels became {made_words}; use another")

    def _ranges(self, probe: Probe, source: Port, result: Port, size: tuple[int, int] | None) -> tuple[Port, Port]:
        """Both ports with the ranges that the graph states, or that trials suggest."""
        result = replace(result, channels=source.channels if result.channels != "L" else "L")
        if self._states("inputs", "high") and self._states("outputs", "high"):
            return source, result
        affine = self.graph.input_affine(source.name)
        stated = self.graph.output_range(result.name)
        into = range_of_affine(*affine) if affine else None
        out = nearest_range(*stated) if stated else None
        if into:
            self._note("input.range", _span(into), "its first operators normalise that range")
        if out:
            self._note("output.range", _span(out), "its last operators give that range")
        if not (into and out):
            into, out = self._tried_ranges(probe, size or (384, 384), into, out)
        return replace(source, low=into[0], high=into[1]), replace(result, low=out[0], high=out[1])

    def _tried_ranges(
        self, probe: Probe, size: tuple[int, int], into: Range | None, out: Range | None
    ) -> tuple[Range, Range]:
        """What comes out for each usual range that goes in."""
        seen = {each: _measured(probe, size, each) for each in ([into] if into else _RANGES)}
        same = [each for each, made in seen.items() if (out or made) == each]
        chosen = into or (same[0] if same else (out or seen[_RANGES[0]]))
        if into is None:
            why = "this range comes out as it goes in"
            if len(set(seen.values())) == 1:
                why = f"whatever goes in, {_span(chosen)} comes out; most networks take the range they give"
            elif len(same) > 1:
                why = "the network treats all usual ranges alike"
            self._note("input.range", _span(chosen), why, sure=False)
        if out is None:
            out = seen.get(chosen, chosen)
            self._note("output.range", _span(out), "measured on a test picture", sure=False)
        return chosen, out

    def _fit(self, probe: Probe, card: Card) -> Card:
        """How pictures of other sizes get in, and how much tiles must overlap."""
        looks = self.graph.whole_image()
        reach = None if looks else self.given.get("overlap", -1)
        if reach == -1:
            reach = probe.reach(card.multiple, card.size)
        if reach is not None and (card.size is None or 2 * reach < min(card.size)):
            self._note("fit", "tile", f"a pixel depends on no pixel farther than {reach} away")
            self._note("overlap", reach, "measured: one block of pixels was changed")
            return replace(card, overlap=reach)
        cause = f"its {looks} looks at the whole picture" if looks else "its pixels depend on the whole picture"
        return self._fit_whole(card, cause)

    def _fit_whole(self, card: Card, cause: str) -> Card:
        """How a network that looks at the whole picture gets it; tiles only where the sidecar insists."""
        # Should the sidecar ask for tiles all the same, this much of their borders is left out.
        overlap = min(card.size) // 8 if card.size else 64
        if self.given.get("fit") == "tile":
            reason = f"every frame goes in in tiles, as its sidecar says, though {cause}: they may show"
            return replace(card, overlap=overlap, reason=reason)
        how = f"resized to {card.size[1]}x{card.size[0]}" if card.size else "in one piece"
        reason = f"every frame goes in {how}, untiled, because {cause} and tiles would differ"
        self._note("fit", "resize", reason)
        return replace(card, fit="resize", reason=reason, overlap=overlap)


def _shape(value: onnx.ValueInfoProto) -> Shape:
    return tuple(each.dim_value or None for each in value.type.tensor_type.shape.dim)


def _words(shape: Sequence[int | None]) -> str:
    return "x".join(str(each or "?") for each in shape) or "a single number"


def _span(given: Range) -> str:
    return f"{given[0]:g}..{given[1]:g}"


def _measured(probe: Probe, size: tuple[int, int], given: Range) -> Range:
    """The usual range that the network's output lies in for a picture of range `given`."""
    picture = probe.picture(*size) * (given[1] - given[0]) + given[0]
    low, high = np.percentile(probe.run(picture), (1, 99))
    return nearest_range(float(low), float(high))
