"""What a training step is fed, and where that comes from.

A batch is a function of (seed, step) and of nothing else, so a resumed training sees what an undisturbed one sees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from replate.frame import Window
from replate.picture.guides import position

from ..checkpoint import Data
from ..filters import shift

__all__ = ["Batch", "Dice", "Material", "Source", "Style", "dice", "guide", "whole", "window"]

Dice = Callable[[str], torch.Generator]
"""A random generator for one use at this step: `random("crops")`."""


def dice(seed: int, step: int, stream: str) -> torch.Generator:
    """A random generator for one use at one step."""
    digest = hashlib.sha256(f"{seed}/{step}/{stream}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a generator sees, and what it should make of that, where somebody knows.

    Each picture is N x C x H x W; `inputs` are the generator's arguments, the plate first where there is one, or noise
    (N x length). `target` is in the recipe's space.
    """

    inputs: tuple[Tensor, ...]
    target: Tensor | None = None

    @property
    def counts(self) -> Tensor | None:
        """Where the critic's opinion counts, N x 1 x H x W, 0..1; None for everywhere."""
        return None

    def judged(self, result: Tensor, margin: int) -> Tensor:
        """What the critic is shown of what was made of the batch, without the `margin` of crops."""
        return shift(result, 0, 0, margin)

    def placed(self, device: torch.device) -> Batch:
        """The same on a device, laid out for convolutions."""
        inputs = tuple(place(each, device) for each in self.inputs)
        return Batch(inputs, None if self.target is None else place(self.target, device))


def guide(role: str, plate: Tensor) -> Tensor:
    """A guide that a plate (3 x H x W) alone has: C x H x W, as the node makes it at render time."""
    if role == "hints":
        return torch.zeros(4, *plate.shape[1:])
    if role in ("hole", "chance"):
        return torch.zeros(1, *plate.shape[1:])
    assert role == "position", role
    window = Window(0, 0, plate.shape[-1], plate.shape[-2])
    return torch.from_numpy(position(window, window)).permute(2, 0, 1)


def whole(plate: Tensor, *, takes: Sequence[str]) -> Batch:
    """A whole plate (3 x H x W) as a batch of one for a generator that `takes` such arguments."""
    return Batch((plate[None], *(guide(role, plate)[None] for role in takes[1:])))


def place(picture: Tensor, device: torch.device) -> Tensor:
    """The picture on a device in float32, channels last; what is no picture as it lies."""
    layout = torch.channels_last if picture.ndim == 4 else torch.preserve_format
    return picture.to(device, torch.float32, memory_format=layout)


class Source(Protocol):
    """Where batches come from. Both methods depend on nothing but their arguments.

    One that also has `on(device)`, which returns the same source at work on that device, is asked for that.
    """

    def batch(self, random: Dice) -> Batch:
        """What the generator works on at this step."""

    def real(self, batch: Batch, random: Dice) -> Tensor:
        """What the critic shall call real at this step, as `Batch.judged` shows what was made: pictures N x 3 x H x W
        in ACEScct, without the margin of crops, unless the batch says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that a recipe's data come to.

    `held` are examples (batches of one) with a target that training does not see: metrics are measured on them.
    `shown` are the examples of the previews, with or without a target. `clip` are consecutive plates, 3 x H x W in
    ACEScct, on which steadiness in motion is measured. `also` are further examples with a target, by the name that is
    put before their figures. `data` goes onto the card. `options` are those of the networks that follow from the data,
    and `figures` measures what the usual metrics do not tell of a look.
    """

    source: Source
    held: Sequence[Batch] = ()
    shown: Sequence[Batch] = ()
    clip: Sequence[Tensor] = ()
    also: Mapping[str, Sequence[Batch]] = field(default_factory=dict)
    data: tuple[Data, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    figures: Callable[[Callable[..., Tensor]], Mapping[str, float]] = lambda look: {}


@dataclass(frozen=True, slots=True)
class Style:
    """Pictures of the look itself, 3 x H x W float16 in ACEScct, H and W at least `crop`."""

    pictures: Sequence[Tensor]

    def batch(self, *, count: int, crop: int, random: torch.Generator, flattest: float = 0.03) -> Tensor:
        """`count` crops (N x 3 x crop x crop float32); one flatter than `flattest` (standard deviation) is drawn
        again, up to eight times, because an empty background teaches nothing."""
        return torch.stack([self._crop(crop, random, flattest) for _ in range(count)])

    def _crop(self, crop: int, random: torch.Generator, flattest: float) -> Tensor:
        for _ in range(8):
            picture = self.pictures[int(torch.randint(len(self.pictures), (), generator=random))]
            piece = picture[(..., *window(picture, crop, random))].float()
            if piece.std() > flattest:
                break
        return piece


def window(picture: Tensor, crop: int, random: torch.Generator) -> tuple[slice, slice]:
    """Rows and columns of a square of `crop` pixels, anywhere in the picture."""
    height, width = picture.shape[-2:]
    top = int(torch.randint(height - crop + 1, (), generator=random))
    left = int(torch.randint(width - crop + 1, (), generator=random))
    return slice(top, top + crop), slice(left, left + crop)
