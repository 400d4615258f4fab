"""Light survives.

The plate at -3 .. +3 stops, rendered and brought back to its own exposure, against the plate rendered as it is: mean
absolute difference in ACEScct, where 0..1 spans what a camera sees (1 % is a sixth of a stop). To hold: at most 2 % on
average over the shifts.
"""

from __future__ import annotations

import argparse

import numpy as np
from common import Picture, Table, footage, holds, scene, show

from replate.color import convert, default_space, transform
from replate.generator import Generator

BOUND = 0.02
STOPS = (-3, -2, -1, 1, 2, 3)


def measure(options: argparse.Namespace) -> Table:
    """A row for each look."""
    plates = _plates(options)
    looks = [Generator.load(name, threads=options.threads or None) for name in options.looks]
    headings = ("look", "plates", *(f"{stop:+d}" for stop in STOPS), "average", "holds")
    return Table(headings, [_row(look, plates) for look in looks])


def _plates(options: argparse.Namespace) -> list[Picture]:
    """Scene-linear ACEScg: synthetic light up to 32, and the middle frame of each sequence."""
    middles = [pictures[len(pictures) // 2] for pictures in map(footage, options.plates)]
    return scene(1, size=(480, 854)) + [convert(picture, default_space("picture"), "ACEScg") for picture in middles]


def _row(look: Generator, plates: list[Picture]) -> list[str]:
    errors = np.mean([[_error(look, plate, stop) for stop in STOPS] for plate in plates], axis=0)
    shown = (f"{100 * error:.2f} %" for error in (*errors, errors.mean()))
    return [look.card.name, str(len(plates)), *shown, holds(errors.mean() <= BOUND)]


def _error(look: Generator, plate: Picture, stop: int) -> float:
    colour = transform("ACEScg", look.card.space)
    gain = np.float32(2.0**stop)
    shifted, plain = look.apply(plate * gain, transform=colour)[0] / gain, look.apply(plate, transform=colour)[0]
    return float(np.abs(convert(shifted, "ACEScg", "ACEScct") - convert(plain, "ACEScg", "ACEScct")).mean())


if __name__ == "__main__":
    show(measure)
