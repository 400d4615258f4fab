"""What all tests share."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# Generators of whoever runs the tests are none of theirs, nor do they leave any.
os.environ["XDG_DATA_HOME"] = OWN = tempfile.mkdtemp(prefix="replate-tests-")
atexit.register(shutil.rmtree, OWN, ignore_errors=True)
os.environ["DEADLINE_CLOUD_TELEMETRY_OPT_OUT"] = "true"  # whatever a test runs of Deadline Cloud's tools
GUARD = Path(__file__).parent / "guard"
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(GUARD), os.environ.get("PYTHONPATH"))))
sys.path.insert(0, str(GUARD))
sys.modules.pop("sitecustomize", None)  # a system's own
import sitecustomize as guard  # noqa: E402

# Machines are busy: how long an example takes says nothing about it.
hypothesis.settings.register_profile("replate", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("replate")


@pytest.fixture(scope="session")
def connections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that notes every connection out of this machine, tried here or in a process that a test starts."""
    notes = tmp_path_factory.mktemp("guard") / "connections.txt"
    notes.touch()
    os.environ[guard.NOTES] = str(notes)
    return notes


@pytest.fixture(autouse=True)
def no_network(connections: Path) -> Iterator[None]:
    """A test that tries to reach another machine fails, whatever became of the try."""
    before = connections.stat().st_size
    yield
    with connections.open(encoding="utf-8") as file:
        file.seek(before)
        assert not (tried := file.read()), tried


@pytest.fixture(autouse=True)
def no_leavings() -> Iterator[None]:
    """A generator that a test puts among the user's own is there for no other test."""
    yield
    shutil.rmtree(Path(OWN) / "replate", ignore_errors=True)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test pictures and footage beside the checkout, or `$REPLATE_SHARED`; skips without it."""
    folder = Path(os.environ.get("REPLATE_SHARED") or Path(__file__).parents[2] / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"no test pictures in {folder}; set REPLATE_SHARED to the folder that holds 'data'")
    return folder
