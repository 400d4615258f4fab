"""A small fire for tests: an emitter, the node with a made-up network, and what its parameters make of both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from nets import torn
from replate.card import Card
from replate.effects.emitter import Emitter
from replate.effects.field import Field, field
from replate.effects.lattice import Lattice
from replate.effects.motion import Motion
from replate.frame import Frame, Window
from replate.generator import Generator
from replate.nodes import Engine
from replate.nodes.effect_field import FieldEffect
from replate.params import check_settings

__all__ = ["HEIGHT", "SMALL", "THIN", "WIDTH", "emitter", "field_of", "fire", "matte", "motion", "node", "values"]

Array = npt.NDArray[Any]

HEIGHT, WIDTH = 108, 160
SMALL: dict[str, Any] = {"scale": 0.2, "life": 6.0, "linger": 4.0}
"""Flames some 50 pixels high."""
THIN: dict[str, Any] = {
    "scale": 0.2,
    "size": 220.0,
    "rise": 12.0,
    "turbulence": 4.5,
    "life": 2.0,
    "linger": 8.0,
    "intensity": 0.0,
    "opacity": 0.0,
    "smoke.amount": 18.0,
    "smoke.shadow": 1.0,
}
"""Smoke of that size."""


def values(frame: int = 100, **settings: Any) -> dict[str, Any]:
    """What the node gets at a frame; `wind_x` is `wind.x`."""
    given = {**SMALL, **{name.replace("_", "."): setting for name, setting in settings.items()}}
    checked = check_settings(FieldEffect.params, given)
    full = {param.name: checked.get(param.name, param.default) for param in FieldEffect.params}
    return FieldEffect.values(FieldEffect.params, full, frame)


def motion(frame: float = 100, **settings: Any) -> Motion:
    return Motion.of(values(round(frame), **settings), frame)


def matte(x: float = 80, *, size: float = 1.0, y: float = 92) -> Array:
    """An emitter at the foot of the picture, H x W."""
    drawn = np.zeros((round(HEIGHT * size), round(WIDTH * size)), np.float32)
    middle, axes = (round(x * size), round(y * size)), (round(18 * size), round(5 * size))
    cv2.ellipse(drawn, middle, axes, 0, 0, 360, 1, -1)
    return drawn


def emitter(moves: Motion, mattes: list[Array] | None = None) -> Emitter:
    """One that stands still, or the mattes of a frame, the one before, and so on."""
    mattes = mattes or [matte()] * moves.seen
    height, width = mattes[0].shape
    return Emitter(mattes, Window(0, 0, width, height), softness=moves.softness)


def field_of(frame: float = 100, mattes: list[Array] | None = None, **settings: Any) -> Field:
    """The coarse field over the whole picture."""
    moves = motion(frame, **settings)
    burns = emitter(moves, mattes)
    return field(burns, moves, Lattice.over(burns.window, (moves.across, moves.size)))


def node(folder: Path, *, around: bool = False, tile: str = "auto") -> FieldEffect:
    generator = Generator.load(torn(folder / "torn.onnx", card=Card(name="torn")), device="cpu", threads=1)
    return FieldEffect(Engine(generator=generator, tile=tile, projection="equirect" if around else "flat"))


def fire(
    burns: FieldEffect,
    frame: int = 100,
    *,
    drawn: Callable[[int], Array] = lambda _: matte(),
    plate: Array | None = None,
    holdout: Array | None = None,
    first: int = -(10**6),
    view: str = "",
    mask_view: str = "",
    **settings: Any,
) -> Frame:
    """A frame of the node: over nothing, or over a plate (H x W x 3 or 4, ACEScg), with the mattes that are drawn."""
    given = values(frame, **settings)
    full = {name: given[name] for name in given if name != "course"}
    picture = np.zeros((*drawn(frame).shape, 4), np.float32) if plate is None else plate
    masks = {
        offset: Frame.of(drawn(frame + offset)[..., None], "Y", number=frame + offset, view=mask_view)
        for offset in burns.offsets(full)
        if frame + offset >= first
    }
    shots = {"plate": {0: Frame.of(picture, number=frame, space="ACEScg", view=view)}, "mask": masks}
    if holdout is not None:
        shots["holdout"] = {0: Frame.of(holdout[..., None], "Y", number=frame)}
    return type(burns)(burns.engine).process(shots, given)  # one that remembers no other mattes of these numbers
