"""Where a recipe's data are made ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..checkpoint import Data
from ..recipe import Recipe
from .files import find, origins
from .origin import origin

__all__ = ["Site"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a recipe's data are made ready: for which recipe, in which folder, and whom to tell.

    `licences` are "FOLDER=LICENCE", as the user states them.
    """

    recipe: Recipe
    folder: Path
    say: Callable[[str], None] = print
    licences: Sequence[str] = ()

    def data(self, sources: Sequence[Path]) -> tuple[Data, ...]:
        """Files and folders as the card lists them; of a dataset, what it was made of."""
        return tuple(each for source in sources for each in self._data(source))

    def _data(self, source: Path) -> Iterator[Data]:
        made_of = {} if self.licence(source.name) else origins(source)
        for (name, licence), files in sorted(made_of.items()):
            yield Data(name=name, licence=licence, files=files)
        if not made_of:
            stated = self.licence(source.name) or "not stated"
            yield Data(name=source.name, licence=stated, files=len(find([source])), source=origin(source))

    def licence(self, name: str) -> str:
        """The licence that the user stated for data of this name; empty where nothing was said."""
        return dict(item.partition("=")[::2] for item in self.licences).get(name, "")
