"""Pairs of a plate and what should become of it, cut into crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..filters import shift
from ..space import expose
from .data import Batch, Dice, Style, guide, whole, window

__all__ = ["PairSource", "Pairs"]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Plates with their targets, each 3 x H x W float16 in ACEScct, H and W at least `crop`."""

    plates: Sequence[Tensor]
    targets: Sequence[Tensor]

    def batch(
        self, *, count: int, crop: int, stops: float, random: torch.Generator, takes: Sequence[str] = ("plate",)
    ) -> Batch:
        """`count` crops (N x 3 x crop x crop float32), plate and target exposed alike by -stops .. stops, with the
        guides that a generator takes besides."""
        picks = torch.randint(len(self.plates), (count,), generator=random).tolist()
        windows = [window(self.plates[index], crop, random) for index in picks]
        plates = torch.stack([self.plates[i][(..., *part)] for i, part in zip(picks, windows, strict=True)])
        targets = torch.stack([self.targets[i][(..., *part)] for i, part in zip(picks, windows, strict=True)])
        gain = stops * (2 * torch.rand(count, 1, 1, 1, generator=random) - 1)
        guides = [
            torch.stack([guide(role, self.plates[i])[(..., *part)] for i, part in zip(picks, windows, strict=True)])
            for role in takes[1:]
        ]
        return Batch((expose(plates.float(), gain), *guides), expose(targets.float(), gain))

    def examples(self, *, takes: Sequence[str] = ("plate",)) -> list[Batch]:
        """Every pair, whole."""
        pairs = zip(self.plates, self.targets, strict=True)
        return [Batch(whole(plate, takes=takes).inputs, target[None]) for plate, target in pairs]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSource:
    """Crops of pairs. What is real to the critic are the targets, and for `share` of it pictures of `style`."""

    pairs: Pairs
    count: int
    crop: int
    margin: int
    stops: float
    takes: Sequence[str] = ("plate",)
    style: Style | None = None
    share: float = 0.0

    def batch(self, random: Dice) -> Batch:
        """Crops of this step."""
        how = {"count": self.count, "crop": self.crop, "stops": self.stops, "takes": self.takes}
        return self.pairs.batch(**how, random=random("pairs"))  # type: ignore[arg-type]

    def real(self, batch: Batch, random: Dice) -> Tensor:
        """The targets without their margin, the first of them replaced by pictures of the style."""
        assert batch.target is not None
        real = shift(batch.target, 0, 0, self.margin)
        count = round(self.share * len(real))
        if self.style is None or count == 0:
            return real
        style = self.style.batch(count=count, crop=real.shape[-1], random=random("style"))
        return torch.cat([style, real[count:]])
