"""The matte that a mask frame gives for a plate: which channel it is, inverted, grown and feathered.

The order is: channel, clip to 0..1, invert, grow, feather. So `grow` always means that more of the picture is worked
on, and a feathered edge has its width whatever was done before it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, reduce

import cv2
import numpy as np

from ..errors import InputError, UsageError
from ..frame import Frame, Window
from ..params import nearest
from .compositing import Array, over
from .layers import Layout, find_channel, find_pictures

__all__ = ["check_channel", "feathered", "grown", "matte_of"]

_RECTANGLES = 5  # that a disc is made of; what they leave of it is looked up point by point
_WHOLE = 1 - 1e-5  # rounding in a sum of weights is far smaller, a step of a 16-bit mask is larger


def matte_of(
    mask: Frame,
    plate: Frame,
    *,
    channel: str = "",
    grow: float = 0.0,
    feather: float = 0.0,
    invert: bool = False,
    around: bool = False,
) -> Array:
    """The mask frame as H x W x 1 float32 in 0..1 over the plate's data window.

    `channel` is the one to take, found in any part and, where the mask has views, in the plate's. Where none is named
    it is the brightest of R, G, B, so that both a grey picture and a roto in any one of them work, and alpha where the
    mask has no such channels. Outside its data window the mask is 0. `grow` and `feather` are pixels, see `grown` and
    `feathered`; with `around` they reach across the left and right edges of the display window.

    Raises InputError where the mask lacks the channel or is of another size than the plate.
    """
    part, positions = _chosen(mask, channel, plate.view)
    sizes = [f"{frame.display_window.width}x{frame.display_window.height}" for frame in (part, plate)]
    if sizes[0] != sizes[1]:
        raise InputError(f"frame {mask.number}: the mask is {sizes[0]}, the plate is {sizes[1]}; make them one size")
    brightest = reduce(np.maximum, (part.pixels[..., i : i + 1] for i in positions))
    matte, window = np.nan_to_num(np.array(brightest, np.float32), copy=False), part.data_window
    np.clip(matte, 0, 1, out=matte)
    if invert or grow or feather:
        # Nothing is drawn between the data window and the edge of the picture; what lies beyond that nobody knows.
        matte, window = _over_all(matte, part)
        matte = 1 - matte if invert else matte
        matte = _reshaped(matte, grow, feather, around=around)
    return over(matte, window, plate.data_window, outside=float(invert))


def check_channel(parts: Sequence[Layout], name: str, *, of: str = "mask") -> None:
    """Raise UsageError where the picture `of` these parts has no such channel, naming the nearest that it has."""
    if find_channel(parts, name) is None:
        known = [channel for part in parts for channel in part.channels]
        raise UsageError(f"the {of} has no channel '{name}'{nearest(name, known)}", parameter="mask.channel")


def _chosen(mask: Frame, channel: str, view: str) -> tuple[Frame, list[int]]:
    """The part that holds the mask, and the positions of its channels there."""
    if channel:
        found = find_channel(mask.parts, channel, view=view)
        if found is None:
            names = ", ".join(name for part in mask.parts for name in part.channels)
            raise InputError(f"frame {mask.number}: the mask has no channel '{channel}', only {names}")
        part = mask.parts[found[0]]
        return part, [part.channels.index(found[1])]
    pictures = find_pictures(mask.parts)
    picture = next((each for each in pictures if each.view == view), pictures[0] if pictures else None)
    if picture is None:
        return mask, [mask.index("A") or 0]
    part = mask.parts[picture.part]
    return part, [part.channels.index(name) for short, name in picture.channels if short != "A"]


def _over_all(matte: Array, part: Frame) -> tuple[Array, Window]:
    """The matte over display and data window together."""
    data, display = part.data_window, part.display_window
    x, y = min(data.x, display.x), min(data.y, display.y)
    whole = Window(x, y, max(data.right, display.right) - x, max(data.bottom, display.bottom) - y)
    return over(matte, data, whole), whole


def _reshaped(matte: Array, grow: float, feather: float, *, around: bool) -> Array:
    """Grown, then feathered; `around` continues the picture at its sides by as much as that can reach."""
    reach = math.ceil(abs(grow) + feather) if around else 0
    wide = np.pad(matte[..., 0], ((0, 0), (reach, reach)), mode="wrap") if reach else matte[..., 0]
    shaped = feathered(grown(wide, grow), feather)
    return shaped[:, reach : reach + matte.shape[1], None]


def grown(matte: Array, radius: float) -> Array:
    """`matte` (H x W float32) with every edge moved outwards by `radius` pixels, inwards where that is negative.

    The greatest (smallest) value within a disc, so that a soft edge keeps its profile; between whole radii the two
    nearest results are mixed, so that it is continuous. Beyond the picture lies what lies at its edge.
    """
    if not radius:
        return matte
    if radius > 0:
        return _extreme(matte, radius, cv2.dilate, np.maximum)
    return _extreme(matte, -radius, cv2.erode, np.minimum)


def _extreme(matte: Array, radius: float, filtered: Callable[..., Array], either: Callable[..., Array]) -> Array:
    whole = math.floor(radius)
    low = matte
    for element in _elements(whole):
        low = either(low, filtered(matte, element))
    if radius == whole:
        return low
    ring = _disc(whole + 1)
    ring[1:-1, 1:-1] &= ~_disc(whole)
    high = either(low, filtered(matte, ring.astype(np.uint8)))
    return np.clip(low + np.float32(radius - whole) * (high - low), 0, 1)


def _disc(radius: int) -> Array:
    """Square of booleans, True within `radius` of its middle."""
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    inside: Array = x * x + y * y <= radius * radius
    return inside


@cache
def _elements(radius: int) -> tuple[Array, ...]:
    """A disc as few rectangles, which OpenCV filters row by row, and the points that they leave."""
    if not radius:
        return ()
    rest, found = _disc(radius), []
    for angle in np.linspace(0, np.pi / 2, _RECTANGLES + 2)[1:-1]:
        width = math.floor(radius * math.cos(angle))
        height = math.isqrt(radius**2 - width**2)
        found.append(np.ones((2 * height + 1, 2 * width + 1), np.uint8))
        rest[radius - height : radius + height + 1, radius - width : radius + width + 1] = False
    return (*found, rest.astype(np.uint8)) if rest.any() else tuple(found)


def feathered(matte: Array, width: float) -> Array:
    """`matte` (H x W float32) with its hard edges turned into ramps of `width` pixels, centred on them.

    The ramp is 3 t^2 - 2 t^3: the matte is filtered, by rows and by columns, with the slope of that, taken over each
    pixel. What is 0 or 1 stays exactly so farther than 0.71 `width` from an edge, half of it where the edge is upright
    or level.
    """
    if width <= 1:  # the ramp ends where the pixel does
        return matte
    reach = math.ceil((width - 1) / 2)
    borders = np.clip((np.arange(-reach, reach + 2) - 0.5) / width + 0.5, 0, 1)
    weights = np.diff(borders**2 * (3 - 2 * borders)).astype(np.float32)
    soft: Array = cv2.sepFilter2D(matte, -1, weights, weights, borderType=cv2.BORDER_REPLICATE)
    soft[soft > _WHOLE] = 1
    return soft
