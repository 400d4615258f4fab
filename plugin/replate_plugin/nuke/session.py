"""What lasts as long as Nuke does: the service's client, the declarations, and who says what to the user."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import nuke

from ..client import Service, ServiceError
from ..host.declared import Declared
from ..host.reading import load

__all__ = ["CANCELLED", "declarations", "refreshed", "say", "service", "told"]

CANCELLED = 130
"""The exit code of what the user ended."""

_known: list[Declared] = []


@functools.lru_cache(maxsize=1)
def service() -> Service:
    """The one client of this Nuke; the service starts when it is first asked for something."""
    return Service(client=f"Nuke {nuke.NUKE_VERSION_STRING}")


def declarations() -> Declared:
    """What nodes and generators there are, as far as this Nuke has heard."""
    return _known[-1] if _known else refreshed(load())


def refreshed(found: Declared) -> Declared:
    """Go on with these declarations; returns them."""
    _known.append(found)
    return found


def say(text: str) -> None:
    """A sentence for the user: a window, or a line where there are none."""
    if nuke.GUI:
        nuke.message(text)
    else:
        nuke.tprint(f"Replate: {text}")


def told(action: Callable[..., Any]) -> Callable[..., Any]:
    """A button's function whose errors are told in a window; without windows they end the script, as on a farm."""

    @functools.wraps(action)
    def wrapped(*given: Any) -> Any:
        try:
            return action(*given)
        except ServiceError as error:
            if not nuke.GUI:
                raise RuntimeError(f"Replate: {error}") from error
            if error.exit_code != CANCELLED:
                say(str(error))
            return None

    return wrapped
