"""What a generator is told where nobody made a target: to stay with the plate, and to be like the look."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from ..material.unpaired import Styled
from .lesson import Attempt, steadiness
from .wasserstein import palettes, patches

__all__ = ["Likeness", "grid", "tones"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How much the result is still of the plate, and how much of the look: how much each part counts.

    `content` is the feature distance to the plate. `tone` holds its light and colour in the large; 0 gives them up to
    the look. `palette` and `brushwork` are distances of colours and of small patches from the look's, the patches over
    `levels` of detail and in the busiest `share` of the plate. `grid` is what repeats with the network's own cells.
    """

    content: float = 0.03
    tone: float = 0.0
    palette: float = 1.0
    brushwork: float = 1.0
    grid: float = 20.0
    steady: float = 2.0
    levels: int = 3
    share: float = 0.4
    slices: int = 32

    def __call__(self, attempt: Attempt) -> dict[str, Tensor]:
        """Content, tone, palette, brushwork, grid and steadiness."""
        assert isinstance(attempt.batch, Styled)
        made, plate, style = attempt.made, attempt.inside(attempt.batch.inputs[0]), attempt.batch.style
        random = attempt.random("slices")
        # These two cost as much as all the rest: features look at half of the batch, steadiness at another quarter.
        half, quarter = (len(made) + 1) // 2, -((len(made) + 3) // 4)
        terms = {
            "content": self.content * attempt.features(made[:half], plate[:half]),
            "brushwork": self.brushwork
            * patches(made, style, plate, levels=self.levels, slices=self.slices, share=self.share, random=random),
            "grid": self.grid * grid(made),
            "steady": self.steady * steadiness(attempt, slice(quarter, None)),
        }
        if self.tone:
            terms["tone"] = self.tone * tones(made, plate)
        if self.palette:
            terms["palette"] = self.palette * palettes(made, style, slices=self.slices, random=random)
        return terms


def tones(made: Tensor, plate: Tensor, *, size: int = 16) -> Tensor:
    """mean |difference| of two pictures in cells of `size` pixels: their light and colour without their detail."""
    return (F.avg_pool2d(made, size) - F.avg_pool2d(plate, size)).abs().mean()


def grid(picture: Tensor, *, period: int = 8) -> Tensor:
    """mean |value| of the detail that repeats every `period` pixels: a pattern that belongs to the network and not to
    the plate. Sides are multiples of `period`, at least two of them."""
    detail = picture[..., 4:-4, 4:-4] - F.avg_pool2d(picture, 9, 1)
    return F.pixel_unshuffle(detail, period).mean(dim=(2, 3)).abs().mean()
