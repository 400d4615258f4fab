"""Two processes that train one network, on the CPU."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from torch import Tensor

from replate.errors import UsageError
from replate_training import checkpoint
from replate_training.loop.run import Run
from replate_training.loop.team import Team
from replate_training.loop.trainer import Trainer
from replate_training.material.data import Batch, Dice, Material, dice

from .member import SIDE, Noise, recipe
from .test_trainer import same

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1", "SAVE": "0.3"}


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[dict[str, object]]]:
    """By number of steps, what each of two processes came to."""
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone")
    results = {}
    for steps in (1, 5):
        folder = tmp_path_factory.mktemp("team")
        subprocess.run([*torchrun, HERE / "member.py", str(steps), folder], env=ENVIRONMENT, check=True, timeout=600)
        results[steps] = [dict(checkpoint.read(folder / f"{rank}.ckpt")) for rank in range(2)]
    return results


def test_all_hold_the_same_weights_bit_for_bit(members: dict[int, list[dict[str, object]]]) -> None:
    first, second = members[5]
    assert same(first, second)


class Both:
    """The batches of two processes as one."""

    def batch(self, random: Dice) -> Batch:
        other = lambda stream: dice(1, 0, f"{stream}/1/0")  # noqa: E731
        parts = [Noise(2).batch(each) for each in (random, other)]
        targets = [part.target for part in parts if part.target is not None]
        return Batch((torch.cat([part.inputs[0] for part in parts]),), torch.cat(targets))

    def real(self, batch: Batch, random: Dice) -> Tensor:
        return Noise(4).real(batch, random)


def test_two_with_half_the_batch_learn_what_one_learns(
    members: dict[int, list[dict[str, object]]], tmp_path: Path
) -> None:
    alone = Trainer(recipe(), Run(out=tmp_path, steps=100, device="cpu", precision="fp32"), Material(source=Both()))
    alone.advance()
    assert alone.learner.game is not None
    networks = {"generator": alone.learner.network, "critic": alone.learner.game.network}
    slopes: dict[str, list[Tensor]] = members[1][0]["slopes"]  # type: ignore[assignment]
    for name, network in networks.items():
        ours = torch.cat([each.grad.flatten() for each in network.parameters() if each.grad is not None])
        theirs = torch.cat([each.flatten() for each in slopes[name]])
        assert (ours - theirs).norm() < 1e-5 * ours.norm(), name


def test_each_draws_batches_of_its_own() -> None:
    ranks = [dice(1, 0, "noise"), dice(1, 0, "noise/1/0")]
    first, second = (torch.rand(2, 3, SIDE, SIDE, generator=each) for each in ranks)
    assert not torch.equal(first, second)


def command(folder: Path, out: Path, *words: str) -> list[str]:
    given = ("--content", str(folder), "--out", str(out), "--devices", "2", "--precision", "fp32", "--device", "cpu")
    return [sys.executable, str(HERE / "small.py"), "train", "tiny", *given, *words]


@contextmanager
def started(words: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until_there(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists() and process.poll() is None:
        time.sleep(0.02)
    assert process.poll() is None, process.stdout and process.stdout.read()


def children(process: subprocess.Popen[str]) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def test_the_command_stops_at_ctrl_c_and_goes_on_after_a_kill(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with started(command(folder, out, "--steps", "100000")) as process:
        until_there(out / "state.ckpt", process)
        process.send_signal(signal.SIGINT)  # to the first only; it tells the other
        said, _ = process.communicate(timeout=600)
    assert said.count("training stopped at step") == 1 and "Traceback" not in said
    with started(command(folder, out, "--steps", "100000", "--resume")) as process:
        before = (out / "state.ckpt").stat().st_mtime
        while (out / "state.ckpt").stat().st_mtime == before:
            time.sleep(0.02)
        (other,) = children(process)
        process.kill()
        process.wait()
        deadline = time.monotonic() + 600
        while Path(f"/proc/{other}").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
    assert not Path(f"/proc/{other}").exists(), "the other process lives on"
    step = int(checkpoint.read(out / "state.ckpt")["step"])
    done = subprocess.run(
        command(folder, out, "--steps", str(step + 3), "--resume"), env=ENVIRONMENT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("final.ckpt") == 1 and checkpoint.load(out / "final.ckpt").steps == step + 3


def test_what_is_wrong_is_said_once(tmp_path: Path) -> None:
    words = command(tmp_path / "nowhere", tmp_path / "out", "--steps", "3")
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode != 0 and done.stderr.count("nowhere") == 1 and "Traceback" not in done.stderr


@pytest.mark.skipif(torch.cuda.is_available(), reason="there are GPUs here")
def test_gpus_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are 0 GPUs here, not 2"):
        Team(Run(out=tmp_path, device="cuda", devices=2, precision="fp32"))
