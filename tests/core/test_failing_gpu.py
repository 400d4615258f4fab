"""GPUs that fail: what is tried, what is said, and that the pixels are the same in the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpus import ARENA_FULL, LOST, NO_CUDNN, OLD_DRIVER, OUT_OF_MEMORY, PROVIDER, Gpu, gpu
from nets import PICTURE, PLATE, RESULT, Net, tiny_style, torn
from plates import bits, read, write_shot
from replate.card import Card
from replate.color import transform
from replate.errors import MemoryLimitError, UsageError
from replate.generator import Generator
from replate.job import Job
from replate.news.progress import Watcher
from replate.render import Report, render

__all__ = ["gpu"]
FRAMES = range(1, 5)


class Log(Watcher):
    """What was said of steps down."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)

    def fallback(self, text: str) -> None:
        self.lines.append(text)


def old(path: Path) -> Path:
    """A network too old to be joined with what goes before and after it: three sessions with tensors bound between."""
    net = Net(opset=9)
    x = net.add("Conv", "plate", net.constant(np.random.default_rng(2).normal(0, 0.2, (3, 3, 1, 1))))
    net.add("Add", "plate", x, name="result")
    card = Card(name="old", inputs=(PLATE,), outputs=(RESULT,))
    return net.save(path, [("plate", PICTURE)], [("result", PICTURE)], card=card)


