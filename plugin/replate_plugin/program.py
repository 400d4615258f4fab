"""A program of Replate's beside a host, as the panel. Standard library only."""

from __future__ import annotations

import subprocess
import tempfile

from .errors import ServiceError
from .starting import HIDDEN, environment, python

__all__ = ["Program"]


class Program:
    """`replate WORDS` in a process of its own, begun at once. Raises ServiceError where there is no Python for it."""

    def __init__(self, *words: str) -> None:
        command = [python(), "-s", "-m", "replate", *words]
        self.name = words[0]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (a pipe that nobody reads would fill)
        try:
            self._process = subprocess.Popen(
                command,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                **HIDDEN,
            )
        except OSError as error:
            raise ServiceError(
                f"Replate's Python {command[0]} cannot be run: {error}; run install.py", exit_code=2
            ) from error

    def is_over(self) -> bool:
        """Whether it has ended; raises ServiceError where it has not ended well."""
        code = self._process.poll()
        if not code:
            return code == 0
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        why = lines[-1].removeprefix("replate: ") if lines else f"it ended with code {code}"
        raise ServiceError(f"Replate's {self.name} cannot be used: {why}", exit_code=code)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._process.terminate()
        self._process.wait()
