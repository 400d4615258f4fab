"""One trip.

CPU time of a 1080p frame through a generator as the Style node runs it (from scene-linear ACEScg to ACEScct, through
the network, back and mixed, in one graph) over that of the bare network on the same frame, taking turns in one run. To
hold: at most 1.6 without and with a mask. A confidence map that was asked for costs as much as the picture.
"""

from __future__ import annotations

import argparse

import numpy as np
import onnx
from common import Table, holds, race, scene, show
from speed import result_only, runner

from replate.catalogue import find
from replate.frame import Frame
from replate.generator import Generator
from replate.nodes import Engine, Style
from replate.params import resolve

BOUND = 1.6


def measure(options: argparse.Namespace) -> Table:
    """A row for each look."""
    rows = [_row(name, options.threads) for name in options.looks]
    return Table(("look", "whole frame", "with a mask", "with confidence", "holds"), rows)


def _row(name: str, threads: int) -> list[str]:
    plate = Frame.of(scene(1)[0], space="ACEScg")
    mask = Frame.of(np.full((*plate.pixels.shape[:2], 1), 0.5, np.float32), "Y")
    style = Style(Engine(generator=Generator.load(name, threads=threads or None)))
    plain, extra = (resolve(Style.params, {"confidence": wanted}, 0) for wanted in (False, True))
    bare = runner(result_only(onnx.load(find(name))), threads, size=(1088, 1920))
    shots = {"plate": {0: plate}}
    clocks = race(
        {
            "bare": bare,
            "whole": lambda: style.process(shots, plain),
            "mask": lambda: style.process({**shots, "mask": {0: mask}}, plain),
            "confidence": lambda: style.process(shots, extra),
        },
        rounds=5,
    )
    ratios = {each: clocks[each].cpu / clocks["bare"].cpu for each in ("whole", "mask", "confidence")}
    good = max(ratios["whole"], ratios["mask"]) <= BOUND
    return [style.engine.generator.card.name, *(f"{ratio:.2f}" for ratio in ratios.values()), holds(good)]


if __name__ == "__main__":
    show(measure)
