"""Contact sheets: what there is to look at while a training runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import torch
import torch.nn.functional as F
from torch import Tensor

from replate.errors import OutputError

from ..judging.validation import middle
from ..material.data import Batch
from ..space import to_codes

__all__ = ["contact_sheet", "row"]

_SIDE = 256  # pixels of a preview


def contact_sheet(rows: Sequence[Sequence[Tensor]], path: Path, *, space: str = "ACEScct") -> Tensor:
    """Pictures of equal size, 3 x H x W in `space`, as rows of one sRGB picture, black where a row is shorter; written
    as PNG and returned, 0..1."""
    strips = [torch.cat([to_codes(picture, space) for picture in row], -1) for row in rows]
    widest = max(strip.shape[-1] for strip in strips)
    sheet = torch.cat([F.pad(strip, (0, widest - strip.shape[-1])) for strip in strips], -2)
    pixels = (sheet * 255).round().byte().permute(1, 2, 0).flip(-1).contiguous().numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), pixels):
        raise OutputError(f"the preview {path} could not be written; free the disk", path=path)
    return sheet


def row(look: Callable[..., Tensor], example: Batch) -> list[Tensor]:
    """What the look sees of the middle of an example, what it should make of it where that is known, and what it makes
    of it; of noise only that."""
    part = middle(example, _SIDE)
    with torch.no_grad():
        result = look(*part.inputs)
    known = [] if part.target is None else [part.target]
    shown = (each for each in (*part.inputs, *known, result) if each.ndim == 4 and each.shape[1] == 3)
    return [picture for pictures in shown for picture in pictures]
