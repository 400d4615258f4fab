"""Removal with a known truth.

Clips of `--davis`, whose objects' masks move over other clips ("moving": the background shows at other times or may
never) and a box that stands still ("still"), 24 frames each. PSNR in the hole and of the whole frame; sharpness is the
mean absolute Laplacian in the hole over the truth's (1 is as sharp); flicker is the squared difference of a frame and
the one before moved onto it, in the hole, over the truth's (1 is as steady). Beside it two fills of one frame: Telea's
and the node's own first one. To hold: more in the hole than either.

The truth is the clip itself, with the actor whom it follows. Where a hole hides him and the node finds what is behind
him, as it should, that counts as wrong; no fill can be near the truth where he is never seen. That, water that moves
on its own, and the ends of these short clips, where frames are looked at on one side only, are what the holes lack.
"told" (`--ways telea pyramid told removal`) is the node once more, given the motion that the clean clip has in the hole
as its input `vectors`, which nobody can who has no clean clip: as near as votes come to the truth.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

import numpy as np
from common import Table, holds, parser, show
from removing import Shot, chosen, fill, room, sheet

from replate.frame import Frame
from replate.media import open_sink
from replate.picture.motion import flow

TOLD = "told"
MOTION = ("forward.u", "forward.v", "backward.u", "backward.v")
FIGURES = ("hole", "whole", "sharp", "flicker")
COUNT = 24
_LINE = re.compile(r"(\S+)\s+(\S+)\s+" + r"\s+".join(rf"{name}\s+(\S+)" for name in FIGURES))

Scores = Mapping[str, Mapping[str, Sequence[float]]]
"""Way -> case -> the figures."""


def measure(options: argparse.Namespace) -> str:
    """The means, and the holes of every case."""
    if options.davis is None:
        parser().error("the cases need --davis DIR, a folder of clips and their masks")
    with room(options.out) as folder:
        shots = _shots(options, folder / "cases")
        for shot in shots:
            for way in options.ways:
                if way != "telea":  # which the measure makes itself
                    fill(shot, way, options, **(_told(shot) if way == TOLD else {}))
        shutil.rmtree(folder / "chosen", ignore_errors=True)
        scores = _scores(options, [_chosen(shot, folder / "chosen", options) for shot in shots])
        if options.out is not None:
            _sheets(options, shots, folder)
    return f"{_means(scores)}\n\n{_cases(scores)}"


def _shots(options: argparse.Namespace, folder: Path) -> list[Shot]:
    if not folder.is_dir():
        _tool(options.davis, "removal_cases").main(str(options.davis), str(folder), COUNT)
    found = [case for case in sorted(folder.iterdir()) if any(word in case.name for word in options.cases or [""])]
    return [Shot(case) for case in found]


def _told(shot: Shot) -> Mapping[str, str]:
    """What `fill` is to be given beside plate and mask: the clean clip's motion to its next and last frames."""
    numbers, pattern = shot.numbers, str(shot.folder / "motion.%04d.exr")
    truth = {number: shot.seen("truth", number) for number in numbers}
    up = np.float32([1, -1])  # in Nuke's layers y is
    with open_sink(pattern) as sink:
        for at in numbers:
            ways = [up * flow(truth[at], truth.get(there, truth[at])) for there in (at + 1, at - 1)]
            sink.write(Frame.of(np.concatenate(ways, axis=-1), MOTION, number=at, formats=("float",) * 4))
    return {"node": "removal", "vectors": pattern}


def _tool(davis: Path, name: str) -> ModuleType:
    """A script of `tools`, two folders above the clips."""
    path = davis.resolve().parents[1] / "tools" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"the cases are made and judged by {path}, which is not there")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _chosen(shot: Shot, folder: Path, options: argparse.Namespace) -> Shot:
    """The frames to judge, in a folder of their own; the node has seen the others, too."""
    case = folder / shot.folder.name
    case.mkdir(parents=True)
    numbers = chosen(shot, options)
    for path in shot.folder.glob("*.png"):
        if int(path.name.split(".")[1]) in numbers:
            (case / path.name).symlink_to(path.resolve())
    return Shot(case)


def _scores(options: argparse.Namespace, shots: Sequence[Shot]) -> Scores:
    score, found = _tool(options.davis, "removal_score"), dict[str, dict[str, list[float]]]()
    for way in [way for way in options.ways if way != "telea"] or ["none"]:
        with redirect_stdout(io.StringIO()) as told:
            score.main(str(shots[0].folder.parent), way)
        for case, name, *figures in _LINE.findall(told.getvalue()):
            if case != "mean":
                found.setdefault(name, {})[case] = [float(figure) for figure in figures]
    return {way: found[way] for way in options.ways}


def _means(scores: Scores) -> Table:
    rows = []
    for kind in ("moving", "still", ""):
        for way, cases in scores.items():
            figures = [row for case, row in cases.items() if case.endswith(kind)]
            if figures:
                rows.append([kind or "all", way, *_words(np.nanmean(figures, axis=0))])
    return Table(("cases", "way", *FIGURES), rows)


def _cases(scores: Scores) -> Table:
    """Every case: the holes of all ways, and the other figures of the last."""
    *others, last = scores
    rows = []
    for case, figures in scores[last].items():
        best = max((scores[way][case][0] for way in others if way != TOLD), default=-np.inf)
        rows.append([case, *(_words(scores[way][case])[0] for way in others), *_words(figures)])
        rows[-1].append(holds(figures[0] >= best))
    return Table(("case", *(f"{way}, hole" for way in others), *(f"{last}, {name}" for name in FIGURES), "holds"), rows)


def _words(figures: Sequence[float]) -> list[str]:
    hole, whole, sharp, flicker = figures
    return [f"{hole:.2f} dB", f"{whole:.2f} dB", f"{sharp:.2f}", f"{flicker:.2f}"]


def _sheets(options: argparse.Namespace, shots: Sequence[Shot], folder: Path) -> None:
    ways = [way for way in options.ways if way != "telea"]
    for shot in shots:
        numbers = chosen(shot, options)
        few = [numbers[int(place)] for place in np.linspace(0, len(numbers) - 1, 5)]
        sheet(folder / f"{shot.folder.name}.png", shot, ["plate", "truth", *ways], few)


if __name__ == "__main__":
    show(measure)
