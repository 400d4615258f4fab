"""Layers that a node adds to its result where it is asked to: declared in one way."""

from __future__ import annotations

from ..params import Param

__all__ = ["layer"]


def layer(name: str, adds: str) -> Param:
    """The switch of what a node adds to its result, off unless it is asked for; `adds` is the help."""
    return Param(name=name, kind="bool", default=False, keyable=False, section="Output", help=adds)
