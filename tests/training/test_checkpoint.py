"""Checkpoints are complete or absent, and run no code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from replate.errors import InputError, OutputError
from replate_training import checkpoint
from replate_training.networks import Architecture

WRITER = """
import sys, torch
from pathlib import Path
from replate_training import checkpoint
for turn in range(10_000):
    checkpoint.write({"turn": turn, "weights": torch.full((500_000,), float(turn))}, Path(sys.argv[1]))
    print(turn, flush=True)
"""


def look() -> checkpoint.Trained:
    tiny = Architecture(options={"quarter": 8, "eighth": 8, "deep": 1, "fine": 1})
    network = checkpoint.Network.of(tiny, tiny.folded(tiny.build().state_dict()))
    return checkpoint.Trained(recipe="tiny", generator_network=network, metrics={"psnr": 30.0})


def test_there_and_back(tmp_path: Path) -> None:
    before = look()
    checkpoint.save(before, tmp_path / "deep" / "final.ckpt")
    after = checkpoint.load(tmp_path / "deep" / "final.ckpt")
    plate = torch.rand(1, 3, 32, 32)
    assert torch.equal(before.generator()(plate), after.generator()(plate))
    assert after.metrics == {"psnr": 30.0} and after.discriminator() is None


def test_a_kill_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "state.ckpt"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, env=environment)
    assert writer.stdout is not None
    for _ in range(4):
        writer.stdout.readline()
    time.sleep(0.003)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    content = checkpoint.read(path)
    assert content["turn"] >= 3
    assert torch.equal(content["weights"], torch.full((500_000,), float(content["turn"])))


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch evil",)


def test_no_code_is_run_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"recipe": Evil()}, tmp_path / "evil.ckpt")
    with pytest.raises(InputError, match=r"evil\.ckpt cannot be read"):
        checkpoint.load(tmp_path / "evil.ckpt")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("content", [b"", b"not a checkpoint at all"])
def test_files_that_are_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.ckpt").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.ckpt"):
        checkpoint.load(tmp_path / "x.ckpt")


def test_a_missing_file_and_a_state_are_no_finished_look(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read: No such file or directory$"):
        checkpoint.load(tmp_path / "none.ckpt")
    checkpoint.write({"step": 3}, tmp_path / "state.ckpt")
    with pytest.raises(InputError, match="is not a finished training"):
        checkpoint.load(tmp_path / "state.ckpt")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="could not be written"):
        checkpoint.save(look(), tmp_path / "file" / "final.ckpt")
