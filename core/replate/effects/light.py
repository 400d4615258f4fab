"""From heat and smoke to light, and light over a plate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from .blackbody import glow
from .shading import falling, glowing

__all__ = ["Element", "Light", "lit"]

Array = npt.NDArray[Any]

_BLUE = (0.8, 0.95, 1.2)  # of the sky, luminance about 1
_FAINT = 1e-3  # optical depth
_WITHIN = 0.2  # of the scene's light, as much as white smoke scatters on into its own shade
_FULL = 15.0  # light of a full flame at 2000 K and intensity 1


@dataclass(frozen=True)
class Light:
    """What heat and smoke look like. Colours are linear ACEScg."""

    intensity: float
    """Of the flames: what a sheet of flame at 2000 K gives off."""
    temperature: float
    """Of the hottest, in kelvin."""
    cooling: float
    """Share of the temperature that is lost where heat ends."""
    threshold: float
    """Heat below which nothing burns visibly."""
    edge: float
    """Heat above the threshold at which flames are full: small is a sharp edge."""
    opacity: float
    """Optical depth of a full flame where it is hottest; 0 adds light to the plate and hides nothing."""
    balance: float
    """Temperature in kelvin whose light is white."""
    smoke: float
    """Optical depth of full smoke; 0 for none."""
    albedo: tuple[float, float, float]
    """Share of light that smoke throws back."""
    ambient: float
    """Light that falls on the smoke."""
    sky: float
    """Blue light that falls on it from everywhere."""
    angle: float
    """Where the first comes from, in degrees: 0 from the right, 90 from above."""
    shadow: float
    """How much smoke darkens smoke behind it on that way; 0 not at all."""
    glow: float
    """How much of the flames' light falls on smoke."""
    size: float
    """Width of the largest eddies, in pixels."""

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
            **{name: values[f"smoke.{name}"] for name in ("sky", "angle", "shadow", "glow")},
            size=values["size"] * values["scale"],
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
    equation of radiative transfer, Chandrasekhar, "Radiative transfer", 1950. Sheets are laid over each other. Only
    soot dims the flames of its own sheet, so that their opacity is a matter of what they hide.
    """
    through = np.ones((*heat.shape[:2], 1), np.float32)
    emission, scatter = (np.zeros((*heat.shape[:2], 3), np.float32) for _ in range(2))
    soots = _soot(smoke, light)
    flames = [_flame(heat[..., sheet, None], light) for sheet in range(heat.shape[-1])]
    lights = [_emission(heat[..., sheet], flames[sheet], light) for sheet in range(heat.shape[-1])]
    whole = reduce(np.add, (soots[..., sheet] for sheet in range(heat.shape[-1])))  # faster than sum over so few
    falls = _falling(whole, lights, light)
    for sheet in range(heat.shape[-1]):
        soot = soots[..., sheet, None]
        depth = _hiding(heat[..., sheet, None], flames[sheet], light) + soot
        if light.intensity:
            emission += through * _coming(soot) * lights[sheet]
        scatter += through * _coming(depth) * soot * falls
        through *= np.exp(-depth)
    hottest = reduce(np.maximum, (heat[..., sheet, None] for sheet in range(heat.shape[-1])))
    return Element(
        emission=emission,
        scatter=scatter,
        alpha=1 - through,
        density=whole[..., None],
        temperature=np.where(_flame(hottest, light) > 0, _kelvin(hottest, light), np.float32(0)),
    )


def _coming(depth: Array) -> Array:
    """How much of the light that begins all along an optical depth comes out of it."""
    share: Array = np.where(depth > 0, -np.expm1(-depth) / np.maximum(depth, np.float32(1e-12)), np.float32(1))
    return share


def _soot(smoke: Array, light: Light) -> Array:
    """Optical depth, 0 where nobody could see it, so that smoke ends somewhere."""
    depth: Array = np.maximum(np.float32(light.smoke) * smoke - np.float32(_FAINT), 0)
    return depth


def _flame(heat: Array, light: Light) -> Array:
    """How full of flame each place is, 0..1."""
    risen = np.clip((heat - np.float32(light.threshold)) / np.float32(max(light.edge, 1e-3)), 0, 1)
    full: Array = risen * risen * (3 - 2 * risen)
    return full


def _hiding(heat: Array, flame: Array, light: Light) -> Array:
    """Optical depth of flames, less where they are cooler: they hardly glow there, and would draw a dark rim."""
    depth: Array = np.float32(light.opacity) * flame * np.minimum(heat, 1)
    return depth


def _emission(heat: Array, flame: Array, light: Light) -> Array:
    strength, emitted = np.float32(light.intensity) * flame, np.zeros((*heat.shape, 3), np.float32)
    there = strength[..., 0] > 0
    emitted[there] = strength[there] * glow(_kelvin(heat[there], light), balance=light.balance)
    return emitted


def _kelvin(heat: Array, light: Light) -> Array:
    kelvin: Array = np.float32(light.temperature) * (1 - np.float32(light.cooling) * (1 - np.minimum(heat, 1)))
    return kelvin


def _falling(depth: Array, flames: Sequence[Array], light: Light) -> Array:
    """The light that smoke throws back where it is dense, H x W x 3: the scene's and the flames'."""
    if not depth.any():
        return np.zeros_like(flames[0])
    sun = falling(depth, angle=light.angle, shadow=light.shadow, size=light.size)[..., None]
    albedo = np.array(light.albedo, np.float32)
    sun = sun + np.float32(_WITHIN) * albedo * np.maximum(1 - sun, 0)
    day: Array = np.float32(light.ambient) * sun + np.float32(light.sky) * np.array(_BLUE, np.float32)
    if light.glow > 0 and light.intensity > 0:
        day = day + np.float32(light.glow) * glowing(reduce(np.add, flames), size=light.size)
    thrown: Array = day * albedo
    return thrown
