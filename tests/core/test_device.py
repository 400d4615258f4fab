"""Devices: what was asked for, what is there, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import onnxruntime as ort
import pytest

from nets import identity
from replate.errors import UsageError
from replate.generator import Generator
from replate.network.device import device_of, open_session, probe, providers


def test_the_cpu_is_always_there(tmp_path: Path) -> None:
    session = open_session(identity(tmp_path / "same.onnx"), device="cpu", threads=1)
    assert device_of(session) == "cpu" == probe("cpu")


def test_auto_reports_what_the_session_reports() -> None:
    assert probe("auto").partition(":")[0] in ("cpu", "cuda")


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:x", "CPU", ""])
def test_unknown_words_are_refused(device: str) -> None:
    with pytest.raises(UsageError, match="auto, cpu, cuda or cuda:N"):
        providers(device)


@pytest.mark.parametrize("device", ["cuda", "cuda:7"])
def test_a_gpu_that_is_not_there_is_an_error_before_any_frame(
    tmp_path: Path, device: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if probe("auto") != "cpu":
        pytest.skip("this machine has a GPU")
    with pytest.raises(UsageError, match=rf"'{device}' was asked for.*--device auto"):
        Generator.load(identity(tmp_path / "same.onnx"), device=device)
    assert capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_cuda_build_without_a_driver_is_no_gpu(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """onnxruntime-gpu lists CUDA on every machine and falls back in silence: only the session tells the truth."""
    if probe("auto") != "cpu":
        pytest.skip("this machine has a GPU")
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])
    monkeypatch.setattr(ort, "preload_dlls", lambda: print("Failed to load libcublasLt.so.13"))  # noqa: T201
    assert providers("cuda:1")[0][1]["device_id"] == "1"
    with pytest.raises(UsageError, match="no such GPU can be used"):
        probe("cuda:1")
    assert probe("auto") == "cpu"
    assert capfd.readouterr().out == ""
