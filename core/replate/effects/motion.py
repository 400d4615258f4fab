"""How fire and smoke move, in the artist's terms."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from .waves import Waves

__all__ = ["FIRE", "SMOKE", "STRETCH", "Motion"]

STRETCH = 1.5
"""How much taller than wide eddies are: what rises is drawn out."""
_CARRY = 0.85  # the share of the mean speed that eddies have: a little is left for air to pass through them


@dataclass(frozen=True)
class Motion:
    """How fire or smoke moves. Lengths are in pixels, times in frames, speeds in pixels a frame."""

    size: float = 160.0
    """Width of the largest eddies."""
    rise: float = 18.0
    """Speed upward."""
    wind: tuple[float, float] = (0.0, 0.0)
    """Speed that is added, right and down."""
    turbulence: float = 6.0
    """Root mean square of the eddies' speed."""
    speed: float = 1.0
    """How fast its own time runs, above 0; the times below are in that time."""
    life: float = 14.0
    """In which heat falls to about a third; none is left after three times that."""
    linger: float = 14.0
    """In which smoke thins to about a third; none is left after three times that."""
    unevenness: float = 0.6
    """How patchy the emitter burns; 0 evenly."""
    detail: float = 0.5
    """How far noise finer than the field tears it; 0 not at all."""
    softness: float = 24.0
    """Standard deviation of the blur at the emitter's edge."""
    seed: int = 0
    offset: float = 0.0
    """Added to its time."""
    loop: float = 0.0
    """After which all comes again, if the emitter does; 0 never."""

    def scaled(self, factor: float) -> Motion:
        """The same in a picture `factor` as large, as a proxy is."""
        lengths = {name: getattr(self, name) * factor for name in ("size", "rise", "turbulence", "softness")}
        return replace(self, **lengths, wind=(self.wind[0] * factor, self.wind[1] * factor))

    def time(self, frame: float) -> float:
        """Its time at a frame."""
        return frame * self.speed + self.offset

    @property
    def window(self) -> int:
        """How many frames can still be seen in one, itself among them."""
        return math.ceil(3 * max(self.life, self.linger) / self.speed)

    @property
    def mean(self) -> tuple[float, float]:
        """The speed right and down, without eddies."""
        return self.wind[0], self.wind[1] - self.rise

    @property
    def waves(self) -> Waves:
        """The waves that make its eddies; the largest turn over while they move on by a third of their size."""
        carry = (_CARRY * self.mean[0] / self.size, _CARRY * self.mean[1] / self.size / STRETCH)
        return Waves(self.seed, carry, 3 * self.turbulence / self.size, self.loop)


FIRE = Motion()
"""Flames some 400 pixels high."""
SMOKE = Motion(size=220, rise=12, turbulence=4.5, life=5, linger=32, unevenness=0.8, detail=0.4, softness=35)
"""A thick column."""
