"""The private folder by which a client finds the service of its user.

service.lock   held by the service for as long as it lives, whatever ends it
service.json   where it listens, its token, process, version and protocol
service.sock   the socket, where the system has such
service.log    what it did last, and what libraries print
pictures/      shared pixels that have no room in memory
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import secrets
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import OutputError, ReplateError, UsageError
from ..keeping.locks import lock_file

__all__ = ["Place", "is_private", "usual_folder"]

_PREFIX, _NEW = "replate-pictures-", "replate-new-"
_SECONDS = 60.0  # that a new folder is nameless at most
_LONGEST = 100  # bytes of a socket's path; 104 on macOS, 108 on Linux, with the end


def usual_folder() -> Path:
    """$REPLATE_SERVICE, else `replate` in $XDG_RUNTIME_DIR, else `replate-USER` among the temporary files.

    `replate_plugin.client` has the same rule, in its own words because a host cannot import this.
    """
    if given := os.environ.get("REPLATE_SERVICE"):
        return Path(given)
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(runtime) / "replate"
    return Path(tempfile.gettempdir()) / f"replate-{getpass.getuser()}"


class Place:
    """The folder of one service, claimed for this process. Raises UsageError where another one has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.token = secrets.token_hex(32)
        _make_private(self.folder)
        self._lock = (self.folder / "service.lock").open("a")
        if not lock_file(self._lock.fileno()):
            self._lock.close()
            raise UsageError(
                f"a service is running in {self.folder} already; stop it with 'replate serve --stop' or choose "
                "another folder with --at"
            )
        # A name of its own: who has read of the one before must not come to this one with that one's token.
        self._name = f"{secrets.token_hex(4)}.sock"
        self._clear()
        self.pictures = self._pictures()

    @property
    def log(self) -> Path:
        """The file that tells what was done."""
        return self.folder / "service.log"

    @property
    def socket(self) -> Path:
        """Where to listen. Systems find long paths too long for a socket; it then lies with the pictures."""
        for folder in (self.folder, *self.pictures):
            path = folder / self._name
            if len(os.fsencode(path)) <= _LONGEST:
                return path
        raise UsageError(f"the path {self.folder} is too long for a socket; choose a shorter one with --at, or --tcp")

    def announce(self, facts: Mapping[str, Any]) -> None:
        """Tell clients where the service listens, from one moment to the next."""
        part = self.folder / f"service.{os.getpid()}.part"
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({**facts, "token": self.token, "pid": os.getpid()}, file)
        part.replace(self.folder / "service.json")

    def withdraw(self) -> None:
        """No client finds the service from now on."""
        (self.folder / "service.json").unlink(missing_ok=True)

    def leave(self) -> None:
        """Leave nothing behind but the log."""
        self._clear()
        for folder in self.pictures:
            _remove(folder)
        self._lock.close()

    def _clear(self) -> None:
        self.withdraw()
        for path in self.folder.glob("*.sock"):
            path.unlink()

    @staticmethod
    def stop(folder: Path, *, seconds: float) -> bool:
        """End the service of a folder; False where there is none. Raises ReplateError where it does not end in time."""
        until = time.monotonic() + seconds
        with contextlib.suppress(FileNotFoundError), (folder / "service.lock").open("a") as lock:
            if lock_file(lock.fileno()):
                return False
            os.kill(json.loads((folder / "service.json").read_text())["pid"], signal.SIGTERM)
            while not lock_file(lock.fileno()):
                if time.monotonic() > until:
                    raise ReplateError(f"the service in {folder} does not end; it may be busy with a frame, try again")
                time.sleep(0.05)
            return True
        return False

    def _pictures(self) -> tuple[Path, ...]:
        """Empty folders for shared pixels, the first one in memory where the system has such."""
        beside = self.folder / "pictures"
        _remove(beside)
        beside.mkdir(mode=0o700)
        return (*self._in_memory(Path("/dev/shm")), beside)

    def _in_memory(self, memory: Path) -> Iterator[Path]:
        """A folder there that bears its name once it is locked; those whose service was killed are removed."""
        if not os.access(memory, os.W_OK):
            return
        for left in (*memory.glob(f"{_PREFIX}*"), *filter(_is_old, memory.glob(f"{_NEW}*"))):
            with contextlib.suppress(OSError), (left / "lock").open("a") as lock:
                if is_private(left) and lock_file(lock.fileno()):
                    _remove(left)
        made = Path(tempfile.mkdtemp(prefix=_NEW, dir=memory))
        self._memory = (made / "lock").open("a")
        lock_file(self._memory.fileno())
        yield made.rename(made.with_name(made.name.replace(_NEW, _PREFIX)))


def _is_old(folder: Path) -> bool:
    """Whether a folder would have its name if who made it were alive."""
    try:
        return time.time() - folder.lstat().st_mtime > _SECONDS
    except OSError:  # it has just got its name
        return False


def _remove(folder: Path) -> None:
    """A folder of pictures, if it is ours beyond doubt."""
    with contextlib.suppress(OSError):
        if is_private(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _make_private(folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if not is_private(folder):
            raise UsageError(
                f"{folder} is not a folder of yours alone, and whoever can write there could pass for the service; "
                "choose another with --at",
                path=folder,
            )
    except OSError as error:
        message = f"the service's folder {folder} cannot be made: {error.strerror}; choose another with --at"
        raise OutputError(message, path=folder) from error


def is_private(folder: Path) -> bool:
    """A true folder that belongs to this user, with no rights for others; Windows keeps such in the user's profile."""
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode):
        return False
    return not hasattr(os, "getuid") or (state.st_uid == os.getuid() and not state.st_mode & 0o077)
