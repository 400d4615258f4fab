"""What is exported: generator and critic as one network."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from replate.card import GUIDES, Order, Port
from replate_training.networks import Critic

__all__ = ["CHANNELS", "Exportable"]

CHANNELS: Mapping[str, Order] = {"plate": "RGB", **GUIDES}
"""The channels of each input that is a picture, by its role."""


class Exportable(nn.Module):
    """Plate to result, and to the critic's opinion of that result.

    Takes N x 3 x H x W in the generator's space, sides multiples of `multiple`, and the guides that the generator
    takes, N x C x H x W, and its numbers, 1 x length; or noise alone, 1 x length. Returns the result, N x 3 x H x W,
    and with a critic its confidence, N x 1 x H x W, 0 (looks made) .. 1 (looks real); of a generator that says what it
    `gives`, its `parts` instead. Both networks must be plain layers: parametrisations folded.
    """

    def __init__(self, generator: nn.Module, critic: Critic | None = None, *, multiple: int = 8) -> None:
        super().__init__()
        self.generator = generator
        self.critic = critic
        self.multiple = multiple
        self.eval().requires_grad_(False)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Roles, and so names, of what `forward` takes; a generator that says nothing takes the plate."""
        roles: tuple[str, ...] = getattr(self.generator, "takes", ("plate",))
        return roles

    @property
    def whole(self) -> bool:
        """Whether a generator sees all of its plate and cannot work in tiles."""
        return bool(getattr(self.generator, "whole", False))

    @property
    def size(self) -> tuple[int, int] | None:
        """Height and width of what a generator makes from noise; None where the plate decides."""
        return (self.generator.size, self.generator.size) if "noise" in self.inputs else None  # type: ignore[return-value]

    @property
    def ports(self) -> tuple[Port, ...]:
        """The inputs as a card describes them."""
        return tuple(
            Port(name=role, role=role, channels=CHANNELS[role])
            if role in CHANNELS
            else Port(name=role, role="noise" if role == "noise" else "numbers", length=self.shape(role, 1, 1)[1])
            for role in self.inputs
        )

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of what `forward` returns."""
        gives: tuple[str, ...] = getattr(self.generator, "gives", ("result",))
        return gives if self.critic is None else (*gives, "confidence")

    def shape(self, role: str, height: int, width: int) -> tuple[int, ...]:
        """The shape of an input where pictures are height x width."""
        if role == "noise":
            return (1, self.generator.noise)  # type: ignore[return-value]
        if role not in CHANNELS:
            return (1, self.generator.lengths[role])  # type: ignore[index, return-value]
        return (1, len(CHANNELS[role]), height, width)

    def examples(self, height: int, width: int) -> tuple[Tensor, ...]:
        """Black inputs of a size, to try things with."""
        return tuple(torch.zeros(self.shape(role, height, width)) for role in self.inputs)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        if hasattr(self.generator, "gives"):
            return self.generator.parts(*inputs)  # type: ignore[no-any-return, operator]
        result = self.generator(*inputs)
        return (result,) if self.critic is None else (result, self.critic.confidence(result))
