"""Damage of every kind, a few times; the long versions are `python benchmarks/reliability.py pictures movies ...`."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from .conftest import SCRIPT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks, and limits memory as Linux does")
TRAINED = ["trainings"] if find_spec("torch") else []


def test_what_is_read_is_right_or_refused_in_a_sentence() -> None:
    """In a process of its own: what is forked must not miss a thread that another test has started."""
    faults = ["pictures", "movies", "networks", "documents", "messages", *TRAINED]
    command = [sys.executable, str(SCRIPT), *faults, "--times", "70", "--no-page"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) >= len(faults)
