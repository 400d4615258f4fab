"""How steady and how blind to exposure a trained look is, on clips that it has not seen.

    python -m replate_training.measure runs/painted/final.ckpt davis/camel davis/dog

A clip is a movie or a folder of frames in name order. The figures are for the look as torch runs it.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor

from replate.errors import InputError

from .checkpoint import load
from .judging.metrics import any_size, exposure_error, warp_ratio
from .material.data import whole
from .material.files import find
from .material.pictures import frames
from .space import to_log

__all__ = ["clip", "measure"]


def clip(source: Path, *, count: int) -> list[Tensor]:
    """The first `count` frames of a movie or folder, 3 x H x W in ACEScct; raises InputError for fewer than two."""
    pictures = [to_log(light) for light in islice((light for path in find([source]) for light in frames(path)), count)]
    if len(pictures) < 2 or len({picture.shape for picture in pictures}) > 1:
        raise InputError(f"{source} is no clip: it needs two or more frames of one size", path=source)
    return pictures


def measure(
    checkpoint: Annotated[Path, typer.Argument(help="The final.ckpt of a training folder.")],
    clips: Annotated[list[Path], typer.Argument(help="Movies or folders of frames.")],
    count: Annotated[int, typer.Option(min=2, help="How many frames of each.")] = 12,
) -> None:
    """Print the warp error beside the plate's own, and the exposure error, of every clip."""
    trained = load(checkpoint)
    network = trained.generator()
    look, takes = any_size(network, trained.multiple), getattr(network, "takes", ("plate",))
    for source in clips:
        plates = clip(source, count=count)
        with torch.no_grad():
            exposure = exposure_error(look, *whole(plates[0], takes=takes).inputs)
        typer.echo(
            f"{source.name:20} E_warp ratio {warp_ratio(look, plates, takes=takes):.2f}  exposure error {exposure:.4f}"
        )


if __name__ == "__main__":
    typer.run(measure)
