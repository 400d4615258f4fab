"""How fire and smoke move, in the artist's terms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .course import Course
from .waves import PERIOD, Waves

__all__ = ["CARRY", "STRETCH", "Motion", "frames_seen"]

STRETCH = 1.5
"""How much taller than wide eddies are: what rises is drawn out."""
CARRY = 0.85
"""The share of the mean speed that eddies have: a little is left for air to pass through them."""
_CHURN = 3.0  # radians that the largest eddies turn over while they move on by their own width


@dataclass(frozen=True)
class Motion:
    """How fire or smoke moves. Lengths are in pixels, times in units of its own: frames, at speed 1."""

    course: Course
    frame: float
    size: float
    """Of the largest eddies."""
    across: float
    """Their width: `size`, or what fits around a panorama with the waves' period."""
    life: float
    """In which heat falls to about a third; none is left after three times that."""
    linger: float
    """In which smoke thins to about a third; none is left after three times that."""
    unevenness: float
    """How patchy the emitter burns; 0 evenly."""
    softness: float
    """Standard deviation of the blur at the emitter's edge."""
    spread: float
    """By which smoke widens in one unit of own time."""
    seed: int
    loop: float
    """After which all comes again, if the emitter does; 0 never."""
    scale: float
    """By which the course's lengths are multiplied."""
    shift: float = 0.0
    """Pixels to the left by which this eye sees it, of what the first eye sees."""

    @classmethod
    def of(cls, values: Mapping[str, Any], frame: float, *, around: int = 0, view: str = "") -> Motion:
        """By the parameters of the node Effect at a frame; `around` is the width of a panorama in pixels.

        Of two eyes the right one, by the name of its `view`, sees what burns farther to the left.
        """
        scale = values["scale"]
        size = values["size"] * scale
        rows = values.get("course")
        before = frames_seen(values["life"], values["linger"], values["speed"])
        return cls(
            course=Course.of(rows) if rows else Course.steady(values, frame, before=before),
            frame=frame,
            size=size,
            across=around / (PERIOD * max(1, round(around / (PERIOD * size)))) if around else size,
            life=values["life"],
            linger=values["linger"],
            unevenness=values["unevenness"],
            softness=values["softness"] * scale,
            spread=values["spread"] * scale,
            seed=values["seed"],
            loop=values["loop"],
            scale=scale,
            shift=values["depth"] * scale if view[:1].lower() == "r" else 0.0,
        )

    @property
    def now(self) -> float:
        """Its own time at the frame."""
        return self.course.time(self.frame)

    @property
    def ahead(self) -> float:
        """Own time to the next frame."""
        return self.course.time(self.frame + 1) - self.now

    @property
    def behind(self) -> float:
        """Own time since the last frame."""
        return self.now - self.course.time(self.frame - 1)

    @property
    def seen(self) -> int:
        """How many frames can still be seen in this one, itself among them."""
        return math.ceil(self.back(self.now - self.memory)) + 1

    @property
    def memory(self) -> float:
        """How long what an emitter gave can be seen, in its own time."""
        return 3 * max(self.life, self.linger)

    @property
    def drawn(self) -> float:
        """How long the flow has drawn noise out: longer, and it would break up."""
        return max(self.life / 3, self.linger / 6)

    def back(self, time: float) -> float:
        """How many frames ago that was."""
        return self.frame - float(self.course.at(time)[0])

    def mean(self, time: float) -> tuple[float, float]:
        """The speed right and down, without eddies."""
        right, down = self.course.at(time)[2:4] * self.scale
        return float(right), float(down)

    def turbulence(self, time: float) -> float:
        """Root mean square of the eddies' speed."""
        return float(self.course.at(time)[4] * self.scale)

    def waves(self, time: float) -> Waves:
        """The waves that make its eddies."""
        right, down, eddies = self._lap() if self.loop else self.course.at(time)[5:]
        carried = (CARRY * right * self.size / self.across, CARRY * down / STRETCH)
        return Waves(self.seed, carried, _CHURN * eddies, time / self.loop if self.loop else None)

    def _lap(self) -> Any:
        """How far the air is carried in one loop, in largest eddies; its motion is then the same all the time."""
        return self.course.at(self.now)[2:5] * (self.scale * self.loop / self.size)


def frames_seen(life: float, linger: float, speed: float) -> int:
    """How many frames can still be seen in one, itself among them, at a speed above 0."""
    return math.ceil(3 * max(life, linger) / speed) + 1
