"""The faults of benchmarks/reliability.py, done with small numbers."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

Suffer = Callable[..., None]
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "reliability.py"


@pytest.fixture
def suffer(monkeypatch: pytest.MonkeyPatch) -> Suffer:
    """Does a fault by its name and asserts that nothing was lost."""
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    run = runpy.run_path(str(SCRIPT))["run"]

    def suffer(name: str, *, times: int) -> None:
        rows = run(name, times=times)
        assert rows and not [sentence for row in rows for sentence in row.lost]

    return suffer
