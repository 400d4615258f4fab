"""Pictures from folders and movies, standardised: ACEScct float32, 3 x H x W, at a chosen scale.

A file that cannot be used is reported and left out: one bad download must not cost a night of training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import OpenImageIO as oiio
import torch
from numpy.typing import NDArray
from torch import Tensor

from replate.errors import InputError

from ..space import from_display, to_log
from .files import MOVIES

__all__ = ["frames", "load"]

Report = Callable[[str], None]


def load(
    files: Sequence[Path],
    *,
    short: int,
    every: int = 12,
    grey: bool = False,
    highlights: float = 0.0,
    smallest: int = 64,
    report: Report = print,
) -> Iterator[Tensor]:
    """Pictures of `files`, scaled down so that the short side is at most `short` pixels; of movies, each `every`th.

    `grey` makes the three channels equal. `highlights` (stops) opens up light that the camera clipped. Pictures with
    a side below `smallest` and files that cannot be read are named to `report` and left out.
    """
    for path in files:
        try:
            for light in frames(path, every=every):
                if min(light.shape[-2:]) < smallest:
                    report(f"{path.name}: {light.shape[-1]}x{light.shape[-2]} is below {smallest} pixels, left out")
                    break
                light = _open(_grey(light) if grey else light, highlights)
                yield to_log(_scale(light, short))
        except InputError as error:
            report(str(error))


def frames(path: Path, *, every: int = 1) -> Iterator[Tensor]:
    """The still of a file, or each `every`th frame of a movie: scene-linear AP1, 3 x H x W, float32.

    Integer files are taken as sRGB, floating-point ones as scene-linear AP1. Raises InputError where the file is
    damaged, after the frames before the damage.
    """
    yield from _movie(path, every) if path.suffix.lower() in MOVIES else _still(path)


def _still(path: Path) -> Iterator[Tensor]:
    image = oiio.ImageBuf(str(path))
    pixels = image.get_pixels(oiio.FLOAT) if image.read(0, 0, True, oiio.FLOAT) else None
    if pixels is None:
        raise InputError(f"{path.name} cannot be read ({image.geterror().strip()})", path=path)
    linear = image.nativespec().format.basetype in (oiio.HALF, oiio.FLOAT, oiio.DOUBLE)
    colour = pixels[..., :3] if pixels.shape[-1] >= 3 else np.repeat(pixels[..., :1], 3, axis=-1)
    picture = _tensor(np.nan_to_num(colour, posinf=0.0, neginf=0.0))
    yield picture if linear else from_display(picture)


def _movie(path: Path, every: int) -> Iterator[Tensor]:
    try:
        with av.open(str(path)) as movie:
            for index, frame in enumerate(movie.decode(video=0)):
                if index % every == 0:
                    yield from_display(_tensor(frame.to_ndarray(format="rgb24").astype(np.float32) / 255))
    except (av.FFmpegError, IndexError) as error:
        raise InputError(f"{path.name} cannot be decoded further ({error})", path=path) from None


def _tensor(pixels: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32))


def _grey(light: Tensor) -> Tensor:
    return light.mean(0, keepdim=True).expand(3, -1, -1)


def _open(light: Tensor, stops: float) -> Tensor:
    """Lift what is close to clipping by up to `stops`, smoothly from three quarters of white on."""
    near = ((light.amax(0) - 0.75) / 0.25).clamp(0, 1)
    return light * torch.exp2(stops * near.square())


def _scale(light: Tensor, short: int) -> Tensor:
    height, width = light.shape[-2:]
    factor = short / min(height, width)
    if factor >= 1:
        return light
    size = (round(width * factor), round(height * factor))
    return _tensor(cv2.resize(light.permute(1, 2, 0).numpy(), size, interpolation=cv2.INTER_AREA))
