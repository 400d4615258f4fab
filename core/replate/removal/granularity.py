"""How grainy a plate is: the strength of its grain by brightness, its spectrum, and what channels have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..picture.compositing import Array
from .grain import REACH, Grain
from .grain_levels import levels_of
from .grain_patches import FAINTEST, HIGH, LOW, even, log_power, patches
from .grain_spectrum import covariance_of, filters_of

__all__ = ["measure_grain"]

FEWEST = 16  # patches that say anything
CHANCE = 0.6  # of the log power of low frequencies, from one plain patch to another
_FAINT = 2 * np.log(FAINTEST)


def measure_grain(picture: Array, known: Array, *, aligned: Array | None = None) -> Grain:
    """The grain of `picture` (H x W x C float32, C up to 4, in a log space) where `known` (H x W x 1) is 1.

    Square patches are looked at as sums of cosine waves. Grain is told from what is in the picture by being alike
    everywhere: among patches of similar brightness those of plain areas have nearly the same power in high
    frequencies, where pictures have little, and textured ones have any (the idea of Donoho, "De-noising by
    soft-thresholding", 1995, and of Immerkaer, "Fast noise variance estimation", 1996, for noise of any spectrum).
    Of these, the patches whose low frequencies are alike, too, give spectrum and correlation between channels.

    With `aligned`, the same place in another frame, grain is taken from the difference of both. It must have been
    moved by whole pixels, if at all, because in between grain is blurred; NaN where it does not show the same.

    Grain is `none` where fewer than a handful of patches of 32 x 32 pixels are known, or where nothing in the picture
    looks like grain.
    """
    seen = patches(picture, known, aligned)
    smooth = even(seen.waves)
    if smooth.sum() >= FEWEST:
        each = zip(seen.brightness.T, log_power(seen.waves, HIGH).T, seen.cut.T, strict=True)
        levels = [levels_of(brightness, power, smooth, cut) for brightness, power, cut in each]
        plain = _plain(seen.brightness[smooth], seen.waves[smooth], levels)
        if len(plain):
            return _grain(levels, plain)
    return Grain.none(picture.shape[2])


def _grain(levels: Sequence[Array], plain: Array) -> Grain:
    """From the channels' levels and the waves of plain patches, divided by them."""
    covariance = covariance_of(plain)
    whole = np.sqrt(np.einsum("cc->c", covariance[..., REACH, REACH]))
    deviations = [
        np.where(power < _FAINT, 0, scale * np.exp(power / 2))
        for scale, (_, power, _) in zip(whole, levels, strict=True)
    ]
    return Grain(tuple(level[0] for level in levels), tuple(deviations), filters_of(covariance))


def _plain(brightness: Array, waves: Array, levels: Sequence[Array]) -> Array:
    """The waves of patches that hold grain and nothing else, divided by its level in high frequencies."""
    expected, spread = (
        np.stack([np.interp(each, level[0], level[row]) for each, level in zip(brightness.T, levels, strict=True)], -1)
        for row in (1, 2)
    )
    high = log_power(waves, HIGH)
    grainy = expected > _FAINT
    plain = ((np.abs(high - expected) <= 2.5 * spread) & (grainy | ~grainy.any(axis=0))).all(axis=1) & grainy.any()
    if plain.any():
        plain[plain] = _lowest((log_power(waves[plain], LOW) - high[plain]).mean(axis=1))
    divided: Array = waves[plain] / np.exp(expected[plain] / 2)[..., None, None]
    return divided


def _lowest(values: Array) -> Array:
    """Which values are as low as the lowest, but for chance."""
    ordered = np.sort(values)
    few = ordered[min(len(values), FEWEST) - 1]
    lowest: Array = values <= max(few, ordered[len(values) // 20] + CHANCE)
    return lowest
