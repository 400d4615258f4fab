"""The recipes: one small file for each look, which holds one `RECIPE` and begins with a line that says what it is.

To list them imports none of them, because torch takes seconds.
"""

from __future__ import annotations

import ast
import difflib
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from replate.errors import UsageError

if TYPE_CHECKING:
    from ..recipe import Recipe

__all__ = ["find", "names", "summary"]


def names() -> list[str]:
    """The recipes there are."""
    return sorted(module.name for module in iter_modules(__path__))


def summary(name: str) -> str:
    """The first line of a recipe's file."""
    source = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def find(name: str) -> Recipe:
    """The recipe of a name; raises UsageError with the nearest name where there is none."""
    known = names()
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}"
        raise UsageError(f"recipe '{name}' is not known; {hint}")
    recipe: Recipe = import_module(f"{__name__}.{name}").RECIPE
    return recipe
