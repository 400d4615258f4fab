"""Everything that can go wrong, as one small tree.

    ReplateError                1   a frame failed
    ├── UsageError              2   the command, the job or a parameter is wrong
    ├── InputError              3   a file is missing or cannot be read
    │   └── GeneratorError      3   an ONNX file, its card or its sidecar cannot be used
    ├── MemoryLimitError        4   out of memory after every fallback
    ├── OutputError             1   a result cannot be written
    └── Cancelled             130   the user stopped it

A message is one sentence: what failed, which file, frame or parameter, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .memory import speaks_of_memory

__all__ = [
    "CANCELLED",
    "Cancelled",
    "GeneratorError",
    "InputError",
    "MemoryLimitError",
    "OutputError",
    "ReplateError",
    "UsageError",
    "as_sentence",
    "from_facts",
    "reason",
    "to_facts",
    "was_memory",
]

CANCELLED = "cancelled; finished frames are kept, the same command goes on from there"

_EXTRAS = {
    "openjd": "farm",
    "torch": "training",
    "lightning_fabric": "training",
    "onnxscript": "export",
    "onnxruntime": "cpu",
}


class ReplateError(Exception):
    """Base of every error that Replate raises on purpose.

    `frame` is the frame number where that is known, `path` the file and `parameter` the knob
    that the user should look at; the message already names them.
    """

    exit_code = 1

    def __init__(
        self, message: str, *, frame: int | None = None, path: object = None, parameter: str | None = None
    ) -> None:
        super().__init__(_printable(message))
        self.frame = frame
        self.path = None if path is None else str(path)
        self.parameter = parameter


def _printable(message: str) -> str:
    """In one line, without what a name in a strange file may do to a terminal."""
    return "".join(each if each.isprintable() else "?" for each in message)


class UsageError(ReplateError):
    """The command, the job or a parameter is wrong; nothing was started."""

    exit_code = 2


class InputError(ReplateError):
    """A file is missing or cannot be read."""

    exit_code = 3


class GeneratorError(InputError):
    """An ONNX file, its card or its sidecar cannot be used."""


class MemoryLimitError(ReplateError):
    """Memory ran out even with the smallest tile on the last device."""

    exit_code = 4


class OutputError(ReplateError):
    """A result cannot be written."""


class Cancelled(ReplateError):  # noqa: N818  (a word users know; nothing went wrong)
    """The user stopped the work; finished frames are kept."""

    exit_code = 130


def reason(error: BaseException) -> str:
    """What the system or a library says of an error, in one line without its number: `No space left on device`."""
    said = str(getattr(error, "strerror", None) or error)
    return said.splitlines()[0] if said else type(error).__name__


def was_memory(error: BaseException) -> bool:
    """Whether an error, or one that it was raised for, means that memory ran out.

    Our own sentences do not count: they may name a file so.
    """
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, MemoryError | MemoryLimitError):
            return True
        if not isinstance(found, ReplateError) and speaks_of_memory(str(found)):
            return True
        found = found.__cause__ or found.__context__
    return False


def as_sentence(error: BaseException) -> ReplateError:
    """The error itself, or for one that nobody turned into a sentence, a sentence with its exit code.

    Where memory was what was missing, a file that could not be read is not told to be broken.
    """
    if isinstance(error, MemoryLimitError) or (isinstance(error, ReplateError) and not was_memory(error)):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Cancelled("cancelled")
    if isinstance(error, ModuleNotFoundError) and (extra := _EXTRAS.get((error.name or "").partition(".")[0])):
        return UsageError(f"this needs {error.name}; install it with: pip install 'replate[{extra}]'")
    if was_memory(error):
        return MemoryLimitError(
            "memory ran out; free some or use a machine with more", path=getattr(error, "path", None)
        )
    if isinstance(error, OSError) and error.strerror:  # of a disk or a server, wherever it comes
        what = f"{error.filename or 'a file'} cannot be used: {error.strerror.lower()}"
        return ReplateError(f"{what}; when that is mended the same command goes on", path=error.filename)
    what = f"{type(error).__name__}: {error}".strip()
    return ReplateError(f"something unforeseen went wrong ({what}); REPLATE_DEBUG=1 shows where, please report it")


def to_facts(error: ReplateError) -> dict[str, Any]:
    """An error as another process is told of it: the sentence, the exit code, and what the user should look at."""
    return {
        "message": str(error),
        "kind": type(error).__name__,
        "exit_code": error.exit_code,
        "frame": error.frame,
        "path": error.path,
        "parameter": error.parameter,
    }


def from_facts(facts: Mapping[str, Any]) -> ReplateError:
    """The error that another process told of by `to_facts`."""
    kinds = [kind for kind in globals().values() if isinstance(kind, type) and issubclass(kind, ReplateError)]
    kind = next((kind for kind in kinds if kind.__name__ == facts.get("kind")), ReplateError)
    message = str(facts.get("message") or "no reason was given")
    return kind(message, frame=facts.get("frame"), path=facts.get("path"), parameter=facts.get("parameter"))
