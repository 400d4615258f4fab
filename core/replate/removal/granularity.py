"""How grainy a plate is: the strength of its grain by brightness, its spectrum, and what channels have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..picture.compositing import Array
from .grain import REACH, Grain

__all__ = ["measure_grain"]

SIDE = 32  # pixels of the patches that are looked at: more than grain is long, less than most plain areas
PATCHES = 1024  # about so many are looked at, spread over the plate
FEWEST = 16  # that say anything
GROUP, GROUPS = 40, 16  # patches of similar brightness that are compared, at least; groups of them, at most

HIGH = 1 / 8  # cycles a pixel above which pictures have little power, and grain much of its own
SHADING = 7 / 128  # cycles a pixel below which pictures have too much
SHARED = 0.3  # of a faded patch that overlaps itself, moved; less is counted as this much
FADING = 5  # pixels over which correlation is let go before REACH

TAILS = 3.4  # kurtosis of high frequencies: 3 in grain, more in lines and spots
SPREAD = 0.3  # standard deviation of the log power of patches of one brightness, above which it is texture
CHANCE = 0.6  # of the log power of low frequencies, from one plain patch to another
STEEPEST = 12.5  # fall of log deviation by brightness in ACEScct: to half in a stop, as where a sensor is read out
ENDS = 0.01  # brightness this near to the darkest and the brightest is perhaps crushed or clipped
FIFTH = 0.507  # interval around the mean, in standard deviations, that holds a fifth of normal numbers
FAINTEST = 1.5e-4  # standard deviation in high frequencies below which it is rounding: ten times that of half
NOTHING = 1e-12  # power of a patch without any grain


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
    brightness, waves = _patches(picture, known, aligned)
    even = _even(waves)
    if even.sum() >= FEWEST:
        brightness, waves = brightness[even], waves[even]
        levels = [_levels(*each) for each in zip(brightness.T, _log_power(waves, _HIGH).T, strict=True)]
        plain = _plain(brightness, waves, levels)
        if len(plain):
            return _grain(levels, plain)
    return Grain.none(picture.shape[2])


def _grain(levels: Sequence[Array], plain: Array) -> Grain:
    """From the channels' levels and the waves of plain patches, divided by them."""
    covariance = _covariance(_spectrum(plain))
    whole = np.sqrt(np.einsum("cc->c", covariance[..., REACH, REACH]))
    deviations = [
        np.where(power < 2 * np.log(FAINTEST), 0, scale * np.exp(power / 2))
        for scale, (_, power, _) in zip(whole, levels, strict=True)
    ]
    return Grain(tuple(level[0] for level in levels), tuple(deviations), _filters(covariance))


def _cosines() -> Array:
    """The waves of the discrete cosine transform (DCT-II), one a row, of length 1."""
    wave, place = np.ogrid[:SIDE, :SIDE]
    waves = np.sqrt((2 - (wave == 0)) / SIDE) * np.cos(np.pi * wave * (2 * place + 1) / (2 * SIDE))
    rows: Array = waves.astype(np.float32)
    return rows


_COSINES = _cosines()
_SLOPES = _COSINES @ np.linalg.qr(np.vander(np.linspace(-1, 1, SIDE), 4, increasing=True))[0].astype(np.float32)
_FADE = np.sin(np.pi * (np.arange(SIDE) + 0.5) / SIDE).astype(np.float32) ** 2
_SOFT = _COSINES * _FADE @ _COSINES.T
_CYCLES = np.hypot(*np.indices((SIDE, SIDE))) / (2 * SIDE)
_HIGH, _SHADING = _CYCLES >= HIGH, _CYCLES < SHADING
_LOW = ~_HIGH & (np.add.outer(np.arange(SIDE), np.arange(SIDE)) > 2)


