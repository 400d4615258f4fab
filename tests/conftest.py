"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# Machines are busy: how long an example takes says nothing about it.
hypothesis.settings.register_profile("replate", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("replate")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test pictures and footage beside the checkout, or `$REPLATE_SHARED`; skips without it."""
    folder = Path(os.environ.get("REPLATE_SHARED") or Path(__file__).parents[2] / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"no test pictures in {folder}; set REPLATE_SHARED to the folder that holds 'data'")
    return folder