@pytest.fixture(params=[tiny_style, old])
def look(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(request.param(tmp_path / "look.onnx"))


@pytest.fixture
def shot(tmp_path: Path) -> str:
    return write_shot(tmp_path / "in", FRAMES, size=(400, 600))


def rendered(shot: str, look: str, folder: Path, *, device: str) -> tuple[Report, list[str]]:
    log, output = Log(), str(folder / "o.%04d.exr")
    job = Job(node="style", inputs={"plate": shot}, output=output, generator=look, options={"device": device})
    return render(job, watcher=log), log.lines


def pictures(folder: Path) -> list[np.ndarray]:
    return [read(path)[0] for path in sorted(folder.glob("o.*.exr"))]


@pytest.fixture
def wanted(shot: str, look: str, tmp_path: Path) -> list[np.ndarray]:
    """What the CPU makes."""
    rendered(shot, look, tmp_path / "cpu", device="cpu")
    return pictures(tmp_path / "cpu")


def at(*runs: int, error: Exception) -> Callable[[int, Sequence[Any]], Exception | None]:
    return lambda number, _: error if number in runs else None


def always(error: Exception) -> Callable[..., Exception]:
    return lambda *_: error


@pytest.mark.parametrize("error", [LOST, PROVIDER, NO_CUDNN])
def test_a_gpu_that_fails_now_and_then_gets_a_new_session(
    gpu: Gpu, wanted: list[np.ndarray], shot: str, look: str, tmp_path: Path, error: Exception
) -> None:
    gpu.at_run = at(2, 11, error=error)
    report, said = rendered(shot, look, tmp_path / "gpu", device="cuda")
    assert (report.done, report.failed, report.device) == (list(FRAMES), {}, "cuda:0")
    for made, cpu in zip(pictures(tmp_path / "gpu"), wanted, strict=True):
        assert np.array_equal(bits(made), bits(cpu))
    told = [line for line in said if "trying a new session" in line]
    assert told
    assert all("'look' failed on cuda:0 (CU" in line and "node7" not in line for line in told)


@pytest.mark.parametrize("error", [OUT_OF_MEMORY, ARENA_FULL])
def test_a_gpu_with_little_memory_gets_smaller_tiles(
    gpu: Gpu, wanted: list[np.ndarray], shot: str, look: str, tmp_path: Path, error: Exception
) -> None:
    def small(_: int, shapes: Sequence[tuple[int, ...]]) -> Exception | None:
        return error if max(np.prod(shape) for shape in shapes) > 3 * 330**2 else None

    gpu.at_run = small
    report, said = rendered(shot, look, tmp_path / "gpu", device="auto")
    assert (report.done, report.device) == (list(FRAMES), "cuda:0")
    log = transform("ACEScg").forward
    for made, cpu in zip(pictures(tmp_path / "gpu"), wanted, strict=True):
        here, there = (log(np.ascontiguousarray(each[..., :3])) for each in (made, cpu))
        assert np.abs(here - there).max() <= 2e-3, "half a step of half float apart"
    assert any("frame 1: 'look' ran out of memory on cuda:0 with 600x400" in line for line in said)


@pytest.mark.parametrize("error", [OUT_OF_MEMORY, LOST, PROVIDER])
def test_a_gpu_that_always_fails_gives_way_to_the_cpu(
    gpu: Gpu, wanted: list[np.ndarray], shot: str, look: str, tmp_path: Path, error: Exception
) -> None:
    gpu.at_run = lambda number, _: error if number > 3 else None
    report, said = rendered(shot, look, tmp_path / "gpu", device="auto")
    assert (report.done, report.failed, report.device) == (list(FRAMES), {}, "cpu")
    for made, cpu in zip(pictures(tmp_path / "gpu"), wanted, strict=True):
        assert np.array_equal(bits(made), bits(cpu))
    assert any(line.endswith("its smallest tile; going on with the CPU") for line in said)


def test_a_gpu_that_was_asked_for_by_name_is_not_replaced(gpu: Gpu, shot: str, look: str, tmp_path: Path) -> None:
    gpu.at_run = lambda number, _: LOST if number > 2 else None
    report, _ = rendered(shot, look, tmp_path / "lost", device="cuda:0")
    assert report.device == "cuda:0" and {3, 4} <= set(report.failed)
    for error in report.failed.values():
        assert "by cuda:0 (CUDA failure 700: an illegal memory access was encountered)" in str(error)
        assert "--device auto" in str(error) and "\n" not in str(error)
    gpu.at_run = always(OUT_OF_MEMORY)
    with pytest.raises(MemoryLimitError, match=r"'look' runs out of memory on cuda:0 .* smallest tile") as caught:
        rendered(shot, look, tmp_path / "full", device="cuda:0")
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("error", "words"), [(OLD_DRIVER, "driver version is insufficient"), (NO_CUDNN, "CUDNN_STATUS")]
)
def test_a_gpu_that_cannot_be_begun_with(
    gpu: Gpu,
    wanted: list[np.ndarray],
    shot: str,
    look: str,
    tmp_path: Path,
    error: Exception,
    words: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    gpu.at_creation = always(error)
    report, _ = rendered(shot, look, tmp_path / "auto", device="auto")
    assert (report.done, report.device) == (list(FRAMES), "cpu")
    assert all(np.array_equal(*pair) for pair in zip(pictures(tmp_path / "auto"), wanted, strict=True))
    (said,) = {record.getMessage() for record in caplog.records}
    assert said.startswith("no GPU can be used (CU") and words in said and "node7" not in said
    with pytest.raises(UsageError, match=words):
        rendered(shot, look, tmp_path / "named", device="cuda")
    assert capfd.readouterr().out == "", "a farm reads what is printed"


@pytest.mark.parametrize("error", [OUT_OF_MEMORY, LOST])
def test_a_session_that_cannot_be_made_later(
    gpu: Gpu, wanted: list[np.ndarray], shot: str, look: str, tmp_path: Path, error: Exception
) -> None:
    gpu.at_creation = lambda number: error if number > 1 else None
    report, said = rendered(shot, look, tmp_path / "gpu", device="auto")
    assert (report.done, report.device) == (list(FRAMES), "cpu")
    assert all(np.array_equal(*pair) for pair in zip(pictures(tmp_path / "gpu"), wanted, strict=True))
    assert any("going on with the CPU" in line for line in said)


@pytest.mark.parametrize("sessions", [1, 2])
def test_a_session_that_is_silently_on_the_cpu(
    gpu: Gpu, shot: str, look: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, sessions: int
) -> None:
    """As where cuDNN is not found: nothing is raised."""
    gpu.left_out = sessions
    report, said = rendered(shot, look, tmp_path / "auto", device="auto")
    assert (report.done, report.device) == (list(FRAMES), "cpu")
    assert any("going on with the CPU" in line for line in (*said, *(each.getMessage() for each in caplog.records)))
    gpu.sessions = 0
    if sessions == 1:
        with pytest.raises(UsageError, match="cuDNN 9"):
            rendered(shot, look, tmp_path / "named", device="cuda")
    else:
        report, _ = rendered(shot, look, tmp_path / "named", device="cuda")
        assert set(report.failed) == set(FRAMES) and "cuDNN 9" in str(report.failed[1])


@pytest.mark.parametrize("error", [OUT_OF_MEMORY, LOST])
def test_a_network_that_needs_the_whole_picture(gpu: Gpu, tmp_path: Path, error: Exception) -> None:
    path = torn(tmp_path / "torn.onnx")
    picture = {"plate": np.random.default_rng(1).random((1, 3, 32, 48), np.float32)}
    told = Generator.load(path, device="cpu").compute("result", picture)
    generator, said = Generator.load(path, device="auto"), list[str]()
    generator.report_to(said.append)
    gpu.at_run = always(error)
    assert np.array_equal(generator.compute("result", picture), told)
    assert generator.device == "cpu" and said[-1].endswith("going on with the CPU")
    named = Generator.load(path, device="cuda")
    with pytest.raises(MemoryLimitError if error is OUT_OF_MEMORY else Exception, match="cuda:0"):
        named.compute("result", picture)


def test_a_result_that_is_no_number_is_not_hidden(gpu: Gpu, tmp_path: Path) -> None:
    """A half-float network that overflows, say; what was no number in the plate is not counted."""
    generator, said = Generator.load(tiny_style(tmp_path / "tiny.onnx"), device="cuda"), list[str]()
    generator.report_to(said.append)
    rgb = np.full((64, 64, 3), 0.2, np.float32)
    rgb[1, 1] = np.nan
    generator.apply(rgb, transform=transform("ACEScg"))
    assert not said

    def spoil(results: list[np.ndarray]) -> list[np.ndarray]:
        results[0].reshape(-1)[[300, 3001]] = np.nan, np.inf
        return results

    gpu.spoil = spoil
    made, _ = generator.apply(rgb, transform=transform("ACEScg"))
    assert np.isnan(made.reshape(-1)[300]) and np.isinf(made.reshape(-1)[3001])
    assert said == ["'tiny' made 2 values that are no numbers; they are left as they are"]


def test_a_warm_service_tries_the_gpu_again(gpu: Gpu, tmp_path: Path) -> None:
    generator = Generator.load(tiny_style(tmp_path / "tiny.onnx"), device="auto")
    gpu.at_run = always(LOST)
    generator.apply(np.full((64, 64, 3), 0.2, np.float32), transform=transform("ACEScg"))
    assert (generator.device, generator.reduced) == ("cpu", True)
