"""The detail of fire and smoke.

A take of the physical simulation that no training has seen (seed 9001), made coarse as the renderer's field is; beside
it are the field as it is, enlarged, and torn by the carried noise alone. Figures are over those of the fine simulation
itself, for smoke of its smoke alone, with `detail` as the node has it by default: power of the finest two octaves
(waves of 2 to 4 and 4 to 8 samples), mean |Laplacian| (sharpness), and the mean squared difference of consecutive
frames brought into line by its motion (flow error). Seconds of CPU time are for a million samples of a frame: of the
network for one sheet, of the simulation for all its steps of a frame. To hold: both powers within a factor of 2, flow
error at most 1.3.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch
from common import HD, Table, clock, holds, show
from torch import Tensor

from replate.catalogue import shipped
from replate.color import transform
from replate.generator import Generator
from replate_training import recipes
from replate_training.judging.refined import figures
from replate_training.material.carrying import simulated
from replate_training.material.flames import SEEN, examples, shown_by_default
from replate_training.simulation.burning import STEPS, Burning
from replate_training.simulation.scenes import Grid, drawn
from replate_training.simulation.takes import Take, record

SEED, FRAMES = 9001, 9
FACTOR, RESTLESS = 2.0, 1.3
NAMES = ("spectrum_fine", "spectrum_middle", "sharpness", "flow_error")


def measure(options: argparse.Namespace) -> Table:
    """Three rows for each kind of which a generator ships: the field, noise, the generator."""
    rows = []
    for kind in sorted({path.stem for path in shipped("effect")} & {"fire", "smoke"}):
        generator = Generator.load(kind, device="cpu", threads=options.threads or None)
        settings = recipes.find(kind).defaults
        seen = examples([simulated(_take(kind, options.takes), settings, seed=0)])
        looks = {"noise": _torn, kind: shown_by_default(partial(_made, generator), settings)}
        measured = {name: figures(look, seen, first=SEEN[kind]) for name, look in looks.items()}
        plain = {name: measured[kind][f"plain_{name}"] for name in NAMES}
        rows.append([kind, "field", *_cells(plain), "", "", ""])
        rows.append([kind, "noise", *_cells(measured["noise"]), "", "", ""])
        rows.append([kind, "generator", *_cells(measured[kind]), *_seconds(generator, kind), _verdict(measured[kind])])
    headings = (
        "kind",
        "detail",
        "2 to 4",
        "4 to 8",
        "sharpness",
        "flow error",
        "network",
        "simulation",
        "holds",
    )
    return Table(headings, rows)


def _take(kind: str, folder: Path | None) -> Take:
    if folder is not None:
        return Take.load(folder / f"{kind}_{SEED}.npz")
    return record([drawn(kind, SEED)], frames=FRAMES + 10 * (kind == "smoke"))[0]


def _torn(x: Tensor) -> Tensor:
    """Heat and smoke multiplied by the noise's exponential, what is hottest least."""
    heat, smoke, noise = x.chunk(3, 1)
    bite = 0.45 * noise
    return torch.cat([heat * torch.exp(bite * (1 - heat).clamp(0, 1)), smoke * torch.exp(bite), noise], 1)


def _made(generator: Generator, x: Tensor) -> Tensor:
    same = transform(generator.card.space, generator.card.space)
    pictures = [np.ascontiguousarray(each) for each in x.permute(0, 2, 3, 1).numpy()]
    made = [generator.apply(each, transform=same, confidence=False)[0] for each in pictures]
    return torch.from_numpy(np.stack(made)).permute(0, 3, 1, 2)


def _cells(measured: Mapping[str, float]) -> list[str]:
    return [f"{measured[name]:.2f}" for name in NAMES]


def _verdict(measured: Mapping[str, float]) -> str:
    powers = [measured[name] for name in NAMES[:2]]
    return holds(all(1 / FACTOR <= each <= FACTOR for each in powers) and measured["flow_error"] <= RESTLESS)


def _seconds(generator: Generator, kind: str) -> tuple[str, str]:
    """Of the network for an HD picture, and of the simulation for a frame of its slab; for a million samples of it."""
    picture, grid = torch.rand(1, 3, *HD), Grid()
    _made(generator, picture)
    network = _lap(lambda: _made(generator, picture)) / (HD[0] * HD[1])
    burning = Burning([drawn(kind, SEED)], grid)
    simulation = _lap(lambda: [burning.step() for _ in range(STEPS)]) / (grid.height * grid.width)
    return f"{1e6 * network:.2f} s", f"{1e6 * simulation:.1f} s"


def _lap(run: Callable[[], object]) -> float:
    with clock() as spent:
        run()
    return spent.cpu


if __name__ == "__main__":
    show(measure)
