"""Where a network runs: CPU or GPU, asked for in words, reported as it is."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper

from ..errors import UsageError

__all__ = ["cause", "device_of", "give_back", "giving_back", "open_session", "probe", "providers"]

ort.disable_telemetry_events()  # which it sends on Windows
log = logging.getLogger(__name__)
ort.set_default_logger_severity(4)  # a missing CUDA library is told in our own sentence, not in red lines

_FAILURE = re.compile(r"\b(?:CUDA|CUDNN|CUDNN_FE|CUBLAS|CURAND|CUFFT) (?:failure \d+:|error) [^;\n]*[^;\s]")
_NEEDED = "driver, CUDA 13 and cuDNN 9 are needed"

# One arena for all sessions: a masked and an unmasked frame then need 340 MB at 1080p and not 680.
ort.create_and_register_allocator(
    ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT), None
)

_CUDA = {
    # The default, EXHAUSTIVE, tunes again at every new picture size.
    "cudnn_conv_algo_search": "HEURISTIC",
    "arena_extend_strategy": "kSameAsRequested",
    # TensorFloat-32 keeps 10 bits of mantissa: visible in a log picture, and unlike the CPU's result.
    "use_tf32": "0",
}


def providers(device: str) -> list[tuple[str, dict[str, Any]]]:
    """ONNX Runtime's providers for "auto", "cpu", "cuda" or "cuda:N"; UsageError for any other word."""
    match = re.fullmatch(r"auto|cpu|cuda(?::(\d+))?", device)
    if match is None:
        raise UsageError(f"device '{device}' is not known; give auto, cpu, cuda or cuda:N", parameter="device")
    cpu: tuple[str, dict[str, Any]] = ("CPUExecutionProvider", {})
    offered = "CUDAExecutionProvider" in ort.get_available_providers()
    if device == "cpu" or (device == "auto" and not offered):
        return [cpu]
    if not offered:
        raise UsageError(
            f"device '{device}' was asked for, but this onnxruntime is built without CUDA; "
            "install onnxruntime-gpu or use --device auto",
            parameter="device",
        )
    return [("CUDAExecutionProvider", {"device_id": match.group(1) or "0", **_CUDA}), cpu]


def open_session(model: bytes | Path, *, device: str, threads: int | None = None) -> ort.InferenceSession:
    """A session for a model or a file. Raises whatever ONNX Runtime raises, and RuntimeError where a GPU was named and
    it would take the CPU without a word; its own way back to the CPU is closed, because it prints.

    `threads` is the number of CPU threads inside one operator; None takes all cores but one.
    """
    chosen = providers(device)
    if len(chosen) > 1:
        _load_cuda()
    source = model if isinstance(model, bytes) else str(model)
    session = ort.InferenceSession(source, _options(threads), providers=chosen, enable_fallback=0)
    if device.startswith("cuda") and device_of(session) == "cpu":
        raise RuntimeError(_NEEDED)
    return session


def probe(device: str) -> str:
    """Where networks will really run for this wish, found out with a network that does nothing.

    Raises UsageError where a GPU was asked for and none can be used. Warns where one was hoped for.
    """
    why = _NEEDED
    try:
        found = device_of(open_session(_nothing(), device=device, threads=1))
    except UsageError:
        raise
    except Exception as error:  # whatever C++ throws
        found, why = "cpu", cause(error)
    if found == "cpu" and device.startswith("cuda"):
        raise UsageError(
            f"device '{device}' was asked for, but no such GPU can be used ({why}); use --device auto or cpu",
            parameter="device",
        )
    if found == "cpu" and len(providers(device)) > 1:
        log.warning("no GPU can be used (%s); going on with the CPU", why)
    return found


def cause(error: BaseException) -> str:
    """The words in a message of ONNX Runtime that say what went wrong: it names files, nodes and hosts around them."""
    text = str(error).strip()
    found = _FAILURE.search(text)
    return found[0] if found else (text.splitlines() or [type(error).__name__])[-1]


def giving_back(device: str = "cpu") -> ort.RunOptions:
    """Options of a run after which the arenas keep nothing that nobody uses; it costs a twentieth of the time."""
    options = ort.RunOptions()
    arenas = "cpu:0" if device == "cpu" else f"cpu:0;gpu:{device.partition(':')[2]}"
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", arenas)
    return options


def give_back() -> None:
    """Return to the system what the CPU's arena holds and nobody uses."""
    session = open_session(_nothing(), device="cpu", threads=1)
    session.run(None, {"x": np.zeros(1, np.float32)}, giving_back())


def _nothing() -> bytes:
    node = helper.make_node("Identity", ["x"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([node], "nothing", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def device_of(session: ort.InferenceSession) -> str:
    """Where the session really runs, "cpu" or "cuda:N": what it reports, not what was wished for."""
    options = session.get_provider_options().get("CUDAExecutionProvider")
    return "cpu" if options is None else f"cuda:{options.get('device_id', 0)}"


def _spare_one() -> int:
    """All cores but the one that is busy with reading and writing frames."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    return max(1, cores - 1)


def _options(threads: int | None) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads or _spare_one()
    options.inter_op_num_threads = 1
    # Waiting threads that spin steal cores from the reader and the writer beside us, and from a host.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    return options


def _load_cuda() -> None:
    """Let ONNX Runtime find the CUDA libraries of the nvidia-* packages; it prints what it misses, and we do not."""
    with contextlib.redirect_stdout(io.StringIO()):
        ort.preload_dlls()
