"""Ghosts: pictures of the iris, thrown onto the film by light that two surfaces of a lens reflected.

To first order a lens is a matrix (Lee and Eisemann, "Practical real-time lens-flare rendering", 2013). On its way
through two reflections, a ray that enters at height h and angle a meets the stop at A h + B a and the film at C h + D
a. So the light of a source is a picture of the stop, larger than it by C / A, at (D - C B / A) a. Dispersion makes both
depend on wavelength, and coatings colour them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .spectrum import responses, wavelengths

__all__ = ["Ghost", "Surface", "ghosts"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Surface:
    """A spherical surface: its radius (0 is flat), the way to the next in millimetres, the glass behind it (index at
    587 nm and Abbe number; index 1 is air) and the wavelength in nanometres that its coating passes best."""

    radius: float
    way: float
    index: float = 1.0
    abbe: float = 1.0
    coating: float = 550.0


LENS = (
    Surface(56.2024, 8.75, 1.622, 53.2, 430),
    Surface(152.2858, 0.5, coating=530),
    Surface(37.6826, 12.5, 1.607, 56.7, 450),
    Surface(0.0, 3.8, 1.5925, 35.7, 0),
    Surface(24.2313, 16.369, coating=500),
    Surface(0.0, 13.748),
    Surface(-28.3773, 3.8, 1.603, 38.0, 440),
    Surface(0.0, 11.0, 1.620, 60.3, 0),
    Surface(-37.9255, 0.5, coating=560),
    Surface(177.4118, 7.0, 1.620, 60.3, 460),
    Surface(-79.4114, 61.487, coating=420),
)
"""A double Gauss of 100 mm as textbooks have it, at f/6; a surface without glass on either side is the stop."""
STOP, RADIUS, HEIGHT = 5, 5.0, 24.0
"""The stop among the surfaces, its radius, and the height of the picture, millimetres."""


@dataclass(frozen=True, slots=True)
class Ghost:
    """Where a ghost lies and how large it is, for R, G and B: `place` times the source's way from the middle of the
    picture, `radius` of its iris as a share of the picture's height (below 0 upside down), `light` of the source's."""

    place: tuple[float, float, float]
    radius: tuple[float, float, float]
    light: tuple[float, float, float]


def ghosts(count: int) -> list[Ghost]:
    """The ghosts of `LENS` that are seen best, light by area, brightest first."""
    pairs = [(first, last) for last in range(len(LENS)) for first in range(last) if STOP not in (first, last)]
    found = [ghost for pair in pairs if (ghost := _ghost(*pair)) is not None]
    return sorted(found, key=lambda each: -sum(each.light) / each.radius[1] ** 2)[:count]


def _ghost(first: int, last: int) -> Ghost | None:
    """The light that is reflected at `last` and then at `first`; None where it is a veil over all the picture."""
    waves = wavelengths(24)
    shares = responses(waves)
    traced = np.array([_traced(first, last, wave) for wave in waves])
    light = (shares * traced[:, 2:]).sum(0)
    place, radius = ((shares * traced[:, i : i + 1]).sum(0) for i in range(2))
    if not 0.004 < abs(radius[1]) < 0.7:
        return None
    return Ghost(tuple(place), tuple(radius), tuple(light))


def _traced(first: int, last: int, wave: float) -> tuple[float, float, float]:
    """Place, radius and light of a ghost at a wavelength; heights and angles times index are traced."""
    glass = [1.0, *(_index(each, wave) for each in LENS)]
    ray, stops = np.eye(2), []
    legs = ((0, last, 1), (last - 1, first, -1), (first + 1, len(LENS), 1))
    for leg, (start, end, step) in enumerate(legs):
        if leg == 1:
            ray = _bent(-2 * glass[last] * _curve(last)) @ ray
            ray = _moved(LENS[last - 1].way / glass[last]) @ ray
        if leg == 2:
            ray = _bent(2 * glass[first + 1] * _curve(first)) @ ray
            ray = _moved(LENS[first].way / glass[first + 1]) @ ray
        for at in range(start, end, step):
            if at == STOP:
                stops.append(ray)
            ray = _bent((glass[at + 1] - glass[at]) * _curve(at)) @ ray
            before, behind = (at - 1, at) if step < 0 else (at, at + 1)
            ray = _moved(LENS[before].way / glass[behind]) @ ray
    stop = max(stops, key=lambda each: abs(each[0, 0]))
    (height, angle), size = ray[0], ray[0, 0] / stop[0, 0]
    place = (angle - height * stop[0, 1] / stop[0, 0]) / _focus(glass)
    light = _reflected(first, glass, wave) * _reflected(last, glass, wave)
    return place, size * RADIUS / HEIGHT, light


def _focus(glass: list[float]) -> float:
    """Millimetres on the film for a radian."""
    ray = np.eye(2)
    for at, surface in enumerate(LENS):
        ray = _moved(surface.way / glass[at + 1]) @ _bent((glass[at + 1] - glass[at]) * _curve(at)) @ ray
    return float(ray[0, 1])


def _index(surface: Surface, wave: float) -> float:
    return surface.index - (surface.index - 1) / surface.abbe * (wave - 587.6) / (656.3 - 486.1) * (surface.index > 1)


def _curve(at: int) -> float:
    return 1 / LENS[at].radius if LENS[at].radius else 0.0


def _bent(power: float) -> Array:
    return np.array([[1, 0], [-power, 1]])


def _moved(way: float) -> Array:
    return np.array([[1, way], [0, 1]])


def _reflected(at: int, glass: list[float], wave: float) -> float:
    """What a surface throws back: Fresnel's share, of which a quarter-wave coating leaves least at its wavelength."""
    bare = ((glass[at] - glass[at + 1]) / (glass[at] + glass[at + 1])) ** 2
    coating = LENS[at].coating
    return float(bare * (1 - 0.95 * np.sin(np.pi / 2 * coating / wave) ** 2) if coating else bare)
