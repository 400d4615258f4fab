"""The grade that a generator sees a plate through: taken off its result, so that what it leaves alone stays.

In linear light of the generator's primaries, before its curve:

    x = sign(m p) |m p| ** (1 / gamma),   m = 2 ** exposure * (saturation * I + (1 - saturation) * 1 w)

where p is a pixel and w the weights of luminance; gamma is that of Nuke's Grade, and negative values mirror it. Then,
behind the curve, grey: t - grey * (t - curve(w x)), and what this takes away is added to the result. Added behind the
curve, it scales with the light: colour keeps its strength where a generator brightens or darkens.

The result is the plate and the difference that the generator makes, both its picture and what it saw being taken out of
the grade: with g for all of the above, p + (g^-1(network(g(p))) - g^-1(g(p))).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from ..color.curves import LUMINANCE

__all__ = ["Grade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """One frame's values of the parameters `input.*`: stops, and factors that do nothing at 1, or 0 for `grey`."""

    exposure: float = 0.0
    gamma: float = 1.0
    saturation: float = 1.0
    grey: float = 0.0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Grade:
        """Taken out of a node's values."""
        return cls(**{each.name: values[f"input.{each.name}"] for each in fields(cls)})

    @property
    def matrix(self) -> npt.NDArray[np.float64]:
        """Exposure and saturation as 3 x 3, for columns of RGB."""
        grey = np.tile(LUMINANCE, (3, 1))
        return np.asarray(2.0**self.exposure * (self.saturation * np.eye(3) + (1 - self.saturation) * grey))
