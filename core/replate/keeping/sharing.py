"""Several processes at one output, on one machine or on many: who is at work, and who makes which frame.

While somebody renders to `out.%04d.exr`, `.out.%04d.exr.replate.lock` lies beside the frames. Each process writes one
line into it, with the settings of its frames, and holds locks on bytes of it: one says that it is alive, others which
frames it makes. The system lets them go when the process ends, however it ends, so nothing has to be cleaned up after a
kill and no clock is asked. The last one to leave removes the file.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..errors import OutputError, UsageError
from .locks import append, holding, lock_byte, unlock_byte

__all__ = ["Sharing"]

# Bytes that the file does not have: who comes or goes, who is there, by line, and who makes which frame.
_DOOR, _PRESENCE, _FRAMES = 2**40, 2**40 + 1, 2**41
_ENOUGH = 16  # hex digits of a fingerprint, to tell settings apart


class Sharing:
    """This process's part in an output; a context. Locks tell processes apart, so it is for one render in a process.

    `prints` are the fingerprints of the frames that it may make. Entering raises UsageError where another process
    makes one of them with other settings, or any where this one has to be `alone`; OutputError where the file cannot
    be written. `works` is False where the file system has no locks: then everyone makes every frame.
    """

    def __init__(self, output: Path, prints: Mapping[int, str], *, alone: bool = False) -> None:
        self._output, self._alone = output, alone
        self._path = output.with_name(f".{output.name}.replate.lock")
        self._prints = {str(frame): print_[:_ENOUGH] for frame, print_ in prints.items()}
        self._handle = self._line = -1
        self.works = True

    def __enter__(self) -> Self:
        try:
            self._enter()
        except OSError as error:
            self._close()
            raise self._failed(error) from error
        except UsageError:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError), holding(self._handle, _DOOR):  # what is left does no harm
            if not any(True for _ in self._others()):
                self._path.unlink(missing_ok=True)
        self._close()

    def tidy(self) -> bool:
        """Remove the file that a kill has left; whether nobody is at work."""
        with contextlib.suppress(OSError):
            self._handle = os.open(self._path, os.O_RDWR)
            self.__exit__(None, None, None)
        return not self._path.exists()

    def take(self, frame: int) -> bool:
        """Have a frame to oneself; False where another process makes it now. Raises OutputError."""
        try:
            return not self.works or lock_byte(self._handle, _FRAMES + frame)
        except OSError as error:
            raise self._failed(error) from error

    def let_go(self, frame: int) -> None:
        """Others may look at a frame again."""
        if self.works:
            with contextlib.suppress(OSError):  # it is let go with the process, then
                unlock_byte(self._handle, _FRAMES + frame)

    def _failed(self, error: OSError) -> OutputError:
        message = f"{self._path}, by which renders share their work, cannot be used: {error.strerror}"
        return OutputError(message, path=self._path)

    def _enter(self) -> None:
        while True:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
            with holding(self._handle, _DOOR):
                if self._is_there():
                    self._join()
                    return
            self._close()

    def _is_there(self) -> bool:
        """Whether the open file is still the one under that name: the last process to leave may have removed it."""
        try:
            return os.path.samestat(os.fstat(self._handle), self._path.stat())
        except FileNotFoundError:
            return False

    def _join(self) -> None:
        for other in self._others():
            self._refuse(other)
        self._line = len(self._text().splitlines())
        try:
            lock_byte(self._handle, _PRESENCE + self._line)
        except OSError:
            self.works = False
        own = {"process": os.getpid(), "machine": platform.node(), "settings": self._prints}
        append(self._handle, json.dumps(own))

    def _refuse(self, other: Mapping[str, Any]) -> None:
        theirs = other["settings"]
        differs = any(theirs.get(frame, print_) != print_ for frame, print_ in self._prints.items())
        if self._alone or differs:
            how = " with other settings" if differs else ""
            who = f"process {other['process']} on {other['machine']}"
            raise UsageError(
                f"{self._output} is being rendered{how} by {who}; wait for it, or name another output",
                path=self._output,
            )

    def _others(self) -> Iterator[Mapping[str, Any]]:
        """What those wrote who are at work: whoever holds the lock of its line."""
        for number, line in enumerate(self._text().splitlines()):
            if number != self._line and not self._is_free(_PRESENCE + number):
                yield json.loads(line)

    def _is_free(self, at: int) -> bool:
        try:
            if not lock_byte(self._handle, at):
                return False
            unlock_byte(self._handle, at)
        except OSError:
            pass  # no locks here, so nobody holds one
        return True

    def _text(self) -> bytes:
        os.lseek(self._handle, 0, os.SEEK_SET)
        return os.read(self._handle, os.fstat(self._handle).st_size)

    def _close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1
