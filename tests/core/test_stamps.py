"""A file's state: every change shows, and what is too young to tell is not trusted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from replate.color import identity
from replate.keeping import stamps
from replate.keeping.stamps import Stamps


def rewritten(path: Path) -> None:
    """Other bytes, as many, with the old date."""
    state = path.stat()
    time.sleep(0.02)  # a tick of the file system's clock
    path.write_bytes(b"other")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def replaced(path: Path) -> None:
    """Another file under the same name."""
    state, other = path.stat(), path.with_name("other")
    other.write_bytes(b"other")
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    other.replace(path)


def longer(path: Path) -> None:
    path.write_bytes(b"first and more")


CHANGES = [rewritten, replaced, longer, Path.unlink]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"first")
    return path


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_shows(file: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]) -> None:
    monkeypatch.setattr(stamps, "_SETTLED", -(10**12))
    before = Stamps((file.parent, file))
    alone = Stamps((file,))
    assert alone.hold
    assert before.hold
    change(file)
    assert not alone.hold


def test_what_changed_just_now_is_not_trusted(file: Path) -> None:
    assert not Stamps((file,)).hold
    os.utime(file, (0, 0))
    assert not Stamps((file,)).hold, "a date that was set back says nothing"


def test_what_is_not_there_does_not_hold(tmp_path: Path) -> None:
    assert not Stamps((tmp_path / "nothing",)).hold


@pytest.mark.parametrize("change", CHANGES[:3])
def test_a_digest_is_of_what_a_file_holds_now(
    file: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    monkeypatch.setattr(stamps, "_SETTLED", -(10**12))
    reads: list[Path] = []
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: (reads.append(path), read_bytes(path))[1])
    first = identity._digest(file)
    assert (identity._digest(file), len(reads)) == (first, 1)
    change(file)
    assert identity._digest(file) != first
    assert len(reads) == 2
