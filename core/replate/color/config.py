"""The OpenColorIO configuration in use: one for the whole process, chosen anew for every job.

A job names its configuration, else `$OCIO` does, else it is `ocio://default` (ACES). `use` and `using` change it; what
was found out with one configuration is remembered with it (`per_config`), so that jobs in a warm process do not mix.
OpenColorIO is asked itself, not by way of OpenImageIO, which reads `$OCIO` once in a process, falls back to other
spaces without an error, and takes a logarithm that is good to 3e-5 only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import PyOpenColorIO as ocio

from ..errors import InputError, UsageError
from ..keeping.stamps import Stamps
from ..params import nearest
from .identity import PROBLEMS, identity_of, refers

__all__ = ["Configuration", "config_identity", "current", "per_config", "standard", "use", "using"]

_BUILT_IN = "ocio://"
_FALLBACK = "ocio://default"
_STANDARD = "ocio://studio-config-latest"
_SHORTHANDS = (_FALLBACK, "ocio://cg-config-latest", _STANDARD)
_P = ParamSpec("_P")
_R = TypeVar("_R")

# It would tell of every alias that a configuration makes inactive without having it.
ocio.SetLoggingLevel(ocio.LOGGING_LEVEL_WARNING)


@dataclass(frozen=True, eq=False, kw_only=True)
class Configuration:
    """A configuration that was loaded.

    `name` is a file or `ocio://NAME`, or "" where nobody chose. `identity` follows from what it holds, on any machine.
    `screen` is the display and the view that somebody chose. `memo` is what was found out with it. `stamps` are of its
    file, where that and `environment` are all that it follows from.
    """

    name: str
    spaces: ocio.Config
    identity: str
    screen: tuple[str, str] | None = None
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)
    stamps: Stamps | None = None
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    @property
    def holds(self) -> bool:
        """Whether it is certain that it would be the same if it were loaded again."""
        if not self.name or self.name.startswith(_BUILT_IN):
            return True
        return self.stamps is not None and self.stamps.hold and self.environment == dict(os.environ)

    @property
    def title(self) -> str:
        """What to call it in a sentence."""
        return self.name or _FALLBACK


_current: Configuration | None = None


def use(name: str = "", *, display: str = "") -> None:
    """Choose the configuration, and how it shows scene light.

    `name` is a file, a built-in `ocio://NAME`, or "" for what `$OCIO` says; `display` is DISPLAY/VIEW, DISPLAY for the
    first of its views, or "" for an sRGB screen where there is one. Files are looked at again, so that an edited one is
    a new one. Raises InputError where the configuration cannot be used, UsageError where it lacks the display.
    """
    global _current
    loaded = _load(name)
    _current = replace(loaded, screen=_screen(loaded, display) if display else None)


@contextmanager
def using(name: str = "", *, display: str = "") -> Iterator[None]:
    """`use` for the length of a block."""
    global _current
    before = _current
    use(name, display=display)
    try:
        yield
    finally:
        _current = before


def current() -> Configuration:
    """The configuration in use; raises InputError where `$OCIO` is broken."""
    if _current is None:
        use()
    assert _current is not None
    return _current


def config_identity() -> str:
    """Tells one configuration from another: a digest of its file and its LUTs, or the full name of a built-in one."""
    return current().identity


def per_config(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Remember what a function of hashable arguments returned, for each configuration apart."""

    @wraps(function)
    def remembered(*args: _P.args, **named: _P.kwargs) -> _R:
        memo, key = current().memo, (function, args, *named.items())
        if key not in memo:
            memo[key] = function(*args, **named)
        found: _R = memo[key]
        return found

    return remembered


@cache
def standard() -> ocio.Config:
    """The built-in configuration whose spaces are standards by their names; it knows the cameras, too."""
    return ocio.Config.CreateFromFile(_STANDARD)


def _load(asked: str) -> Configuration:
    name = asked or os.environ.get("OCIO", "")
    if _current and _current.name == name and _current.holds:
        return _current
    stamps = Stamps((Path(name),))  # before it is read: what comes after is a change
    try:
        spaces = ocio.Config.CreateFromFile(name or _FALLBACK)
        spaces.validate()
        identity = identity_of(spaces, name)
    except (*PROBLEMS, OSError, UnicodeError) as error:
        words, advice = (f"'{name}'", "correct --ocio") if asked else (f"$OCIO={name}", "correct or unset it")
        message = f"the colour configuration {words} cannot be used: {_reason(name, error)}; {advice}"
        raise InputError(message, path=name) from error
    if _current and (_current.name, _current.identity) == (name, identity):
        return _current
    # Else OpenColorIO would go on with the LUT that it has read before under the same name.
    ocio.ClearAllCaches()
    return Configuration(name=name, spaces=spaces, identity=identity, stamps=None if refers(spaces) else stamps)


def _reason(name: str, error: Exception) -> str:
    """What is wrong, as a part of a sentence."""
    if name.startswith(_BUILT_IN):
        known = (*_SHORTHANDS, *(f"ocio://{each}" for each in ocio.BuiltinConfigRegistry()))
        return f"it is not built in{nearest(name, known)}"
    if isinstance(error, ocio.ExceptionMissingFile):
        return "there is no such file"
    told = " ".join(str(error).split()).removeprefix("Error: ").rstrip(".")
    return told.replace(f"Loading the OCIO profile '{name}' failed. ", "")


def _screen(loaded: Configuration, text: str) -> tuple[str, str]:
    """DISPLAY/VIEW in two; the names themselves may hold a slash."""
    spaces = loaded.spaces
    known = {
        f"{display}/{view}": (display, view) for display in spaces.getDisplays() for view in spaces.getViews(display)
    }
    alone = {display: (display, spaces.getDefaultView(display)) for display in spaces.getDisplays()}
    if text not in {**known, **alone}:
        message = f"unknown display and view '{text}' in {loaded.title}{nearest(text, known)}"
        raise UsageError(message, parameter="display")
    return {**alone, **known}[text]
