"""Steadiness in motion.

E_warp is the mean squared difference of frame t + 1 and frame t moved onto it by the plate's own motion, in sRGB 0..1,
where that motion can be trusted (Lai et al., "Learning blind video temporal consistency", 2018). The figure is
E_warp of the result over E_warp of the plate; every frame is rendered alone. To hold: at most 1.5.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import torch
from common import Picture, Table, footage, holds, scene, show
from torch import Tensor

from replate.color import default_space, to_display, transform
from replate.generator import Generator
from replate_training.judging.metrics import warp_error
from replate_training.space import from_display, to_log

BOUND = 1.5


def measure(options: argparse.Namespace) -> Table:
    """A row for each sequence, a column for each look."""
    looks = {name: Generator.load(name, threads=options.threads or None) for name in options.looks}
    rows = [_row(name, plates, list(looks.values())) for name, plates in _sequences(options)]
    return Table(("sequence", "frames", *looks, "holds"), rows)


def _sequences(options: argparse.Namespace) -> list[tuple[str, list[Picture]]]:
    if options.plates:
        return [(folder.name, footage(folder)) for folder in options.plates]
    return [("synthetic drift", [to_display(plate, "ACEScg") for plate in scene(8, size=(480, 854))])]


def _row(name: str, plates: Sequence[Picture], looks: Sequence[Generator]) -> list[str]:
    known = [_tensor(plate) for plate in plates]
    floor = warp_error(known, known)
    ratios = [warp_error(known, [_tensor(_render(look, plate)) for plate in plates]) / floor for look in looks]
    height, width = plates[0].shape[:2]
    frames = f"{len(plates)} of {width} x {height}"
    return [name, frames, *(f"{ratio:.2f}" for ratio in ratios), holds(max(ratios) <= BOUND)]


def _render(look: Generator, plate: Picture) -> Picture:
    result, _ = look.apply(plate, transform=transform(default_space("picture"), look.card.space))
    return result.clip(0, 1)


def _tensor(picture: Picture) -> Tensor:
    """As the metric takes it: 3 x H x W in ACEScct."""
    return to_log(from_display(torch.from_numpy(picture).permute(2, 0, 1)))


if __name__ == "__main__":
    show(measure)
