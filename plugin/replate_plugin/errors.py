"""What can go wrong between a host and the service. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["ServiceError", "Unreachable"]


class ServiceError(Exception):
    """One sentence for the user: what failed, where, and what to do.

    `exit_code` is that of `replate render`: 1 a frame failed, 2 wrong usage, 3 an input is missing, 4 out of memory,
    130 cancelled. `kind` is the name of Replate's error; `frame`, `path` and `parameter` are told where they are known.
    """

    def __init__(
        self,
        message: str,
        *,
        exit_code: int = 1,
        kind: str = "ServiceError",
        frame: int | None = None,
        path: str | None = None,
        parameter: str | None = None,
    ) -> None:
        super().__init__(message)
        self.exit_code, self.kind = exit_code, kind
        self.frame, self.path, self.parameter = frame, path, parameter

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> ServiceError:
        """What the service says went wrong."""
        return cls(
            str(message.get("message", "the service gave no reason")),
            exit_code=int(message.get("exit_code", 1)),
            kind=str(message.get("kind", "ServiceError")),
            frame=message.get("frame"),
            path=message.get("path"),
            parameter=message.get("parameter"),
        )


class Unreachable(Exception):  # noqa: N818
    """No service answers there."""
