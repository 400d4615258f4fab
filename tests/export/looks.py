"""Tiny looks, trained by nobody."""

from __future__ import annotations

import torch

from replate_training.checkpoint import Data, Network, Trained
from replate_training.networks import build, fold

SMALL = {"quarter": 8, "eighth": 8, "deep": 1, "fine": 1}


def network(family: str, *, seed: int = 1, **options: object) -> Network:
    """A network with the weights that it starts training from."""
    torch.manual_seed(seed)
    return Network(family=family, options=options, weights=fold(build(family, options)).state_dict())


def look(**fields: object) -> Trained:
    """A finished training of a tiny generator and critic."""
    known: dict[str, object] = {
        "recipe": "tiny",
        "generator_network": network("residual", **SMALL),
        "critic_network": network("patch", width=4),
        "title": "Tiny",
        "description": "A look for tests.",
        "licence": "CC0-1.0",
        "commercial_use": True,
        "command": "replate train tiny",
        "steps": 7,
        "seconds": 1.5,
        "seed": 3,
        "data": (Data(name="noise", licence="CC0-1.0", files=2, source="made here"),),
        "metrics": {"e_warp": 1.25},
    }
    return Trained(**{**known, **fields})
