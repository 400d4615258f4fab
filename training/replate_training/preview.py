"""What there is to look at while a training runs: contact sheets and the plot of the losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

from replate.errors import OutputError

from .data import Batch
from .space import to_display

__all__ = ["contact_sheet", "plot", "row"]

Row = Mapping[str, float]


def contact_sheet(rows: Sequence[Sequence[Tensor]], path: Path) -> Tensor:
    """Pictures of equal size, 3 x H x W in ACEScct, as rows of one sRGB picture; written as PNG and returned, 0..1."""
    sheet = torch.cat([torch.cat([to_display(picture) for picture in row], -1) for row in rows], -2)
    pixels = (sheet * 255).round().byte().permute(1, 2, 0).flip(-1).contiguous().numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), pixels):
        raise OutputError(f"the preview {path} could not be written; free the disk", path=path)
    return sheet


def row(look: Callable[..., Tensor], example: Batch, *, size: int = 256) -> list[Tensor]:
    """What the look sees of an example, what it should make of it where that is known, and what it makes of it: the
    middle of the picture, at most `size` pixels wide and high."""
    height, width = (min(size, side // 8 * 8) for side in example.inputs[0].shape[-2:])
    top, left = ((side - own) // 2 for side, own in zip(example.inputs[0].shape[-2:], (height, width), strict=True))
    window = (..., slice(top, top + height), slice(left, left + width))
    inputs = [each[window].float() for each in example.inputs]
    with torch.no_grad():
        result = look(*inputs)
    known = [] if example.target is None else [example.target[window].float()]
    return [picture[0] for picture in (*inputs, *known, result) if picture.shape[1] == 3]


def plot(history: Sequence[Row], path: Path) -> None:
    """Every loss over the steps, smoothed, on a logarithmic scale, as PNG."""
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.add_subplot(xlabel="step", ylabel="loss", yscale="symlog")
    axes.set_yscale("symlog", linthresh=1e-3)
    for name in sorted({name for row in history for name in row} - {"step"}):
        points = [(row["step"], row[name]) for row in history if name in row]
        axes.plot([step for step, _ in points], _smooth([value for _, value in points]), label=name, linewidth=1)
    if history:
        axes.legend(loc="upper right", fontsize="small")
    axes.grid(alpha=0.3)
    FigureCanvasAgg(figure)
    figure.savefig(path)


def _smooth(values: Sequence[float], *, keep: float = 0.8) -> list[float]:
    smoothed: list[float] = []
    for value in values:
        smoothed.append(keep * smoothed[-1] + (1 - keep) * value if smoothed else value)
    return smoothed
