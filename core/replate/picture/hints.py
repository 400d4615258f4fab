"""Hints: what colour the user wants where, made ready for a network that colours.

They come from pictures that belong to frames of the shot: dots of colour on transparent, or whole coloured frames. A
frame that has none of its own is told by the nearest before and after it, moved into place by the motion between the
plates. So what a frame is told follows from the named files and its number alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..color import Transform, transform
from ..errors import InputError
from ..frame import Frame, Window
from ..nodes.base import Shots
from .alpha import straight
from .compositing import Array, Light, over
from .motion import follow, warp

__all__ = ["HINTS", "REFERENCE", "hints_for"]

HINTS, REFERENCE = "hints", "reference"
_LUMINANCE = np.array([[0.2722287168], [0.6740817658], [0.0536895174]], np.float32)  # AP1, S-2014-004, section 4


def hints_for(plate: Frame, shots: Shots, *, space: str, around: bool = False) -> Array:
    """What a plate is told, H x W x 4 float32 over its data window; 0 where nobody says anything.

    The first three are colour less luminance in `space`, times coverage, which is the fourth, 0..1: in a logarithmic
    space the same for a hint of any brightness. Painted `hints` lie over what comes from the `reference`; a nearer
    frame counts more, and less where motion cannot be trusted. `shots` holds the plates of these frames, too. With
    `around` the left and right edges of the pictures meet.

    Raises InputError for hints without alpha.
    """
    plates = {frame.number: frame for frame in shots["plate"].values()}
    total = np.zeros((*plate.pixels.shape[:2], 4), np.float32)
    for name in (HINTS, REFERENCE):
        given = {frame.number: frame for frame in shots.get(name, {}).values()}
        if given:
            said = _said(plate, _nearest(given, plate.number), plates, name, space, around)
            total += (1 - total[..., 3:]) * said
    return total


def _nearest(given: Mapping[int, Frame], number: int) -> list[Frame]:
    """The frame itself, else the last before and the first after it."""
    if number in given:
        return [given[number]]
    before, after = [n for n in given if n < number], [n for n in given if n > number]
    return [given[n] for n in (*([max(before)] if before else ()), *([min(after)] if after else ()))]


def _said(plate: Frame, given: list[Frame], plates: Mapping[int, Frame], name: str, space: str, around: bool) -> Array:
    """What these frames say of a plate: their mean, the nearer counting more."""
    window = plate.data_window
    told = [over(_told(frame, name, space), frame.data_window, window) for frame in given]
    if given[0].number == plate.number:
        return told[0]
    here = _seen(plate, window, space)
    moved = [
        _moved(each, here, _seen(plates[frame.number], window, space), around)
        for each, frame in zip(told, given, strict=True)
    ]
    nearness = np.array([1 / abs(frame.number - plate.number) for frame in given], np.float32)
    total = np.tensordot(nearness, np.stack(moved), 1)
    covered = 1 - np.prod([1 - each[..., 3:] for each in moved], axis=0)
    sure = total[..., 3:]
    mean = np.divide(total, sure, out=np.zeros_like(total), where=sure > 1e-6)
    return np.concatenate([mean[..., :3] * covered, covered], axis=-1)


def _moved(told: Array, here: Array, there: Array, around: bool) -> Array:
    motion, trusted = follow(here, there, around=around)
    moved = warp(told, motion, around=around) * trusted
    moved[..., 3] = moved[..., 3].clip(0, 1)
    return moved


def _seen(plate: Frame, window: Window, space: str) -> Array:
    """A plate as motion is looked for in it."""
    light = np.nan_to_num(Light.of(plate).rgb)
    return transform(plate.space, space).forward(over(light, plate.data_window, window))


def _told(frame: Frame, name: str, space: str) -> Array:
    """What a coloured frame or a layer of hints says, over its own data window."""
    position = frame.index("A")
    if position is None and name == HINTS:
        raise InputError(
            f"frame {frame.number}: the hints have no alpha; paint them on transparent", frame=frame.number
        )
    light = np.nan_to_num(Light.of(straight(frame)).rgb)
    colour = _chroma(np.ascontiguousarray(light), transform(frame.space, space))
    covered = 1.0 if position is None else np.nan_to_num(frame.pixels[..., position : position + 1]).clip(0, 1)
    covered = np.broadcast_to(np.asarray(covered, np.float32), (*colour.shape[:2], 1))
    return np.concatenate([colour * covered, covered], axis=-1)


def _chroma(light: Array, into: Transform) -> Array:
    """A picture less the grey of its luminance, both in the target space."""
    linear = transform(into.source, "ACEScg").forward(light)
    grey = np.repeat((linear @ _LUMINANCE).clip(0), 3, axis=-1)
    chroma: Array = into.forward(light) - transform("ACEScg", into.target).forward(grey)
    return chroma
