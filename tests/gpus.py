"""A GPU that is none: sessions that say they run there, compute on the CPU and fail when they are told to.

The errors are ONNX Runtime's own, by type and by words.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import EPFail, Fail, RuntimeException

__all__ = ["ARENA_FULL", "LOST", "NO_CUDNN", "OLD_DRIVER", "OUT_OF_MEMORY", "PROVIDER", "Gpu", "gpu"]

_RAN = "Non-zero status code returned while running Conv node. Name:'/body/Conv' Status Message: "
_ARENA = "/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal"
_CALL = (
    "/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:129 std::conditional_t<THRW, void, common::Status>"
)
OUT_OF_MEMORY = RuntimeException(
    f"[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : {_RAN}{_ARENA}(size_t, bool, onnxruntime::Stream*, bool) "
    "Failed to allocate memory for requested buffer of size 939524096"
)
ARENA_FULL = RuntimeException(
    f"[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : {_RAN}{_ARENA} Available memory of 34699008 is smaller than "
    "requested bytes of 945041920"
)
LOST = Fail(
    f"[ONNXRuntimeError] : 1 : FAIL : {_RAN}CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; "
    "hostname=node7 ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/gpu_data_transfer.cc ; line=73 ; "
    "expr=cudaMemcpyAsync(dst_data, src_data, bytes, cudaMemcpyDeviceToHost, stream); "
)
PROVIDER = EPFail(
    f"[ONNXRuntimeError] : 11 : EP_FAIL : {_RAN}CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR ; GPU=0 ; hostname=node7"
)
OLD_DRIVER = RuntimeError(
    f"{_CALL} CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; "
    "hostname=node7 ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; line=336 ; "
    "expr=cudaSetDevice(info_.device_id); "
)
NO_CUDNN = RuntimeError(
    f"{_CALL} CUDNN failure 1001: CUDNN_STATUS_NOT_INITIALIZED ; GPU=0 ; hostname=node7 ; expr=cudnnCreate(&handle_); "
)


@dataclass
class Gpu:
    """What happens there. `at_run` and `at_creation` are asked with a number from 1 on, and with the shapes that go in,
    before anything is computed or made; what they return is raised. `spoil` may change results. From session `left_out`
    on ONNX Runtime does without the GPU and says nothing."""

    at_run: Callable[[int, Sequence[tuple[int, ...]]], Exception | None] = lambda number, shapes: None
    at_creation: Callable[[int], Exception | None] = lambda number: None
    spoil: Callable[[list[np.ndarray]], list[np.ndarray]] = lambda results: results
    runs: int = 0
    sessions: int = 0
    left_out: int = sys.maxsize

    def create(self) -> None:
        """One more session."""
        self.sessions += 1
        _raise(self.at_creation(self.sessions))

    def run(self, shapes: Sequence[tuple[int, ...]]) -> None:
        """One more run."""
        self.runs += 1
        _raise(self.at_run(self.runs, shapes))


def _raise(error: Exception | None) -> None:
    if error is not None:
        raise error


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Gpu:
    """One in this machine, number 0, for as long as the test runs."""
    made, real, place = Gpu(), ort.InferenceSession, ort.OrtValue.ortvalue_from_numpy

    class Session(real):  # type: ignore[misc,valid-type]
        def __init__(self, model: Any, options: Any, *, providers: Sequence[tuple[str, Any]], **how: Any) -> None:
            self.there = providers[0][0] == "CUDAExecutionProvider"
            if self.there:
                made.create()
                self.there = made.sessions < made.left_out
            super().__init__(model, options, providers=["CPUExecutionProvider"], **how)

        def get_provider_options(self) -> dict[str, Any]:
            return {**({"CUDAExecutionProvider": {"device_id": "0"}} if self.there else {}), "CPUExecutionProvider": {}}

        def run(self, names: Any, feeds: Mapping[str, np.ndarray], options: Any = None) -> Any:
            if not self.there:
                return super().run(names, feeds, options)
            made.run([each.shape for each in feeds.values()])
            return made.spoil(super().run(names, feeds))

        def io_binding(self) -> Any:
            return _Binding(super().io_binding()) if self.there else super().io_binding()

        def run_with_iobinding(self, binding: Any, options: Any = None) -> None:
            if not self.there:
                return super().run_with_iobinding(binding, options)
            made.run(binding.shapes)
            return super().run_with_iobinding(binding.real)

    monkeypatch.setattr(ort, "InferenceSession", Session)
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])
    monkeypatch.setattr(ort, "preload_dlls", lambda: None)
    monkeypatch.setattr(ort.OrtValue, "ortvalue_from_numpy", lambda array, *_: place(array, "cpu", 0))
    return made


class _Binding:
    """A binding whose places on the GPU are on the CPU."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.shapes: list[tuple[int, ...]] = []

    def bind_ortvalue_input(self, name: str, value: Any) -> None:
        self.shapes.append(tuple(value.shape()))
        self.real.bind_ortvalue_input(name, value)

    def bind_output(self, name: str, *_: Any) -> None:
        self.real.bind_output(name, "cpu", 0)

    def get_outputs(self) -> Any:
        return self.real.get_outputs()
