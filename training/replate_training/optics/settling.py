"""Halation's kernels brought nearer to the exact ring after a training, without another step of it.

Light is linear in the last layer of the network that writes a kernel. So what descent has left over there is had by
solving for that layer; all others stay.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ..material.points import SIZES, seen
from ..networks import Light
from .spread import halation

__all__ = ["settled"]

Array = npt.NDArray[np.float64]

_SIDE, _PLACES = 160, 4  # of pictures with a point near the middle of each
_STEP, _PIXELS = 0.125, 110  # octaves between two sizes of rings, and pixels that are looked at of each, twice
_LEAST = 0.7  # pixels; smaller rings lie within the pixels that are not asked for
_MISPLACED = 1.5  # times as much as relative difference counts light in the wrong place, as a share of all of it
_ROUNDS, _SURE, _DAMPED = 12, 2e-3, 1e-6


@torch.no_grad()
def settled(network: Light, *, seed: int = 1) -> Light:
    """A copy of a network whose rings are nearer to the exact ones.

    Least absolute difference by weighted least squares, over and over (Lawson, 1961), of two things: relative
    difference, every octave of distance counted alike, as in training; and light in the wrong place, most of which is
    at the ring itself.
    """
    rows, exact, weight = (np.concatenate(each) for each in zip(*_asked(network, seed), strict=True))
    network = copy.deepcopy(network)
    last = network.halation.think[-1]
    assert isinstance(last, nn.Linear)
    layer = torch.cat([last.weight, last.bias[:, None]], 1).double().numpy()
    found = _solved(rows, exact, weight, layer.ravel()).reshape(layer.shape)
    last.weight.copy_(torch.from_numpy(found[:, :-1]))
    last.bias.copy_(torch.from_numpy(found[:, -1]))
    return network


def _solved(rows: Array, exact: Array, weight: Array, start: Array) -> Array:
    """`start`, moved to where `rows` times it is near to `exact`; what is not seen in them stays as it is."""
    found = start
    for _ in range(_ROUNDS):
        off = rows @ found - exact
        root = np.sqrt(weight / np.maximum(abs(off), _SURE * exact))
        scaled = rows * root[:, None]
        square = scaled.T @ scaled
        square += _DAMPED * np.trace(square) / len(square) * np.eye(len(square))
        found = found - np.linalg.solve(square, scaled.T @ (off * root))
    return found


def _asked(network: Light, seed: int) -> Iterator[tuple[Array, Array, Array]]:
    """For rings of every size: what the layer's weights are multiplied by to give light at some pixels, the exact light
    there, and how much each counts."""
    random = np.random.default_rng(seed)
    places = _SIDE // 2 + random.integers(-4, 4, size=(_PLACES, 2))
    made, _ = network.responses(_SIDE, [(int(row), int(column)) for row, column in places])
    levels = len(network.halation.ends)
    parts = made.reshape(_PLACES * _SIDE**2, levels, -1).double().numpy()
    x, y = (np.indices((_SIDE, _SIDE))[None] - places[:, :, None, None]).reshape(_PLACES, 2, -1).swapaxes(0, 1)[::-1]
    x, y = x.ravel().astype(float), y.ravel().astype(float)
    low, high = SIZES["halation"]
    for size in np.arange(low, high, _STEP) + _STEP * random.random(round((high - low) / _STEP)):
        light = seen(halation(), x, y, 2**size)
        told = network.halation.hidden(torch.tensor([[size]]).float())[0].double().numpy()
        for chance, counts in ((1 / (x * x + y * y + 1), 1.0), (np.nan_to_num(light), _MISPLACED)):
            if counts != 1 and 2**size < _LEAST:
                continue
            picked = random.choice(len(light), _PIXELS, p=chance / chance.sum())
            picked = picked[np.isfinite(light[picked])]
            rows = np.einsum("nlp,lh->nph", parts[picked], told).reshape(len(picked), -1)
            yield rows, light[picked], counts / light[picked]
