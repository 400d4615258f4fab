"""One network on one device."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy.typing as npt
import onnx

from ..card import Card
from ..errors import GeneratorError, was_memory
from . import device as devices
from . import graph, ports
from .device import cause
from .footprint import bytes_per_pixel
from .loading import load
from .program import Program

__all__ = ["DeviceFailed", "Runner"]

log = logging.getLogger(__name__)
Array = npt.NDArray[Any]
_PROGRAMS = 8  # kept; each holds the weights once more


class DeviceFailed(GeneratorError):  # noqa: N818  (said of a device, in a sentence)
    """A GPU could not run a network, for another reason than its memory: its own, the driver's or the network's."""


class Runner:
    """The programs of one generator on one device.

    `device` is where pictures are really computed; only `fall_back` changes it. `sparing` tells whether memory is
    given back after each picture; only `spare` changes that.
    """

    def __init__(self, path: Path, card: Card, *, device: str, threads: int | None) -> None:
        self.path, self.card, self.threads = path, card, threads
        self.device = devices.probe(device)
        self.sparing = False
        self._may_fall_back = device == "auto"
        self._programs: dict[graph.Parts, Program] = {}
        self._whole: Program | None = None
        self._footprints: dict[graph.Parts, int] = {}

    def check(self) -> None:
        """Raise GeneratorError where the file is broken or its card does not fit it."""
        _ = self._model

    def run(
        self, arrays: Mapping[str, Array], settings: Mapping[str, Array], parts: graph.Parts
    ) -> tuple[Array, Array | None]:
        """Result (H x W x 3) and confidence (H x W x 1, or None) of the graph that `parts` describe.

        `arrays` are H x W x C, contiguous, of a size that the network can take. Raises MemoryError where memory runs
        out, DeviceFailed where a GPU fails in any other way and GeneratorError where the network fails on the CPU.
        """
        height, width = arrays[graph.PLATE].shape[:2]
        with self._explaining(width, height):
            made = self._program(parts).run({**arrays, **ports.shaped(self._model, settings)})
        confidence = made.get(graph.CONFIDENCE)
        return (
            made[graph.RESULT].reshape(height, width, 3),
            None if confidence is None else confidence.reshape(height, width, 1),
        )

    def compute(self, output: str, arrays: Mapping[str, Array]) -> Array:
        """One output of the network as it stands, from its own inputs by name; raises as `run` does."""
        height, width = arrays[_input(self.card, "plate")].shape[-2:]
        with self._explaining(width, height):
            if self._whole is None:
                self._whole = Program([self.path], device=self.device, threads=self.threads, sparing=self.sparing)
            return self._whole.run(arrays, only=output)[output]

    @contextmanager
    def _explaining(self, width: int, height: int) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if was_memory(error):
                raise MemoryError(str(error)) from error
            cannot = f"cannot be run on a {width}x{height} picture"
            if self.device == "cpu":
                message = f"{self.path} {cannot} ({cause(error)}); check it with 'replate inspect'"
                raise GeneratorError(message, path=self.path) from error
            raise DeviceFailed(
                f"'{self.path.stem}' {cannot} by {self.device} ({cause(error)}); look after the GPU and its driver, or "
                "use --device auto, which goes on with the CPU",
                path=self.path,
            ) from error

    def bytes_per_pixel(self, parts: graph.Parts) -> int:
        """Memory that a tile takes while it is computed, for each of its pixels."""
        if parts not in self._footprints:
            self._footprints[parts] = max(map(bytes_per_pixel, self._stages(parts)))
        return self._footprints[parts]

    def fall_back(self) -> bool:
        """Go on with the CPU; False where that is not allowed or is what failed."""
        if self.device == "cpu" or not self._may_fall_back:
            return False
        self.device = "cpu"
        self._forget()
        return True

    def spare(self) -> None:
        """Give back all memory now, sessions with it, and after each picture from now on."""
        self.sparing = True
        self._forget()
        devices.give_back()

    def _forget(self) -> None:
        self._programs.clear()
        self._whole = None

    def _program(self, parts: graph.Parts) -> Program:
        if parts not in self._programs:
            stages = [self._source(each) for each in self._stages(parts)]
            self._programs[parts] = Program(stages, device=self.device, threads=self.threads, sparing=self.sparing)
            if len(self._programs) > _PROGRAMS:
                del self._programs[next(iter(self._programs))]
        return self._programs[parts]

    def _stages(self, parts: graph.Parts) -> list[onnx.ModelProto]:
        return graph.stages(self._model, self.card, parts)

    def _source(self, model: onnx.ModelProto) -> bytes | Path:
        return self.path if model is self._model else bytes(model.SerializeToString())

    @cached_property
    def _model(self) -> onnx.ModelProto:
        model = load(self.path)
        ports.check(model, self.card, self.path)
        log.info("%s: the network is loaded, for %s", self.path, self.device)
        return model


def _input(card: Card, role: str) -> str:
    port = card.input(role)
    assert port is not None
    return port.name
