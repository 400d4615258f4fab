"""From heat and smoke to light, and light over a plate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .blackbody import glow

__all__ = ["Element", "Light", "lit"]

Array = npt.NDArray[Any]

_FAINT = 1e-3  # optical depth
_FULL = 20.0  # light of a full flame at intensity 1
_REACH = 0.75  # largest eddies upward within which smoke throws shadows
_SMALLER = 4  # shadows in smoke are found on a picture as much smaller


@dataclass(frozen=True)
class Light:
    """What heat and smoke look like. Colours are linear ACEScg."""

    intensity: float
    """Of the flames: what a sheet of flame at 2000 K gives off if nothing in it absorbs."""
    temperature: float
    """Of the hottest, in kelvin."""
    cooling: float
    """Share of the temperature that is lost where heat ends."""
    threshold: float
    """Heat below which nothing burns visibly."""
    edge: float
    """Heat above the threshold at which flames are full: small is a sharp edge."""
    opacity: float
    """Optical depth of a full flame; 0 adds light to the plate and hides nothing."""
    balance: float
    """Temperature in kelvin whose light is white."""
    smoke: float
    """Optical depth of full smoke; 0 for none."""
    albedo: tuple[float, float, float]
    """Share of light that smoke throws back."""
    ambient: float
    """Light that falls on the smoke."""
    shadow: float
    """How much smoke above darkens smoke below; 0 not at all."""
    reach: float
    """Pixels upward within which smoke is looked for that darkens."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Light:
        """By the parameters of the node Effect."""
        red, green, blue = (values[f"smoke.{name}"] for name in ("red", "green", "blue"))
        return cls(
            intensity=_FULL * values["intensity"],
            **{name: values[name] for name in ("temperature", "cooling", "threshold", "edge", "opacity", "balance")},
            smoke=values["smoke.amount"],
            albedo=(red, green, blue),
            ambient=values["smoke.light"],
            shadow=values["smoke.shadow"],
            reach=_REACH * values["size"] * values["scale"],
        )


@dataclass(frozen=True)
class Element:
    """An element by itself, scene-linear ACEScg, to be laid over a plate: plate * (1 - alpha) + emission + scatter.

    All are H x W x C float32.
    """

    emission: Array
    """3: light the flames give, as much as comes through."""
    scatter: Array
    """3: light the smoke throws back."""
    alpha: Array
    """1, 0..1: light of the plate that is held back."""
    density: Array
    """1: the smoke's optical depth."""
    temperature: Array
    """1: of the hottest flame, in kelvin; 0 where nothing burns."""

    @property
    def light(self) -> Array:
        """All of its light."""
        added: Array = self.emission + self.scatter
        return added

    def each(self, change: Callable[[Array], Array]) -> Element:
        """Every picture of it changed in the same way."""
        return Element(*(change(getattr(self, item.name)) for item in fields(self)))


def lit(heat: Array, smoke: Array, light: Light) -> Element:
    """Heat and smoke (each H x W x sheets float32, from 0, the first sheet in front) as light.

    A sheet of constant emission j and optical depth d gives j (1 - exp(-d)) / d and holds back 1 - exp(-d): the
    equation of radiative transfer, Chandrasekhar, "Radiative transfer", 1950. Sheets are laid over each other.
    """
    through = np.ones((*heat.shape[:2], 1), np.float32)
    emission, scatter = (np.zeros((*heat.shape[:2], 3), np.float32) for _ in range(2))
    day = np.float32(light.ambient) * np.array(light.albedo, np.float32) * _shade(smoke, light)
    for sheet in range(heat.shape[-1]):
        flame, soot = _flame(heat[..., sheet, None], light), _soot(smoke[..., sheet, None], light)
        depth = np.float32(light.opacity) * flame + soot
        held = -np.expm1(-depth)
        share = np.where(depth > 0, held / np.maximum(depth, 1e-12), 1) * through
        emission += share * _emission(heat[..., sheet], flame, light)
        scatter += share * soot * day
        through *= 1 - held
    hottest = heat.max(axis=-1, keepdims=True)
    return Element(
        emission=emission,
        scatter=scatter,
        alpha=1 - through,
        density=_soot(smoke, light).sum(axis=-1, keepdims=True),
        temperature=np.where(_flame(hottest, light) > 0, _kelvin(hottest, light), np.float32(0)),
    )


def _soot(smoke: Array, light: Light) -> Array:
    """Optical depth, 0 where nobody could see it, so that smoke ends somewhere."""
    depth: Array = np.maximum(np.float32(light.smoke) * smoke - np.float32(_FAINT), 0)
    return depth


def _flame(heat: Array, light: Light) -> Array:
    """How full of flame each place is, 0..1."""
    risen = np.clip((heat - np.float32(light.threshold)) / np.float32(max(light.edge, 1e-3)), 0, 1)
    full: Array = risen * risen * (3 - 2 * risen)
    return full


def _emission(heat: Array, flame: Array, light: Light) -> Array:
    emitted: Array = np.float32(light.intensity) * flame * glow(_kelvin(heat, light), balance=light.balance)
    return emitted


def _kelvin(heat: Array, light: Light) -> Array:
    kelvin: Array = np.float32(light.temperature) * (1 - np.float32(light.cooling) * (1 - np.minimum(heat, 1)))
    return kelvin


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
