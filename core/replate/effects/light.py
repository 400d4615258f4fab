"""From heat and smoke to light, and light over a plate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .blackbody import glow

__all__ = ["FLAME", "PLUME", "Element", "Light", "laid", "lit"]

Array = npt.NDArray[Any]

_SMALLER = 4  # shadows in smoke are found on a picture as much smaller


@dataclass(frozen=True)
class Light:
    """What heat and smoke look like. Colours are linear ACEScg."""

    intensity: float = 20.0
    """Of the flames; a sheet of flame at 2000 K gives off as much if nothing in it absorbs."""
    temperature: float = 2000.0
    """Of the hottest, in kelvin."""
    cooling: float = 0.45
    """Share of the temperature that is lost where heat ends."""
    threshold: float = 0.12
    """Heat below which nothing burns visibly."""
    edge: float = 0.25
    """Heat above the threshold at which flames are full: small is a sharp edge."""
    opacity: float = 0.7
    """Optical depth of a full flame; 0 adds light to the plate and hides nothing."""
    balance: float = 6000.0
    """Temperature in kelvin whose light is white."""
    smoke: float = 0.3
    """Optical depth of full smoke; 0 for none."""
    albedo: tuple[float, float, float] = (0.08, 0.075, 0.07)
    """Share of light that smoke throws back."""
    ambient: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Light that falls on the smoke."""
    shadow: float = 0.0
    """How much smoke above darkens smoke below; 0 not at all."""
    reach: float = 120.0
    """Pixels upward within which smoke is looked for that darkens."""


FLAME = Light()
"""A wood fire."""
PLUME = Light(intensity=0.0, opacity=0.0, smoke=18.0, albedo=(0.75, 0.74, 0.73), ambient=(0.9, 0.95, 1.0), shadow=4.0)
"""White smoke under an overcast sky."""


@dataclass(frozen=True)
class Element:
    """An element by itself, scene-linear ACEScg, to be laid over a plate: plate * (1 - alpha) + emission + scatter."""

    emission: Array
    """H x W x 3 float32: light the flames give, as much as comes through."""
    scatter: Array
    """H x W x 3 float32: light the smoke throws back."""
    alpha: Array
    """H x W x 1 float32, 0..1: light of the plate that is held back."""


def lit(heat: Array, smoke: Array, light: Light) -> Element:
    """Heat and smoke (each H x W x sheets float32, from 0, the first sheet in front) as light.

    A sheet of constant emission j and optical depth d gives j (1 - exp(-d)) / d and holds back 1 - exp(-d): the
    equation of radiative transfer, Chandrasekhar, "Radiative transfer", 1950. Sheets are laid over each other.
    """
    through = np.ones((*heat.shape[:2], 1), np.float32)
    emission, scatter = (np.zeros((*heat.shape[:2], 3), np.float32) for _ in range(2))
    day = np.array(light.ambient, np.float32) * np.array(light.albedo, np.float32) * _shade(smoke, light)
    for sheet in range(heat.shape[-1]):
        flame, soot = _flame(heat[..., sheet, None], light), np.float32(light.smoke) * smoke[..., sheet, None]
        depth = np.float32(light.opacity) * flame + soot
        held = -np.expm1(-depth)
        share = np.where(depth > 0, held / np.maximum(depth, 1e-12), 1) * through
        emission += share * _emission(heat[..., sheet], flame, light)
        scatter += share * soot * day
        through *= 1 - held
    return Element(emission, scatter, 1 - through)


def laid(plate: Array, element: Element) -> Array:
    """A plate (H x W x 3 float32, linear ACEScg) under an element; where the element holds nothing, bit for bit."""
    added = element.emission + element.scatter
    nothing = (element.alpha == 0) & (added == 0).all(axis=-1, keepdims=True)
    over: Array = np.where(nothing, plate, plate * (1 - element.alpha) + added)
    return over


def _flame(heat: Array, light: Light) -> Array:
    """How full of flame each place is, 0..1."""
    risen = np.clip((heat - np.float32(light.threshold)) / np.float32(max(light.edge, 1e-3)), 0, 1)
    full: Array = risen * risen * (3 - 2 * risen)
    return full


def _emission(heat: Array, flame: Array, light: Light) -> Array:
    kelvin = light.temperature * (1 - light.cooling * (1 - np.minimum(heat, 1)))
    emitted: Array = np.float32(light.intensity) * flame * glow(kelvin, balance=light.balance)
    return emitted


def _shade(smoke: Array, light: Light) -> Array:
    """Light that is left of that from above, H x W x 1 float32, 0..1, by the smoke on its way."""
    height, width = smoke.shape[:2]
    if light.shadow == 0:
        return np.ones((height, width, 1), np.float32)
    small = (max(1, width // _SMALLER), max(1, height // _SMALLER))
    depth = cv2.resize(smoke.mean(axis=-1), small, interpolation=cv2.INTER_AREA)
    length = max(1, round(light.reach * small[1] / height))
    above = cv2.boxFilter(depth, -1, (1, length), anchor=(0, length - 1), borderType=cv2.BORDER_CONSTANT)
    shaded = np.exp(-np.float32(light.shadow) * cv2.GaussianBlur(above, (0, 0), max(0.5, length / 8)))
    left: Array = cv2.resize(shaded, (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
    return left
