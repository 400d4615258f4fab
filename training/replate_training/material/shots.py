"""Frames of a shot as the node will see them: read by the runtime, turned into ACEScct, whole display windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from replate.color import transform
from replate.errors import InputError, UsageError
from replate.frame import Frame
from replate.media import Source
from replate.picture.compositing import Light, seen_through

__all__ = ["check_frames", "picture", "same_size", "spread", "successive"]


def picture(source: Source, number: int) -> Tensor:
    """Frame `number` of an open source: 3 x H x W float32 in ACEScct, H and W of the display window.

    Colour that is multiplied by alpha is divided by it, as the node does; what is not finite becomes 0. Raises
    InputError where the frame cannot be read or has no colour.
    """
    frame = source.read(source.frames[0] if source.still else number)
    rgb = transform(frame.space).forward(_colour(seen_through(frame, frame.display_window)))
    return torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1), np.float32))


def successive(source: Source, count: int) -> list[Tensor]:
    """Up to `count` frames that follow each other, from the middle of a shot; none of a still."""
    if source.still:
        return []
    first = max(0, len(source.frames) // 2 - count // 2)
    return [picture(source, number) for number in source.frames[first : first + count]]


def spread(numbers: Sequence[int], count: int) -> list[int]:
    """`count` of the numbers, evenly apart, the first and the last among them."""
    places = np.linspace(0, len(numbers) - 1, min(count, len(numbers))).round().astype(int)
    return [numbers[place] for place in places]


def same_size(one: Tensor, other: Tensor, what: str) -> None:
    """Raise InputError where a pair is of two sizes."""
    if one.shape != other.shape:
        sizes = " and ".join(f"{each.shape[-1]}x{each.shape[-2]}" for each in (one, other))
        raise InputError(f"the pair {what} is {sizes}; give both in one size")


def check_frames(source: Source, numbers: Sequence[int]) -> None:
    """Raise UsageError where a shot does not have all these frames."""
    if lacking := sorted(set(numbers) - set(source.frames)):
        raise UsageError(
            f"{source.path} has no frame {lacking[0]}; it has {source.frames[0]}-{source.frames[-1]}",
            frame=lacking[0],
            path=source.path,
        )


def _colour(frame: Frame) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    light = Light.of(frame)
    rgb = np.nan_to_num(light.rgb, nan=0.0, posinf=0.0, neginf=0.0)
    return rgb if light.alpha is None else np.where(light.alpha > 0, rgb / np.maximum(light.alpha, 1e-3), rgb)
