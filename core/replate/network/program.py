"""ONNX graphs run one after the other on one device, their tensors staying there in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt
import onnxruntime as ort

from .device import device_of, giving_back, open_session

__all__ = ["Program"]

Arrays = Mapping[str, npt.NDArray[Any]]


class Program:
    """A chain of sessions; a tensor made by one is an input of a later one by its name.

    Where it is `sparing` it holds no memory from one run to the next.
    """

    def __init__(
        self, stages: Sequence[bytes | Path], *, device: str, threads: int | None, sparing: bool = False
    ) -> None:
        self._sessions = [open_session(stage, device=device, threads=threads) for stage in stages]
        self.device = device_of(self._sessions[-1])
        self._options = giving_back(self.device) if sparing else None

    def run(self, feeds: Arrays, *, only: str = "") -> dict[str, npt.NDArray[Any]]:
        """The last graph's outputs by name; on a GPU, `feeds` go there once and the outputs come back once. Of a single
        graph `only` one output may be asked for, and nothing else is computed. What no graph takes is left out."""
        if len(self._sessions) > 1:
            return self._run_chain(feeds)
        session = self._sessions[0]
        feeds = {each.name: feeds[each.name] for each in session.get_inputs() if each.name in feeds}
        names = [only] if only else [each.name for each in session.get_outputs()]
        return dict(zip(names, session.run(names, feeds, self._options), strict=True))

    def _run_chain(self, feeds: Arrays) -> dict[str, npt.NDArray[Any]]:
        kind, _, index = self.device.partition(":")
        place = kind, int(index or 0)
        values = {name: ort.OrtValue.ortvalue_from_numpy(array, *place) for name, array in feeds.items()}
        outputs: list[str] = []
        for session in self._sessions:
            binding, outputs = session.io_binding(), [each.name for each in session.get_outputs()]
            for each in session.get_inputs():
                binding.bind_ortvalue_input(each.name, values[each.name])
            for name in outputs:
                binding.bind_output(name, *place)
            session.run_with_iobinding(binding, self._options)
            values.update(zip(outputs, binding.get_outputs(), strict=True))
        return {name: values[name].numpy() for name in outputs}
