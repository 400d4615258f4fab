"""Frames through a network in tiles that fit into memory."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from ..card import Card
from ..errors import GeneratorError, MemoryLimitError, ReplateError
from . import device as devices
from . import graph, ports
from .loading import load
from .program import Program
from .tiles import AUTO, Plan, plan, smaller

__all__ = ["Runner"]

Array = npt.NDArray[Any]

log = logging.getLogger(__name__)
_BYTES_A_PIXEL = 512  # our networks need 100, one that works at full resolution with 32 channels some 400


class Runner:
    """The programs of one generator on one device, and what its memory holds.

    `device` is where frames are really computed. It turns from a GPU to the CPU only where "auto" was asked for and
    the GPU's memory is too small for the smallest tile.
    """

    def __init__(self, path: Path, card: Card, *, device: str, threads: int | None) -> None:
        self.path, self.card, self.threads = path, card, threads
        self.may_fall_back = device == "auto"
        self.device = devices.probe(device)
        self._programs: dict[graph.Parts, Program] = {}
        self._fitting: dict[tuple[int, int], int | None] = {}

    def check(self) -> None:
        """Raise GeneratorError where the file is broken or its card does not fit it."""
        _ = self._model

    def run(
        self, arrays: Mapping[str, Array], settings: Mapping[str, Array], parts: graph.Parts, side: int | None
    ) -> tuple[Array, Array | None]:
        """Result (H x W x 3) and confidence (H x W x 1, or None) of the graph that `parts` describe.

        `arrays` are H x W x C and cut into tiles of about `side` pixels (None: one piece, AUTO: as memory allows),
        `settings` go to every tile. Raises MemoryLimitError when even the smallest tile is too much.
        """
        height, width = arrays[graph.PLATE].shape[:2]
        if side == AUTO:
            side = self._fitting.get((height, width), _side_for(height, width))
        while True:
            cut = plan(height, width, self.card, side=side)
            try:
                return self._run_tiles(arrays, ports.shaped(self._model, settings), self._program(parts), cut)
            except Exception as error:
                if not _is_memory(error):
                    raise self._sentence(error, cut) from error
                side = self._fitting[height, width] = self._next_side(height, width, side)

    def _next_side(self, height: int, width: int, side: int | None) -> int | None:
        """A tile that may fit where this one did not; the CPU after the GPU's smallest."""
        half = smaller(height, width, self.card, side=side)
        if half is not None:
            log.warning("%s: out of memory on %s, trying tiles of %d pixels", self.path.name, self.device, half)
            return half
        if self.device == "cpu" or not self.may_fall_back:
            raise MemoryLimitError(
                f"{self.path.name} runs out of memory on {self.device} at {width}x{height} even with its smallest "
                "tile; free memory, use a machine with more, or another device",
                path=self.path,
            )
        log.warning("%s: out of memory on %s, going on with the CPU", self.path.name, self.device)
        self.device = "cpu"
        self._programs.clear()
        return _side_for(height, width)

    def _run_tiles(
        self, arrays: Mapping[str, Array], settings: Mapping[str, Array], program: Program, cut: Plan
    ) -> tuple[Array, Array | None]:
        height, width = arrays[graph.PLATE].shape[:2]
        padded = {name: _pad(array, cut.size) for name, array in arrays.items()}
        if len(cut.tiles) == 1:
            made = _run(program, {**padded, **settings})
        else:
            made = self._assemble(padded, settings, program, cut)
        result, confidence = (made.get(name) for name in (graph.RESULT, graph.CONFIDENCE))
        return result[:height, :width], None if confidence is None else confidence[:height, :width]  # type: ignore[index]

    def _assemble(
        self, padded: Mapping[str, Array], settings: Mapping[str, Array], program: Program, cut: Plan
    ) -> dict[str, Array]:
        whole: dict[str, Array] = {}
        for tile in cut.tiles:
            feeds = {name: np.ascontiguousarray(array[tile.read]) for name, array in padded.items()}
            for name, part in _run(program, {**feeds, **settings}).items():
                target = whole.setdefault(name, np.empty((*cut.size, part.shape[2]), np.float32))
                target[tile.keep] = part[tile.inner]
        return whole

    def _program(self, parts: graph.Parts) -> Program:
        if parts not in self._programs:
            stages = [self._stage(each) for each in graph.stages(self._model, self.card, parts)]
            self._programs[parts] = Program(stages, device=self.device, threads=self.threads)
        return self._programs[parts]

    def _stage(self, model: onnx.ModelProto) -> bytes | Path:
        return self.path if model is self._model else bytes(model.SerializeToString())

    @cached_property
    def _model(self) -> onnx.ModelProto:
        model = load(self.path)
        ports.check(model, self.card, self.path)
        return model

    def _sentence(self, error: Exception, cut: Plan) -> ReplateError:
        if isinstance(error, ReplateError):
            return error
        height, width = (each.stop - each.start for each in cut.tiles[0].read)
        reason = str(error).strip().splitlines()[-1]
        return GeneratorError(
            f"{self.path} cannot be run on a {width}x{height} picture ({reason}); check it with 'replate inspect'",
            path=self.path,
        )


def _run(program: Program, feeds: Mapping[str, Array]) -> dict[str, Array]:
    """The program's flat pictures in the plate's shape."""
    shape = feeds[graph.PLATE].shape[:2]
    return {name: flat.reshape(*shape, -1) for name, flat in program.run(feeds).items()}


def _pad(array: Array, size: tuple[int, int]) -> Array:
    """Reflected below and to the right up to `size`, contiguous."""
    height, width = array.shape[:2]
    if (height, width) == size:
        return np.ascontiguousarray(array)
    # One row or column has nothing to reflect; numpy then repeats it.
    return np.pad(array, ((0, size[0] - height), (0, size[1] - width), (0, 0)), mode="reflect")


def _is_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in devices.MEMORY_WORDS)


def _side_for(height: int, width: int) -> int | None:
    """None where the whole frame fits into a quarter of the machine's memory, else the side of what does.

    From the size of the memory, not from what is free at the moment: the same frame is cut the same way every time.
    """
    fitting = _memory() // 4 // _BYTES_A_PIXEL
    return None if height * width <= fitting else int(fitting**0.5)


def _memory() -> int:
    """Bytes of memory that this process may use: the machine's, or its container's."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(machine, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):
        return machine
