"""Light: glow, halation and the rays of stars, from any lights in a picture.

Data: points of light, and what exact optics make of them: sums of power laws for veiling glare (Spencer et al., 1995),
reflection from the base of film (Cornu, 1890), diffraction at an iris over the visible spectrum (Kakimoto et al.,
2004). Network: a pyramid of small convolutions without anything that is not linear, whose kernels follow from sizes
and amounts by a small network (convolution pyramids: Farbman et al., 2011). Objective: relative difference, the same
for every octave of distance. No game is played: what lenses do is known, and a critic would only ask for ornament.
"""

import math
from collections.abc import Mapping

from ..judging.spread import Spread
from ..material.points import Points
from ..networks import Architecture
from ..recipe import Recipe


def _exact(figures: Mapping[str, float]) -> float:
    return -sum(figures.get(f"{part}_error", math.nan) for part in ("glow", "halation", "ray"))


RECIPE = Recipe(
    name="light",
    title="Light",
    description="Glow, halation and stars around lights, as lenses and film make them, at any exposure.",
    licence="Apache-2.0",
    commercial_use=True,
    kind="effect",
    family="light",
    space="ACEScg",
    data=Points(),
    generator=Architecture(family="light"),
    lesson=Spread(),
    adversary=None,
    score=_exact,
    margin=0,
    batch=16,
    rate=3e-3,
    minutes=10.0,
)
