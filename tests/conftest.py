"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test pictures and footage beside the checkout, or `$REPLATE_SHARED`; skips without it."""
    folder = Path(os.environ.get("REPLATE_SHARED") or Path(__file__).parents[2] / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"no test pictures in {folder}; set REPLATE_SHARED to the folder that holds 'data'")
    return folder
