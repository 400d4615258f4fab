"""What is kept of a scene: for every frame what a camera in front of the slab would see, and how it moves."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from replate.errors import InputError, OutputError, reason

from .burning import STEPS, Burning
from .scenes import Grid, Scene, drawn

__all__ = ["FRAMES", "Take", "collect", "record"]

FRAMES = 20
"""Of a take; as long as a flame needs to be another."""
_BEFORE = 1.5  # lives of what lives longest, that have passed before the first frame that is kept


@dataclass(frozen=True, slots=True)
class Take:
    """A scene at T moments, `burning.STEPS` to a frame, float16: `heat` and `smoke` T x H x W as a sheet of
    `replate.effects.field` holds them, `flow` T x 2 x h x w in cells of H x W a frame, right and down, on the grid that
    the velocity has."""

    heat: Tensor
    smoke: Tensor
    flow: Tensor

    def save(self, path: Path) -> None:
        """Write it as .npz; the file appears complete or not at all."""
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                np.savez_compressed(file, **{each.name: getattr(self, each.name).numpy() for each in fields(self)})
            part.replace(path)
        except OSError as error:
            raise OutputError(f"the take {path} could not be written: {reason(error)}; free the disk") from None
        finally:
            part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> Take:
        """Read it; raises InputError where the file is none."""
        try:
            with np.load(path) as held:
                return cls(**{each.name: torch.from_numpy(held[each.name]) for each in fields(cls)})
        except (OSError, ValueError, KeyError, BadZipFile, zlib.error, NotImplementedError) as error:
            raise InputError(
                f"{path} is no take of a simulation ({reason(error)}); delete it and simulate again"
            ) from None


def record(
    scenes: Sequence[Scene],
    *,
    grid: Grid | None = None,
    frames: int = FRAMES,
    tell: Callable[[float], None] = lambda done: None,
    device: torch.device | None = None,
) -> list[Take]:
    """A take of each scene, simulated side by side; `tell` hears the share that is done."""
    burning = Burning(scenes, grid or Grid(), device=device)
    before = round(_BEFORE * max(max(scene.life, 0.5 * scene.linger) for scene in scenes))
    seen = []
    for number in range(-before * STEPS, frames * STEPS):
        burning.step()
        tell((number / STEPS + before) / (before + frames))
        if number >= 0:
            seen.append(_seen(burning))
    return [Take(*map(torch.stack, zip(*moments, strict=True))) for moments in zip(*seen, strict=True)]


def collect(
    kind: str, folder: Path, *, count: int, seed: int = 1, frames: int = FRAMES, tell: Callable[[float, str], None]
) -> list[Path]:
    """The files of `count` takes of a kind in `folder`; those that are there already are not made again."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{kind}_{seed + each:04d}.npz" for each in range(count)]
    for index, path in enumerate(paths):

        def told(done: float, index: int = index, name: str = path.stem) -> None:
            tell((index + done) / count, name)

        if not path.exists():
            (take,) = record([drawn(kind, seed + index)], frames=frames, tell=told)
            take.save(path)
    return paths


def _seen(burning: Burning) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Of each scene its planes: of heat the mean of fourth powers along the depth, as the hottest counts most; the
    motion of what holds something, and elsewhere of the air."""
    heat, smoke = burning.heat.pow(4).mean(1).pow(0.25), burning.smoke.mean(1)
    weight = F.avg_pool3d(burning.heat + burning.smoke, burning.grid.coarser)[:, None] + 1e-4
    flow = (burning.velocity[:, :2] * weight).sum(2) / weight.sum(2) * burning.grid.coarser
    return zip(*(each.half().cpu() for each in (heat, smoke, flow)), strict=True)
