"""Too little memory, a few times; the long version is `python benchmarks/reliability.py memory`."""

from __future__ import annotations

import shutil

import pytest

from .conftest import Suffer


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="util-linux limits the memory")
def test_within_too_little_memory(suffer: Suffer) -> None:
    suffer("memory", times=3)