def _patches(picture: Array, known: Array, aligned: Array | None) -> tuple[Array, Array]:
    """Of every patch that is known: mean brightness, N x C, and its cosine waves, N x C x SIDE x SIDE."""
    step = max(SIDE // 2, math.isqrt(picture.shape[0] * picture.shape[1] // PATCHES))
    if min(picture.shape[:2]) < SIDE:
        return np.empty((0, picture.shape[2])), np.empty((0, picture.shape[2], SIDE, SIDE))
    seen = _cut(known[..., 0] >= 1, step).all(axis=(-2, -1))
    with np.errstate(invalid="ignore", over="ignore"):
        waves = _COSINES @ _cut(picture, step)[seen] @ _COSINES.T
        brightness = waves[..., 0, 0] / SIDE
        if aligned is not None:
            waves = (waves - _COSINES @ _cut(aligned, step)[seen] @ _COSINES.T) * np.float32(0.5**0.5)
    sound = np.isfinite(waves[..., 0, 0]).all(axis=1)
    brightness, waves = brightness[sound], waves[sound]
    for edge in (waves[..., 0], waves[..., 0, :]):
        edge -= edge @ _SLOPES @ _SLOPES.T
    return brightness, waves


def _even(waves: Array) -> Array:
    """Which patches have high frequencies that are normal numbers all over, and not lines and spots on a ground."""
    fine = np.square(_COSINES.T @ (waves * _HIGH) @ _COSINES)
    tails = np.square(fine).mean(axis=(-2, -1)) / (np.square(fine.mean(axis=(-2, -1))) + NOTHING**2)
    even: Array = (tails.mean(axis=1) < TAILS) | (_power(waves, _HIGH) < FAINTEST**2).all(axis=1)
    return even


def _cut(picture: Array, step: int) -> Array:
    return sliding_window_view(picture, (SIDE, SIDE), (0, 1))[::step, ::step]


def _power(waves: Array, band: Array) -> Array:
    """Mean square of the waves in a band, N x C."""
    power: Array = np.einsum("ncyx,ncyx,yx->nc", waves, waves, np.float32(band / band.sum()))
    return power


def _log_power(waves: Array, band: Array) -> Array:
    logarithm: Array = np.log(_power(waves, band) + NOTHING)
    return logarithm


def _levels(brightness: Array, power: Array) -> Array:
    """By brightness, the log power that plain patches have: 3 x groups of brightness, power and its spread."""
    rows = np.array([_level(brightness[group], power[group]) for group in _groups(brightness, power)]).T
    rows = rows[:, (rows[2] < SPREAD) | (rows[1] < 2 * np.log(FAINTEST))]
    return _held(_limited(rows)) if rows.size else np.array([[0], [np.log(NOTHING)], [0]])


def _groups(brightness: Array, power: Array) -> list[Array]:
    """Patches of similar brightness, darkest first; those that are crushed or clipped by themselves."""
    still = power < 2 * np.log(FAINTEST)
    crushed = still & (brightness <= brightness.min() + ENDS)
    clipped = still & (brightness >= brightness.max() - ENDS) & ~crushed
    low, high, rest = (np.flatnonzero(each) for each in (crushed, clipped, ~crushed & ~clipped))
    rest = rest[np.argsort(brightness[rest], kind="stable")]
    groups = [low, *np.array_split(rest, max(1, min(GROUPS, len(rest) // GROUP))), high]
    return [group for group in groups if len(group)]


def _level(brightness: Array, power: Array) -> tuple[float, float, float]:
    """What most of a group have in common: brightness, power and its spread."""
    common, spread = _densest(power)
    return float(np.median(brightness[np.abs(power - common) <= 2 * spread + 1e-3])), common, spread


def _limited(rows: Array) -> Array:
    """Rows of `_levels`, of which none has more than what the others let expect of a camera.

    The darkest and the brightest tell little of the others: what is crushed or clipped has no grain.
    """
    brightness, power, spread = rows
    inner = (brightness > brightness[0] + ENDS) & (brightness < brightness[-1] - ENDS)
    tells = inner | (power > 2 * np.log(4 * FAINTEST))
    most = power[tells] + 2 * STEEPEST * np.abs(brightness[:, None] - brightness[tells])
    return np.array([brightness, np.minimum(power, most.min(axis=1, initial=np.inf)), spread])


def _held(rows: Array) -> Array:
    """Rows of `_levels`, in which grain ends where it is crushed or clipped, and not long before."""
    still = rows[1] < 2 * np.log(FAINTEST)
    for end, beside, way in ((0, 1, ENDS), (-1, -2, -ENDS)):
        if rows.shape[1] > 1 and still[end] and not still[beside]:
            knot = rows[:, beside].copy()
            knot[0] = rows[0, end] + way
            if (rows[0, beside] - knot[0]) * way > 0:
                rows = np.insert(rows, 1 if end == 0 else -1, knot, axis=1)
    return rows


def _densest(values: Array) -> tuple[float, float]:
    """Where values crowd most and the standard deviation that they have there, if normal: the shortest interval with
    a fifth of them (Venter, "On estimation of the mode", 1967), then the mean around it."""
    ordered = np.sort(values.astype(np.float64))
    count = min(len(ordered), max(4, len(ordered) // 5))
    widths = ordered[count - 1 :] - ordered[: len(ordered) - count + 1]
    first = int(widths.argmin())
    middle, deviation = ordered[first : first + count].mean(), widths[first] / FIFTH
    return float(ordered[np.abs(ordered - middle) <= 2 * deviation + 1e-3].mean()), float(deviation)


def _plain(brightness: Array, waves: Array, levels: Sequence[Array]) -> Array:
    """The waves of patches that hold grain and nothing else, divided by its level in high frequencies."""
    expected, spread = (
        np.stack([np.interp(each, level[0], level[row]) for each, level in zip(brightness.T, levels, strict=True)], -1)
        for row in (1, 2)
    )
    high = _log_power(waves, _HIGH)
    grainy = expected > 2 * np.log(FAINTEST)
    plain = ((np.abs(high - expected) <= 2.5 * spread) & (grainy | ~grainy.any(axis=0))).all(axis=1) & grainy.any()
    if plain.any():
        plain[plain] = _lowest((_log_power(waves[plain], _LOW) - high[plain]).mean(axis=1))
    divided: Array = waves[plain] / np.exp(expected[plain] / 2)[..., None, None]
    return divided


def _lowest(values: Array) -> Array:
    """Which values are as low as the lowest, but for chance."""
    ordered = np.sort(values)
    few = ordered[min(len(values), FEWEST) - 1]
    lowest: Array = values <= max(few, ordered[len(values) // 20] + CHANCE)
    return lowest


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
    near = (_CYCLES >= SHADING) & (_CYCLES < 2 * SHADING)
    own = np.maximum(np.einsum("aayx->ayx", spectrum), NOTHING)
    known, asked = (np.stack([np.ones(where.sum()), _CYCLES[where] ** 2], 1) for where in (near, _SHADING))
    expected = np.exp(asked @ np.linalg.lstsq(known, np.log(own[:, near]).T, rcond=None)[0] / 2).T
    alike = (spectrum[..., near] / np.sqrt(own[:, None] * own)[..., near]).mean(axis=-1, keepdims=True)
    spectrum[..., _SHADING] = alike * expected[:, None] * expected
    return spectrum


def _covariance(spectrum: Array) -> Array:
    """Covariance of the channels at up to REACH pixels from each other, C x C x n x n, of patches faded as here."""
    shared = np.correlate(_FADE, _FADE, "full")[SIDE - 1 + _LAGS] / np.square(_FADE).sum()
    shared = np.maximum(np.outer(shared, shared), SHARED)
    sure = np.clip((REACH + 1 - np.hypot(_LAGS[:, None], _LAGS)) / FADING, 0, 1)
    return _transformed(np.pad(spectrum, ((0, 0), (0, 0), (0, 1), (0, 1)), mode="edge"), _TO_LAGS) * sure / shared


def _filters(covariance: Array) -> Array:
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


_LAGS = np.arange(-REACH, REACH + 1)
_TO_WAVES = np.cos(np.pi * np.outer(np.arange(SIDE + 1), _LAGS) / SIDE)
_TO_LAGS = _TO_WAVES.T * np.where(np.arange(SIDE + 1) % SIDE == 0, 1, 2) / (2 * SIDE)
