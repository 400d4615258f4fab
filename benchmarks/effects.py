"""Fire and smoke from an emitter: what they cost, and what every parameter does.

An ellipse of 360 x 80 pixels at the foot of an HD picture burns and smokes at the defaults; seconds of CPU time are the
median of three frames, each made by itself. With --out, sheets of half the size go into that folder, a row for each
parameter, from little to much, and a row of frames that follow each other: fire over black, smoke over dark grey. To
hold: 4 seconds of CPU time, which is 2 on two cores that share the work, and for fire a peak above 10.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from common import HD, Picture, Table, clock, holds, show

from replate.color import to_space
from replate.effects.element import element
from replate.effects.light import FLAME, PLUME, Light, laid
from replate.effects.motion import FIRE, SMOKE, Motion

BOUND, PEAK = 4.0, 10.0
SHEET, HALF, FRAME = (450, 400), 0.5, 100
LOOKS = {"fire": (FIRE, FLAME, 0.0), "smoke": (SMOKE, PLUME, 0.15)}
"""How each moves, how it shines, and how bright the plate behind it is on the sheets."""
STRIPS: Mapping[str, Sequence[Any]] = {
    "size": (80.0, 120.0, 160.0, 260.0),
    "rise": (9.0, 14.0, 18.0, 24.0),
    "turbulence": (0.0, 3.0, 6.0, 10.0),
    "wind": ((-12.0, 0.0), (0.0, 0.0), (6.0, 0.0), (12.0, 0.0)),
    "life": (6.0, 10.0, 14.0, 20.0),
    "linger": (8.0, 16.0, 24.0, 32.0),
    "unevenness": (0.0, 0.3, 0.6, 1.0),
    "detail": (0.0, 0.25, 0.5, 1.0),
    "softness": (4.0, 12.0, 24.0, 40.0),
    "seed": (0, 1, 2, 3),
    "intensity": (2.0, 8.0, 20.0, 50.0),
    "temperature": (1500.0, 1800.0, 2000.0, 2500.0),
    "cooling": (0.1, 0.3, 0.45, 0.6),
    "threshold": (0.04, 0.12, 0.25, 0.4),
    "edge": (0.05, 0.15, 0.25, 0.6),
    "opacity": (0.0, 0.3, 0.7, 2.0),
    "balance": (3200.0, 4500.0, 6000.0, 8000.0),
    "smoke": (1.0, 4.0, 18.0, 40.0),
    "shadow": (0.0, 2.0, 4.0, 8.0),
}
ONLY = {"fire": {"life", "intensity", "temperature", "cooling", "threshold", "edge", "opacity", "balance"}}
ONLY["smoke"] = {"linger", "smoke", "shadow"}
"""Parameters that show in one of the two only."""


def measure(options: argparse.Namespace) -> Table:
    """What a frame costs and how bright it is; the sheets on the way."""
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for name in LOOKS:
            _sheets(options.out, name)
    headings = ("element", "frames of its window", "CPU seconds a frame", "peak", "most alpha", "holds")
    return Table(headings, [_row(name) for name in LOOKS])


def _row(name: str) -> Sequence[str]:
    motion, light, _ = LOOKS[name]
    matte, seconds = _matte(HD, 1.0), []
    for frame in range(FRAME, FRAME + 3):
        with clock() as spent:
            made = element([matte] * motion.window, frame, motion, light)
        seconds.append(spent.cpu)
    cost, peak = median(seconds), float(made.emission.max())
    good = cost < BOUND and (peak > PEAK or light.intensity == 0)
    return name, str(motion.window), f"{cost:.1f}", f"{peak:.1f}", f"{made.alpha.max():.2f}", holds(good)


def _matte(shape: tuple[int, int], scale: float) -> Picture:
    matte = np.zeros((*shape, 1), np.float32)
    middle = (shape[1] // 2, shape[0] - round(110 * scale))
    cv2.ellipse(matte, middle, (round(180 * scale), round(40 * scale)), 0, 0, 360, 1, -1)
    return matte


def _sheets(folder: Path, name: str) -> None:
    """One picture of frames in a row, and one for each parameter."""
    motion, light, _ = LOOKS[name]
    rows = {"frames": [_seen(name, motion, light, FRAME + 2 * each) for each in range(4)]}
    others = {each for kind in ONLY for each in ONLY[kind] if kind != name}
    for parameter, values in STRIPS.items():
        if parameter not in others:
            rows[parameter] = [_seen(name, *_changed(motion, light, parameter, value), FRAME) for value in values]
    for row, pictures in rows.items():
        cv2.imwrite(str(folder / f"{name}_{row}.png"), np.hstack(pictures))


def _changed(motion: Motion, light: Light, parameter: str, value: Any) -> tuple[Motion, Light]:
    change = {parameter: value}
    moves = parameter in {each.name for each in fields(Motion)}
    return (replace(motion, **change), light) if moves else (motion, replace(light, **change))


def _seen(name: str, motion: Motion, light: Light, frame: float) -> npt.NDArray[np.uint8]:
    """Over its plate, through the view, as 8-bit BGR."""
    half = motion.scaled(HALF)
    made = element([_matte(SHEET, HALF)] * half.window, frame, half, replace(light, reach=light.reach * HALF))
    linear = laid(np.full((*SHEET, 3), LOOKS[name][2], np.float32), made)
    shown = to_space(linear, "ACEScg", "sRGB - Texture")
    eight: npt.NDArray[np.uint8] = np.rint(shown[..., ::-1].clip(0, 1) * 255).astype(np.uint8)
    return eight


if __name__ == "__main__":
    show(measure)
