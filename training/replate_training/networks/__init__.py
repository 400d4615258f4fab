"""Generators and critics.

Every network here is a stack of local operations: no normalisation, no attention, no zero padding inside a generator.
So a pixel depends on a known neighbourhood only, and a tile with enough overlap gives the same values as the frame.

Exposure is taken out by construction: in ACEScct a stop is a constant added to every channel, and a filter whose
weights sum to zero does not see constants. The first filters of every network are such filters (`ZeroSum`), and a
generator adds what it computes to its input, so light that goes up by a stop comes out up by a stop.

A generator says in `takes` what the arguments of its `forward` are: "plate" (N x 3 x H x W in ACEScct) and what else
`replate.card.GUIDES` names, N x C x H x W; or "noise" alone, N x length, for one that makes pictures of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from replate.errors import UsageError

from .colorist import Colorist
from .dcgan import NoiseGenerator, WholeCritic
from .fill import Fill
from .layers import ZeroSum
from .light import Light
from .match import Match
from .patch import Critic
from .refine import FlowCritic, Refine
from .residual import Generator

__all__ = ["FAMILIES", "Architecture", "Colorist", "Critic", "Generator", "Light", "ZeroSum", "adopt", "build", "fold"]

FAMILIES: Mapping[str, Callable[..., nn.Module]] = {
    "residual": Generator,
    "match": Match,
    "colorist": Colorist,
    "fill": Fill,
    "refine": Refine,
    "light": Light,
    "patch": Critic,
    "flow": FlowCritic,
    "dcgan": NoiseGenerator,
    "whole": WholeCritic,
}


def build(family: str, options: Mapping[str, Any]) -> nn.Module:
    """A fresh network of a named family; raises UsageError for an unknown name."""
    if family not in FAMILIES:
        raise UsageError(f"network family '{family}' is not known; known are {', '.join(FAMILIES)}")
    return FAMILIES[family](**options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A network as a recipe and a checkpoint name it: its family, and the options of that family's class."""

    family: str = "residual"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def takes(self) -> tuple[str, ...]:
        """The roles of the arguments of a generator."""
        roles: tuple[str, ...] = FAMILIES[self.family].takes  # type: ignore[attr-defined]
        return roles

    def fitted(self, options: Mapping[str, Any]) -> Architecture:
        """The same with other options on top."""
        return replace(self, options={**self.options, **options})

    def build(self) -> nn.Module:
        """A fresh network, with parametrisations, laid out as convolutions like it."""
        return build(self.family, self.options).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def folded(self, weights: Mapping[str, Tensor]) -> nn.Module:
        """A network of plain layers from the weights of one in training; that one stays as it is, and so does the
        machine's random state."""
        with torch.random.fork_rng(devices=[]):
            network = build(self.family, self.options).eval()  # in training mode a look at a spectral norm changes it
        network.load_state_dict(weights)
        return fold(network)


def adopt(network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Start a network in training from the plain weights of a finished one, in place; under a parametrisation lies the
    plain weight, which it leaves as it is. Raises RuntimeError where they belong to another network."""
    state = network.state_dict()
    network.load_state_dict(state | {_under(name, state): weight for name, weight in weights.items()})


def _under(name: str, state: Mapping[str, Tensor]) -> str:
    layer, _, leaf = name.rpartition(".")
    under = f"{layer}.parametrizations.{leaf}.original"
    return under if under in state else name


def fold(network: nn.Module) -> nn.Module:
    """Bake every parametrisation (zero sum, spectral norm) into plain weights, in place."""
    for module in list(network.modules()):
        if parametrize.is_parametrized(module):
            for name in list(module.parametrizations):  # type: ignore[arg-type]
                parametrize.remove_parametrizations(module, name, leave_parametrized=True)
    return network
