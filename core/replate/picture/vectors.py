"""Motion vectors as renderers write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from ..errors import InputError
from ..frame import Frame, Window
from .compositing import Array, over

__all__ = ["motion_vectors"]

# Channels of the motion to the next frame (1) and to the last one (-1), with what makes them x to the right and y down.
# Nuke's layers `forward` and `backward` hold displacements with y up. So does Blender's Vector, X and Y to the last
# frame; Z and W are the way from the next frame to this one.
_NAMES: tuple[Mapping[int, tuple[tuple[str, float], tuple[str, float]]], ...] = (
    {1: (("forward.u", 1), ("forward.v", -1)), -1: (("backward.u", 1), ("backward.v", -1))},
    {1: (("Vector.Z", -1), ("Vector.W", 1)), -1: (("Vector.X", 1), ("Vector.Y", -1))},
)


def motion_vectors(frame: Frame, canvas: Window) -> dict[int, Array]:
    """Where every pixel of `canvas` lies in the next frame (1) and in the last (-1): H x W x 2 float32, pixels, y down.

    NaN beyond the frame's data window. Raises InputError where no part of the frame has all four channels.
    """
    for part, names in product(frame.parts, _NAMES):
        found = {way: _displacement(part, pair) for way, pair in names.items()}
        known = {way: each for way, each in found.items() if each is not None}
        if len(known) == len(names):
            return {way: over(each, part.data_window, canvas, outside=np.nan) for way, each in known.items()}
    raise InputError(
        f"frame {frame.number}: the vectors have neither forward.u, forward.v, backward.u and backward.v (Nuke) nor "
        "Vector.X to W (Blender); render it with a vector pass",
        frame=frame.number,
    )


def _displacement(part: Frame, pair: Sequence[tuple[str, float]]) -> Array | None:
    """H x W x 2 from channels and their signs; None where the part lacks one."""
    planes = [(_position(part, name), sign) for name, sign in pair]
    if any(at is None for at, _ in planes):
        return None
    return np.stack([np.float32(sign) * part.pixels[..., at].astype(np.float32) for at, sign in planes], -1)


def _position(part: Frame, name: str) -> int | None:
    """Of the channel of this name, in whatever layer."""
    return next((at for at, each in enumerate(part.channels) if f".{each}".endswith(f".{name}")), None)
