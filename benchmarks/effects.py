"""Fire and smoke.

The node Effect with the shipped generators of the family "field", at their defaults, from an ellipse at the foot of the
picture, over a grey plate with NaNs in it. "CPU seconds" are those of a 1080p frame on all cores together, the median
of frames after the first; to hold: at most 2, so that one idle core is enough. "Peak" is the brightest pixel's light;
for fire at least 10. "Largest change" is that between two frames in a row of 500, over the median; at most 3. The same
is given for 125 frames at half speed. "Warped" is the difference to the next frame brought here by the element's own
motion vectors, over that of the next frame as it is (natural logarithm of 1 + light). "Plate kept" is the share of
pixels without density or flame whose bits are the plate's; to hold: all. All but the first two are taken on a quarter-
size proxy, the changes with an emitter a third as wide.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

import cv2
import numpy as np
from common import HD, Picture, Table, clock, holds, show

from replate.catalogue import shipped
from replate.frame import Frame
from replate.generator import Generator
from replate.network.onnxfile import read_card
from replate.nodes import Engine, node_for
from replate.nodes.effect_field import FieldEffect
from replate.params import check_settings
from replate.picture.vectors import motion_vectors

SECONDS, PEAK, CHANGE, FRAMES = 2.0, 10.0, 3.0, 500
PROXY = 0.25


class Burning:
    """A generator in its node, with an emitter that stands still."""

    def __init__(self, name: str, threads: int) -> None:
        generator = Generator.load(name, device="cpu", threads=threads or None)
        kind = node_for("effect", generator.card)
        self.node, self.params = kind(Engine(generator=generator)), kind.params_with(generator.card)

    def frame(self, number: int, scale: float, *, wide: float = 1.0, **given: Any) -> Frame:
        """A frame over grey, made alone; parameters by name, `wind_x` for `wind.x`."""
        named = {name.replace("_", "."): value for name, value in given.items()}
        settings = {param.name: param.default for param in self.params} | {"scale": scale}
        settings |= check_settings(self.params, named)
        shape = round(HD[0] * scale), round(HD[1] * scale)
        mask = Frame.of(emitter(shape, scale, wide), "Y")
        return self.node.process(
            {"plate": {0: grey(shape, number)}, "mask": dict.fromkeys(self.node.offsets(settings), mask)},
            self.node.values(self.params, settings, number),
        )


def emitter(shape: tuple[int, int], scale: float, wide: float = 1.0) -> Picture:
    """An ellipse, H x W x 1."""
    matte = np.zeros((*shape, 1), np.float32)
    middle = shape[1] // 2, shape[0] - round(110 * scale)
    cv2.ellipse(matte, middle, (round(180 * wide * scale), round(40 * wide * scale)), 0, 0, 360, 1, -1)
    return matte


def grey(shape: tuple[int, int], number: int) -> Frame:
    """A plate of 18 % grey with a row of pixels that are no numbers."""
    plate = np.full((*shape, 3), 0.18, np.float32)
    plate[5] = np.nan
    return Frame.of(plate, number=number, space="ACEScg")


def measure(options: argparse.Namespace) -> Table:
    """A row for each shipped generator of the family."""
    names = [path.stem for path in shipped("effect") if (card := read_card(path)) and card.family == FieldEffect.family]
    headings = ("generator", "CPU seconds", "peak", "largest change", "at half speed", "warped", "plate kept", "holds")
    return Table(headings, [_row(name, options.threads) for name in names])


def _row(name: str, threads: int) -> Sequence[str]:
    burning = Burning(name, threads)
    spent, peak = _cost(burning)
    jumps = [_jumps(burning, count, speed=speed) for count, speed in ((FRAMES, 1.0), (FRAMES // 4, 0.5))]
    kept = _kept(burning)
    bright = peak >= PEAK or {param.name: param.default for param in burning.params}["intensity"] == 0
    good = spent <= SECONDS and bright and max(jumps) <= CHANGE and kept == 1
    changes = [f"{each:.2f}" for each in (*jumps, _warped(burning))]
    return name, f"{spent:.1f}", f"{peak:.1f}", *changes, f"{kept:.1%}", holds(good)


def _cost(burning: Burning) -> tuple[float, float]:
    spent = []
    for number in range(1001, 1007):
        with clock() as lap:
            made = burning.frame(number, 1.0)
        spent.append(lap.cpu)
    peak = float(np.nanmax(made.pixels[..., :3]))
    return median(spent[1:]), peak


def _jumps(burning: Burning, count: int, **given: Any) -> float:
    """The largest change from one frame to the next, over the median."""
    steps = [float(np.abs(b - a).mean()) for a, b in pairwise(_light(burning, count, **given))]
    return max(steps) / median(steps)


def _light(burning: Burning, count: int, **given: Any) -> Iterator[Picture]:
    for number in range(1001, 1001 + count):
        yield _seen(burning.frame(number, PROXY, wide=1 / 3, **given))


def _seen(frame: Frame) -> Picture:
    """Light as the eye has it, more or less."""
    seen: Picture = np.log1p(np.nan_to_num(frame.pixels[..., :3]))
    return seen


def _warped(burning: Burning) -> float:
    """The mean over some pairs of frames."""
    ratios = []
    for number in range(1001, 1031, 10):
        first, second = (burning.frame(number + each, PROXY, layer_motion=True) for each in (0, 1))
        way = motion_vectors(first, first.data_window)[1]
        y, x = np.mgrid[: way.shape[0], : way.shape[1]].astype(np.float32)
        before, after = _seen(first), _seen(second)
        moved = cv2.remap(after, x + way[..., 0], y + way[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        ratios.append(float(np.abs(moved - before).mean() / np.abs(after - before).mean()))
    return float(np.mean(ratios))


def _kept(burning: Burning) -> float:
    """The share of pixels without flame and smoke in which the plate has all of its bits."""
    made = burning.frame(1001, PROXY, layer_data=True)
    plate = grey(made.pixels.shape[:2], 1001)
    empty = ~_channels(made, ("replate.density", "replate.temperature")).any(axis=-1)
    same = (made.pixels[..., :3].view(np.uint32) == plate.pixels.view(np.uint32)).all(axis=-1)
    return float(same[empty].mean())


def _channels(frame: Frame, names: Sequence[str]) -> Picture:
    picked: Picture = frame.pixels[..., [frame.channels.index(name) for name in names]]
    return picked


if __name__ == "__main__":
    show(measure)
