"""How much power grain has at each brightness, found among patches of which most may hold something else."""

from __future__ import annotations

import numpy as np

from ..picture.compositing import Array
from .grain_patches import ENDS, FAINTEST, NOTHING

__all__ = ["levels_of"]

GROUP, GROUPS = 40, 16  # patches of similar brightness that are compared, at least; groups of them, at most
SPREAD = 0.3  # standard deviation of the log power of patches of one brightness, above which it is texture
STEEPEST = 12.5  # fall of log deviation by brightness in ACEScct: to half in a stop, as where a sensor is read out
LEAST, CHANCE = 0.1, 0.4  # share of patches that may have less power than grain has, and log power that it varies by
FIFTH = 0.507  # interval around the mean, in standard deviations, that holds a fifth of normal numbers
_FAINT = 2 * np.log(FAINTEST)


def levels_of(brightness: Array, power: Array, even: Array, cut: Array) -> Array:
    """The log power that grain has, for N patches' `brightness` and log `power` in one channel.

    It is looked for among those that are `even`; but as grain is everywhere, no others may have much less, if they are
    not crushed or clipped (`cut`). 3 rows of rising brightness: brightness, log power, its standard deviation among
    patches that hold nothing else.
    """
    level, fine = brightness[even], power[even]
    rows = np.array([_common(level[group], fine[group]) for group in _groups(level, fine)]).T
    rows = rows[:, (rows[2] < SPREAD) | (rows[1] < _FAINT)]
    if not rows.size:
        return np.array([[0], [np.log(NOTHING)], [0]])
    rows = _held(rows)
    if not cut.all():
        level, fine = brightness[~cut], power[~cut]
        middle, least = np.array([_least(level[group], fine[group]) for group in _groups(level, fine)]).T
        known, spread = (np.interp(middle, rows[0], row) for row in rows[1:])
        rows = np.concatenate([rows, [middle, np.minimum(known, least), spread]], axis=1)
    return _limited(rows[:, np.argsort(rows[0], kind="stable")])


def _groups(brightness: Array, power: Array) -> list[Array]:
    """Patches of similar brightness, darkest first; those that are crushed or clipped by themselves."""
    still = power < _FAINT
    crushed = still & (brightness <= brightness.min() + ENDS)
    clipped = still & (brightness >= brightness.max() - ENDS) & ~crushed
    low, high, rest = (np.flatnonzero(each) for each in (crushed, clipped, ~crushed & ~clipped))
    rest = rest[np.argsort(brightness[rest], kind="stable")]
    groups = [low, *np.array_split(rest, max(1, min(GROUPS, len(rest) // GROUP))), high]
    return [group for group in groups if len(group)]


def _common(brightness: Array, power: Array) -> tuple[float, float, float]:
    """What most of a group have in common: brightness, power and its spread."""
    common, spread = _densest(power)
    return float(np.median(brightness[np.abs(power - common) <= 2 * spread + 1e-3])), common, spread


def _least(brightness: Array, power: Array) -> tuple[float, float]:
    """The middle brightness of a group, and the power above which nothing there is grain."""
    middle = np.median(brightness)
    least = np.quantile(power + 2 * STEEPEST * np.abs(brightness - middle), LEAST)
    return float(middle), float(least) + CHANCE


def _limited(rows: Array) -> Array:
    """Rows of `levels_of`, of which none has more than what the others let expect of a camera.

    The darkest and the brightest tell little of the others: what is crushed or clipped has no grain.
    """
    brightness, power, spread = rows
    inner = (brightness > brightness[0] + ENDS) & (brightness < brightness[-1] - ENDS)
    tells = inner | (power > 2 * np.log(4 * FAINTEST))
    most = power[tells] + 2 * STEEPEST * np.abs(brightness[:, None] - brightness[tells])
    return np.array([brightness, np.minimum(power, most.min(axis=1, initial=np.inf)), spread])


def _held(rows: Array) -> Array:
    """Rows of `levels_of`, in which grain ends where it is crushed or clipped, and not long before."""
    still = rows[1] < _FAINT
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
