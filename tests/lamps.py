"""Plates with lights, and the node that makes them shine."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from replate.frame import Frame
from replate.generator import Generator
from replate.nodes.base import Engine
from replate.nodes.effect_light import LightEffect
from replate.params import resolve

__all__ = ["ALL", "NONE", "OPEN", "added", "point", "shine"]

Array = npt.NDArray[Any]
NONE = {"glow.amount": 0.0, "halation.amount": 0.0, "star.amount": 0.0}
ALL = {"glow.amount": 0.1, "halation.amount": 0.1, "star.amount": 0.1, "shafts.amount": 0.5, "ghosts.amount": 0.1}
OPEN = {"threshold": 0.0, "limit": 0.0}
"""Everything shines, as much as it does: then the effect is linear in the plate."""


@cache
def _generator() -> Generator:
    return Generator.load("light", device="cpu", threads=1)


def point(x: int = 96, y: int = 64, *, size: tuple[int, int] = (128, 192), light: float = 100.0) -> Array:
    """A light of one pixel on black, H x W x 3."""
    plate = np.zeros((*size, 3), np.float32)
    plate[y, x] = light
    return plate


def shine(
    plate: Array | Frame,
    *,
    mask: Array | None = None,
    holdout: Array | None = None,
    around: bool = False,
    frame: int = 1,
    **look: Any,
) -> Frame:
    """A plate as the node leaves it; in names of parameters `__` is a dot."""
    shown = plate if isinstance(plate, Frame) else Frame.of(plate, space="ACEScg", number=frame)
    values = resolve(LightEffect.params, {name.replace("__", "."): value for name, value in look.items()}, frame)
    mattes = {"mask": mask, "holdout": holdout}
    sides = {name: {0: Frame.of(matte, "A")} for name, matte in mattes.items() if matte is not None}
    engine = Engine(generator=_generator(), projection="equirect" if around else "flat")
    return LightEffect(engine).process({"plate": {0: shown}, **sides}, values)


def added(plate: Array | Frame, **look: Any) -> Array:
    """The added light alone, H x W x 3, of the parameters in `look` (and `shine`'s keywords)."""
    made = shine(plate, **look, layer__light=True)
    at = [made.channels.index(f"replate.light.{name}") for name in "RGB"]
    return np.asarray(made.pixels[..., at], np.float32)
