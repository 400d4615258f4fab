"""The figures that a look is judged by. Pictures are N x 3 x H x W in ACEScct."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

from ..material.data import Batch, whole
from ..space import expose, to_display

__all__ = [
    "Distance",
    "any_size",
    "evaluate",
    "exposure_error",
    "fidelity",
    "laplacian",
    "mean",
    "sharpness",
    "warp_error",
    "warp_ratio",
]

Look = Callable[..., Tensor]
Distance = Callable[[Tensor, Tensor], Tensor]


def any_size(look: Look, multiple: int) -> Look:
    """The same look for pictures of any size: the border is repeated up to the next `multiple` and cut off again.

    Noise and inputs of unlike sizes are passed on as they are: only what made them knows how they belong together.
    """

    def sized(*inputs: Tensor) -> Tensor:
        if inputs[0].ndim != 4:
            return look(*inputs)
        height, width = inputs[0].shape[-2:]
        over = (0, -width % multiple, 0, -height % multiple)
        if not any(over) or any(each.shape[-2:] != inputs[0].shape[-2:] for each in inputs):
            return look(*inputs)
        return look(*(F.pad(each, over, mode="replicate") for each in inputs))[..., :height, :width]

    return sized


def sharpness(result: Tensor, target: Tensor) -> float:
    """mean |Laplacian| of the result over that of the target: 1 is as crisp, below is softer."""
    busy, like = (laplacian(each).abs().mean() for each in (result, target))
    return float(busy / like.clamp(min=1e-9))


def exposure_error(look: Look, plate: Tensor, *others: Tensor, stops: Sequence[float] = (-3, -2, -1, 1, 2, 3)) -> float:
    """mean |L(2^s x) / 2^s - L(x)| in ACEScct over stops s: 0 where a look treats every exposure alike. `others` are
    the look's further inputs, which stay as they are."""
    base = look(plate, *others)
    errors = [(expose(look(expose(plate, s), *others), -s) - base).abs().mean() for s in stops]
    return float(torch.stack(errors).mean())


def warp_error(plates: Sequence[Tensor], pictures: Sequence[Tensor]) -> float:
    """Mean squared difference of frame t + 1 and frame t moved onto it, in sRGB 0..1, where motion is trusted.

    Motion comes from `plates` (OpenCV's DIS flow), trusted where forward and backward flow agree: Lai et al.,
    "Learning blind video temporal consistency", 2018. Both are frames 3 x H x W in ACEScct.
    """
    shown = [_pixels(picture) for picture in pictures]
    errors = []
    for (before, after), (x, y, trusted) in zip(pairwise(shown), map(_motion, *_successive(plates)), strict=True):
        moved = cv2.remap(before, x, y, cv2.INTER_LINEAR)
        errors.append(float(np.square(moved - after)[trusted].mean()))
    return float(np.mean(errors))


def warp_ratio(look: Look, plates: Sequence[Tensor], *, takes: Sequence[str] = ("plate",)) -> float:
    """Warp error of the look's results over that of the plates themselves: 1 is as steady as the plate. `takes` are the
    roles of what the look takes."""
    with torch.no_grad():
        results = [look(*whole(plate, takes=takes).inputs)[0] for plate in plates]
    return warp_error(plates, results) / warp_error(plates, plates)


def evaluate(
    look: Look, held: Sequence[Batch], *, multiple: int = 8, perceptual: Distance | None = None
) -> dict[str, float]:
    """Mean figures over examples that training did not see: those of `fidelity`, and exposure_error."""
    sized, rows = any_size(look, multiple), []
    with torch.no_grad():
        for example in held:
            if example.target is not None:
                inputs = [each.float() for each in example.inputs]
                figures = fidelity(sized(*inputs), example.target.float(), perceptual=perceptual)
                rows.append({**figures, "exposure_error": exposure_error(sized, *inputs)})
    return mean(rows)


def fidelity(result: Tensor, target: Tensor, *, perceptual: Distance | None = None) -> dict[str, float]:
    """How close a result is to its target: psnr (dB, of 1.0) and ssim in ACEScct, display_psnr in sRGB 0..1,
    sharpness, and the `perceptual` distance where one is given."""
    ssim = structural_similarity_index_measure(result, target, data_range=1.0)
    figures = {
        "psnr": _psnr(result, target),
        "display_psnr": _psnr(to_display(result), to_display(target)),
        "ssim": float(ssim if isinstance(ssim, Tensor) else ssim[0]),
        "sharpness": sharpness(result, target),
    }
    return figures if perceptual is None else {**figures, "perceptual": float(perceptual(result, target))}


def mean(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each figure over examples; nothing for none."""
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]} if rows else {}


def _psnr(result: Tensor, target: Tensor) -> float:
    """Up to 100 dB: equal pictures have no number, and a card must hold one."""
    return min(100.0, float(peak_signal_noise_ratio(result, target, data_range=1.0)))


def laplacian(picture: Tensor) -> Tensor:
    """Four times each inner pixel less its four neighbours, N x C x H-2 x W-2."""
    middle = picture[..., 1:-1, 1:-1]
    around = picture[..., :-2, 1:-1] + picture[..., 2:, 1:-1] + picture[..., 1:-1, :-2] + picture[..., 1:-1, 2:]
    return 4 * middle - around


def _pixels(picture: Tensor) -> NDArray[np.float32]:
    pixels: NDArray[np.float32] = to_display(picture).permute(1, 2, 0).contiguous().numpy()
    return pixels


def _successive(plates: Sequence[Tensor]) -> tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]]]:
    grey = [cv2.cvtColor((_pixels(plate) * 255).astype(np.uint8), cv2.COLOR_RGB2GRAY) for plate in plates]
    return grey[:-1], grey[1:]


def _motion(
    before: NDArray[np.uint8], after: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Where in `before` each pixel of `after` comes from (x, y), and where that is trusted."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    back, forth = flow.calc(after, before, None), flow.calc(before, after, None)
    rows, columns = np.mgrid[0 : before.shape[0], 0 : before.shape[1]].astype(np.float32)
    x, y = columns + back[..., 0], rows + back[..., 1]
    returned = cv2.remap(forth, x, y, cv2.INTER_LINEAR)
    slack = 0.01 * (np.square(back).sum(-1) + np.square(returned).sum(-1)) + 0.5
    inside = (x >= 0) & (x < before.shape[1]) & (y >= 0) & (y < before.shape[0])
    return x, y, (np.square(back + returned).sum(-1) < slack) & inside
