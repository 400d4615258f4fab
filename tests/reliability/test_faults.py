"""Faults done a few times; `python benchmarks/reliability.py` does them as often as docs/reliability.md says."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from .conftest import Suffer


@pytest.mark.parametrize(
    ("name", "times"),
    [("kill", 2), ("kill-steps", 1), ("error-steps", 1), ("share", 1), ("files", 1), ("limits", 1), ("clock", 1)],
)
def test_nothing_is_lost(suffer: Suffer, name: str, times: int) -> None:
    suffer(name, times=times)


def test_on_a_disk_that_is_full_or_read_only(suffer: Suffer) -> None:
    mounting = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    if not shutil.which("unshare") or subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("users may not mount anything here, not even for themselves")
    suffer("disks", times=1)


def test_on_a_server_that_fails(suffer: Suffer) -> None:
    if not shutil.which("strace") or subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode:
        pytest.skip("there is no strace that may look into processes")
    suffer("reads", times=1)
