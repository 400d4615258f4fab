"""A movie of takes, to look at before they are trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from replate.color import to_space
from replate.effects.light import Light, lit
from replate.frame import Frame
from replate.media import open_sink
from replate.nodes.effect_field import FieldEffect
from replate.params import Setting, resolve

from .burning import STEPS
from .takes import Take

__all__ = ["preview"]

_RATE = 24
_WALL = 0.1  # light behind what does not shine


def preview(files: Sequence[Path], settings: Mapping[str, Setting], path: Path) -> Path:
    """Up to six takes side by side, whole frames only, lit as the node Effect does with its `settings`; returns
    `path`."""
    takes, values = [Take.load(file) for file in files[:6]], resolve(FieldEffect.params, settings, 0)
    wall = np.float32(0 if values["intensity"] else _WALL)
    with open_sink(str(path), fps=Fraction(_RATE), compression="h264") as sink:
        for number, moment in enumerate(range(0, min(len(take.heat) for take in takes), STEPS)):
            heat, smoke = (
                np.concatenate([getattr(take, name)[moment].float().numpy() for take in takes], axis=1)[..., None]
                for name in ("heat", "smoke")
            )
            element = lit(heat, smoke, Light.of(values))
            picture = wall * (1 - element.alpha) + element.light
            sink.write(Frame.of(to_space(picture, "ACEScg", "sRGB - Texture").clip(0, 1), number=number))
    return path
