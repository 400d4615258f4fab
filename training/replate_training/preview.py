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

from .data import Pairs
from .space import to_display

__all__ = ["contact_sheet", "examples", "plot"]

Row = Mapping[str, float]


def contact_sheet(rows: Sequence[Sequence[Tensor]], path: Path) -> Tensor:
    """Pictures of equal size, 3 x H x W in ACEScct, as rows of one sRGB picture; written as PNG and returned, 0..1."""
    sheet = torch.cat([torch.cat([to_display(picture) for picture in row], -1) for row in rows], -2)
    pixels = (sheet * 255).round().byte().permute(1, 2, 0).flip(-1).contiguous().numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), pixels):
        raise OutputError(f"the preview {path} could not be written; free the disk", path=path)
    return sheet


def examples(look: Callable[[Tensor], Tensor], pairs: Pairs, *, count: int = 4, size: int = 256) -> list[list[Tensor]]:
    """Plate, target and result from the middle of the first `count` pairs, at most `size` pixels wide and high."""
    size = min(size, *(side for plate in pairs.plates[:count] for side in plate.shape[-2:])) // 8 * 8
    rows = []
    for plate, target in zip(pairs.plates[:count], pairs.targets[:count], strict=True):
        top, left = ((side - size) // 2 for side in plate.shape[-2:])
        shown = [picture[:, top : top + size, left : left + size].float() for picture in (plate, target)]
        with torch.no_grad():
            rows.append([*shown, look(shown[0][None])[0]])
    return rows


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
