"""What the published stubs say of Resolve's API: which object has which calls, with how many arguments."""

from __future__ import annotations

import ast
import importlib.metadata
from functools import cache

__all__ = ["NEWER", "calls"]

NEWER = {"Timeline.GetSelectedClips": (0, 0)}
"""Calls that came after the stubs, which the adapter asks for only where there are some."""

# The stubs give no defaults. These are called with and without them by everybody, and the README says "optional".
_LOOSE = {"AddTrack", "GetStart", "GetEnd", "GetDuration", "GetLeftOffset", "GetRightOffset"}


@cache
def calls() -> dict[str, list[tuple[int, int]]]:
    """Object.Call -> the fewest and the most arguments of each form that it has."""
    files = importlib.metadata.files("fusionscript-stubs") or []
    file = next(file for file in files if file.name == "fusionscript.pyi")
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found: dict[str, list[tuple[int, int]]] = {name: [counts] for name, counts in NEWER.items()}
    for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        for call in (node for node in owner.body if isinstance(node, ast.FunctionDef)):
            found.setdefault(f"{owner.name}.{call.name}", []).append(_counts(call))
    return found


def _counts(call: ast.FunctionDef) -> tuple[int, int]:
    given = call.args.args[1:]
    optional = [argument for argument in given if "Optional" in ast.dump(argument)]
    loose = int(call.name in _LOOSE)
    most = 99 if call.args.vararg else len(given)
    return len(given) - max(len(optional), len(call.args.defaults), loose), most
