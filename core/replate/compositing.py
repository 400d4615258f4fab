"""Plate, matte and result brought together, so that what was not touched stays bit-equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .color import transform
from .errors import InputError
from .frame import Frame, Pixels
from .nodes.base import Engine

__all__ = ["matte_of", "redraw"]

HALF_MAX = 65504.0  # the largest finite float16
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709, item 3.2
Matte = npt.NDArray[np.float32]


def matte_of(mask: Frame, plate: Frame) -> Matte:
    """The mask frame as H x W x 1 float32 in 0..1 over the plate's data window.

    The alpha channel of an RGBA picture is used only where it has no colour; otherwise the brightest of R, G, B, so
    that both a grey picture and a roto in any one channel work. Outside the mask's own window the matte is 0.
    """
    matte = np.zeros((*plate.pixels.shape[:2], 1), np.float32)
    common = mask.data_window.intersect(plate.data_window)
    if common.width and common.height:
        values = _matte_channel(mask)[common.slices_in(mask.data_window)]
        matte[common.slices_in(plate.data_window)] = np.clip(np.nan_to_num(values), 0.0, 1.0)
    return matte


def _matte_channel(mask: Frame) -> Matte:
    colour = mask.rgb()
    alpha = mask.index("A")
    chosen = list(colour) if colour else [alpha if alpha is not None else 0]
    channel: Matte = mask.pixels[..., chosen].max(axis=-1, keepdims=True).astype(np.float32)
    return channel


def redraw(plate: Frame, engine: Engine, *, weight: float | Matte, values: Mapping[str, Any]) -> Frame:
    """The plate with its colour channels run through the generator where `weight` is above 0.

    Every other channel, and every pixel of weight 0, keeps its bits. Light is handled premultiplied: colour is
    divided by alpha for the generator and multiplied back.
    """
    colour = plate.rgb()
    if colour is None:
        names = ", ".join(plate.channels)
        raise InputError(f"frame {plate.number} has no R, G, B or Y channel to redraw, only {names}")
    before = np.ascontiguousarray(plate.pixels[..., list(colour)], dtype=np.float32)
    alpha = plate.index("A")
    after, confidence = engine.generator.apply(
        before,
        transform=transform(plate.space, engine.generator.card.space),
        alpha=None if alpha is None else plate.pixels[..., alpha : alpha + 1].astype(np.float32),
        weight=weight,
        strength=values["strength"],
        tile=engine.tile,
        controls={param.name: values[param.name] for param in engine.generator.card.controls},
    )
    frame = plate.with_pixels(_place(plate.pixels, colour, before, after))
    return _with_layer(frame, "replate.confidence", confidence) if values["confidence"] else frame


def _place(pixels: Pixels, colour: tuple[int, ...], before: Matte, after: Matte) -> Pixels:
    """A copy of `pixels` with the colour that changed; bits are compared, so that a NaN keeps its payload."""
    changed = before.view(np.uint32) != np.ascontiguousarray(after).view(np.uint32)
    if len(set(colour)) == 1:
        colour, after, changed = colour[:1], (after @ LUMINANCE)[..., None], changed.any(axis=-1, keepdims=True)
    if pixels.dtype == np.float16:
        after = np.clip(after, -HALF_MAX, HALF_MAX)
    result = pixels.copy()
    for source, target in enumerate(colour):
        np.copyto(result[..., target], after[..., source], where=changed[..., source], casting="same_kind")
    return result


def _with_layer(frame: Frame, name: str, layer: Matte | None) -> Frame:
    """The frame with one more channel; a generator without the map gives no layer."""
    if layer is None:
        return frame
    pixels = np.concatenate([frame.pixels, layer.astype(frame.pixels.dtype)], axis=-1)
    formats = (*frame.formats, "half") if frame.formats else ()
    return replace(frame, pixels=pixels, channels=(*frame.channels, name), formats=formats)
