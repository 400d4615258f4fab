"""The spectrum of grain, and filters that make noise of it."""

from __future__ import annotations

import numpy as np

from ..picture.compositing import Array
from .grain import REACH
from .grain_patches import COSINES, CYCLES, NOTHING, SHADING, SIDE

__all__ = ["covariance_of", "filters_of"]

SHARED = 0.3  # of a faded patch that overlaps itself, moved; less is counted as this much
FADING = 5  # pixels over which correlation is let go before REACH

_NEXT = (CYCLES < 7 / 64) & ~SHADING
_FADE = np.sin(np.pi * (np.arange(SIDE) + 0.5) / SIDE).astype(np.float32) ** 2
_SOFT = COSINES * _FADE @ COSINES.T
_LAGS = np.arange(-REACH, REACH + 1)
_TO_WAVES = np.cos(np.pi * np.outer(np.arange(SIDE + 1), _LAGS) / SIDE)
_TO_LAGS = _TO_WAVES.T * np.where(np.arange(SIDE + 1) % SIDE == 0, 1, 2) / (2 * SIDE)


def covariance_of(waves: Array) -> Array:
    """Covariance of the channels of N patches (N x C x SIDE x SIDE, as waves), C x C x n x n.

    It is that of pixels up to REACH from each other, row and column, n = 2 REACH + 1.
    """
    spectrum = _spectrum(waves)
    shared = np.correlate(_FADE, _FADE, "full")[SIDE - 1 + _LAGS] / np.square(_FADE).sum()
    shared = np.maximum(np.outer(shared, shared), SHARED)
    sure = np.clip((REACH + 1 - np.hypot(_LAGS[:, None], _LAGS)) / FADING, 0, 1)
    return _transformed(np.pad(spectrum, ((0, 0), (0, 0), (0, 1), (0, 1)), mode="edge"), _TO_LAGS) * sure / shared


def _spectrum(waves: Array) -> Array:
    """Mean products of the channels' waves, C x C x SIDE x SIDE.

    Patches are faded out towards their borders, without which a steep spectrum leaks into all of its waves.
    """
    limit = 4 * np.abs(waves).mean(axis=0)
    soft = _SOFT @ np.clip(waves, -limit, limit) @ _SOFT.T
    gain = np.square(_SOFT).sum(axis=1)
    spectrum: Array = np.einsum("nayx,nbyx->abyx", soft, soft) / (len(soft) * np.outer(gain, gain))
    return _without_shading(spectrum)


def _without_shading(spectrum: Array) -> Array:
    """The longest waves, which are the picture's, replaced by what the next ones let expect: a bell's top."""
    own = np.maximum(np.einsum("aayx->ayx", spectrum), NOTHING)
    known, asked = (np.stack([np.ones(where.sum()), CYCLES[where] ** 2], 1) for where in (_NEXT, SHADING))
    expected = np.exp(asked @ np.linalg.lstsq(known, np.log(own[:, _NEXT]).T, rcond=None)[0] / 2).T
    alike = (spectrum[..., _NEXT] / np.sqrt(own[:, None] * own)[..., _NEXT]).mean(axis=-1, keepdims=True)
    spectrum[..., SHADING] = alike * expected[:, None] * expected
    return spectrum


def filters_of(covariance: Array) -> Array:
    """The symmetric filters that give white noise this covariance, but for a variance of 1."""
    spectrum = np.moveaxis(_transformed(covariance, _TO_WAVES), (0, 1), (-2, -1))
    values, vectors = np.linalg.eigh(spectrum)
    root = (vectors * np.sqrt(np.maximum(values, 0))[..., None, :]) @ np.swapaxes(vectors, -2, -1)
    filters = _transformed(np.moveaxis(root, (-2, -1), (0, 1)), _TO_LAGS)
    filters /= np.sqrt(np.square(filters).sum(axis=(1, 2, 3), keepdims=True))
    return filters.astype(np.float32)


def _transformed(picture: Array, waves: Array) -> Array:
    transformed: Array = waves @ picture @ waves.T
    return transformed
