"""What light does on its way, as augmentation: each effect takes scene-linear AP1, H x W x 3 float32, and gives the
same, with `chance` for its strength. All but grain and haze commute with exposure; none cares what is above 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from .proxy import Array

__all__ = ["EFFECTS", "Effect", "balance", "exposure", "glow", "grain", "haze"]

Effect = Callable[[Array, np.random.Generator], Array]

_LUMINANCE = np.array([0.2722287168, 0.6740817658, 0.0536895174], np.float32)  # of AP1; S-2014-004


def exposure(light: Array, chance: np.random.Generator) -> Array:
    """The lens opened or closed by half a stop to two."""
    return light * np.float32(2 ** (chance.uniform(0.5, 2) * chance.choice([-1, 1])))


def balance(light: Array, chance: np.random.Generator) -> Array:
    """A camera set to another light: red against blue by up to two thirds of a stop either way, green by a quarter.

    A grey surface keeps its luminance.
    """
    warm, green = chance.uniform(-1 / 3, 1 / 3), chance.uniform(-1 / 4, 1 / 4)
    gain = np.exp2(np.array([warm, green, -warm], np.float32))
    return light * (gain / (gain @ _LUMINANCE))


def glow(light: Array, chance: np.random.Generator) -> Array:
    """Light scattered in a lens with a diffusion filter: 5 to 30 % of it, over three widths. Nothing is added."""
    short, amount = min(light.shape[:2]), np.float32(chance.uniform(0.05, 0.3))
    veil = np.mean([_blurred(light, share * short) for share in (0.01, 0.03, 0.1)], axis=0)
    return np.asarray(light + amount * (veil - light))


def haze(light: Array, chance: np.random.Generator) -> Array:
    """Air between the camera and what it sees: L = J t + A (1 - t), t = exp(-depth) (Koschmieder, 1924).

    Nobody knows the depth: it grows from the bottom to the top of the picture, and rolls. The air has the colour of the
    bright parts of the picture, a little bluer.
    """
    height, width = light.shape[:2]
    rolling = cv2.resize(chance.random((4, 6), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    rise = np.linspace(1, 0, height, dtype=np.float32)[:, None]
    through = np.exp(-np.float32(chance.uniform(0.3, 1.2)) * (0.25 + rise + 0.5 * rolling))[..., None]
    bright = np.quantile(light.reshape(-1, 3)[::7], 0.9, axis=0)
    air = (0.5 * bright + 0.5 * bright.mean()) * np.array([0.95, 1.0, 1.08])
    return np.asarray(light * through + air * (1 - through), np.float32)


def grain(light: Array, chance: np.random.Generator) -> Array:
    """Noise of a sensor whose variance grows with the light, sigma^2 = a L + b (Foi et al., 2008), a little soft."""
    a = np.float32(chance.uniform(2e-4, 2e-3))
    noise = _blurred(chance.standard_normal(light.shape, np.float32), chance.uniform(0.4, 0.9))
    return np.asarray(light + noise / noise.std() * np.sqrt(a * np.maximum(light, 0) + a * a))


def _blurred(picture: Array, sigma: float) -> Array:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(sigma, 0.3), borderType=cv2.BORDER_REPLICATE))


EFFECTS: Mapping[str, Effect] = {each.__name__: each for each in (exposure, balance, glow, haze, grain)}
