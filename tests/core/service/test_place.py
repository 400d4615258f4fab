"""The private folder: nobody else's, one service at a time, and nothing left behind."""

from __future__ import annotations

import json
import os
import socket
import stat
import tempfile
import time
from pathlib import Path

import pytest

from replate.errors import UsageError
from replate.service import server
from replate.service.place import Place, usual_folder
from replate_plugin import starting


@pytest.mark.parametrize("variable", ["REPLATE_SERVICE", "XDG_RUNTIME_DIR", "TMPDIR"])
def test_service_and_client_look_in_one_place(variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REPLATE_SERVICE", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv(variable, str(tmp_path))
    assert usual_folder() == starting.usual_folder()
    assert tmp_path in (usual_folder(), usual_folder().parent)


def test_everything_is_for_the_user_alone(tmp_path: Path) -> None:
    place = Place(tmp_path / "deep" / "run")
    place.announce({"socket": "x"})
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((place.folder / "service.json").stat().st_mode) == 0o600
    assert all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in place.pictures)
    facts = json.loads((place.folder / "service.json").read_text())
    assert len(facts["token"]) == 64
    assert facts["pid"] == os.getpid()
    place.leave()
    assert [path.name for path in place.folder.iterdir()] == ["service.lock"]
    assert not any(folder.exists() for folder in place.pictures)


def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o755)
    with pytest.raises(UsageError, match="yours alone"):
        Place(open_to_all)
    link = tmp_path / "link"
    (tmp_path / "mine").mkdir(mode=0o700)
    link.symlink_to(tmp_path / "mine")
    with pytest.raises(UsageError, match="yours alone"):
        Place(link)


def test_one_service_in_a_folder_at_a_time(tmp_path: Path) -> None:
    first = Place(tmp_path / "run")
    with pytest.raises(UsageError, match="is running in"):
        Place(tmp_path / "run")
    first.leave()
    Place(tmp_path / "run").leave()


def test_what_a_killed_service_left_in_memory_is_removed_and_nothing_else(tmp_path: Path) -> None:
    killed, alive = Place(tmp_path / "killed"), Place(tmp_path / "alive")
    for place in (killed, alive):
        (place.pictures[0] / "1.pixels").write_bytes(b"pixels")
    killed._lock.close()  # as the system does for a process that is gone
    killed._memory.close()
    Place(tmp_path / "another").leave()
    assert not killed.pictures[0].exists()
    assert (alive.pictures[0] / "1.pixels").exists()
    again = Place(tmp_path / "killed")
    assert not list(again.pictures[1].iterdir())
    for place in (again, alive):
        place.leave()


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="there is no folder in memory")
def test_a_folder_in_memory_that_never_got_its_name_goes_when_it_is_old(tmp_path: Path) -> None:
    """Its service was killed in its first moment."""
    made = [Path(tempfile.mkdtemp(prefix="replate-new-", dir="/dev/shm")) for _ in range(2)]
    os.utime(made[0], (time.time() - 3600,) * 2)
    Place(tmp_path / "run").leave()
    assert [folder.exists() for folder in made] == [False, True]
    made[1].rmdir()


def test_a_long_path_still_has_a_socket(tmp_path: Path) -> None:
    place = Place(tmp_path / ("long" * 30))
    path = place.socket
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    place.leave()
    assert not path.exists()


def test_a_caller_of_another_user_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert server._is_ours(ours)
        monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
        assert not server._is_ours(ours)


def test_no_socket_is_used_twice(tmp_path: Path) -> None:
    first = Place(tmp_path / "run")
    first.socket.touch()
    first.announce({"socket": str(first.socket)})
    first._lock.close()  # killed
    second = Place(tmp_path / "run")
    assert second.socket != first.socket
    assert sorted(path.name for path in second.folder.iterdir()) == ["pictures", "service.lock"]
    second.leave()
