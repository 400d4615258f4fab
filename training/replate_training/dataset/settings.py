"""What a dataset is told; the options of `replate dataset` are these fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Sizes are in pixels, shares in 0..1. `augment` are names with commas between them, `licence` SOURCE=LICENCE."""

    every: Annotated[int, typer.Option(min=1, help="Of each shot, take one frame in so many.")] = 12
    short: Annotated[int, typer.Option(min=1, help="Scale larger pictures down to this short side.")] = 720
    smallest: Annotated[int, typer.Option(min=1, help="Leave out pictures with a shorter side than this.")] = 192
    validation: Annotated[float, typer.Option(min=0.0, max=0.9, help="Share of pictures to hold out, by shot.")] = 0.1
    augment: Annotated[str, typer.Option(help="Looks and effects to make pairs with: silver,glow,grain.")] = ""
    share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of pictures that each of these sees.")] = 0.25
    seed: Annotated[int, typer.Option(help="Another seed, other strengths and other pictures to augment.")] = 1
    licence: Annotated[list[str] | None, typer.Option(help="SOURCE=LICENCE of a source, for the record.")] = None

    @property
    def augmentations(self) -> list[str]:
        """The names in `augment`."""
        return [name.strip() for name in self.augment.split(",") if name.strip()]
