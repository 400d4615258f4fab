"""Light.

The node Effect with the generator `light` against exact optics, in float64: glow and halation convolved by FFT over the
whole picture, the star by diffraction at an iris over 48 wavelengths, shafts marched in half pixels. "Error" is the sum
of differences over the sum of light, for a picture of forty lights of any brightness; of a star that of the light in
its rays, octave by octave from three to a hundred lobes away. To hold: at most 10 %. "Linear" is the greatest relative
difference between a picture 1000 times as bright and the result made 1000 times as bright, where light is above 1e-4;
at most 0.1 %. "Steady" moves a point by eighths of a pixel over four pixels: the greatest total light over the least;
at most 1.02. "Tiles" compares tiles of 256 with one piece: the network sees all of the picture, so bit-equal. "Seconds"
are CPU time for a 1080p frame in the node (wall time in brackets, on a machine with other work), beside those of the
exact convolution alone; to hold: at most 2.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from common import HD, Picture, Table, clock, holds, show

from replate.effects.optics.shafts import Shafts, shafts
from replate.frame import Frame
from replate.generator import Generator
from replate.nodes import Engine
from replate.nodes.effect_light import LightEffect
from replate.params import resolve
from replate_training.optics.aperture import Iris
from replate_training.optics.shafts import marched
from replate_training.optics.spread import Profile, glow, halation, spread
from replate_training.optics.star import star

ERROR, LINEAR, STEADY, SECONDS = 0.1, 1e-3, 1.02, 2.0
SMALL = (180, 320)
NONE = {f"{part}.amount": 0.0 for part in ("glow", "halation", "star", "shafts", "ghosts", "dirt")}
ALL = NONE | {"glow.amount": 0.1, "halation.amount": 0.05, "star.amount": 0.05}
TIMED: Mapping[str, Mapping[str, float]] = {
    "as it comes": {},
    "glow and halation": ALL | {"star.amount": 0.0},
    "star": NONE | {"star.amount": 0.1},
    "shafts": NONE | {"shafts.amount": 0.1},
    "ghosts": NONE | {"ghosts.amount": 0.1},
}


def measure(options: argparse.Namespace) -> Table:
    """A row for each figure."""
    lamp = Lamp(options.threads)
    rows = [*_errors(lamp), *_truths(lamp), *_seconds(lamp)]
    return Table(("what", "figure", "exact", "holds"), rows)


class Lamp:
    """The node, with parameters by name."""

    def __init__(self, threads: int) -> None:
        self.generator = Generator.load("light", device="cpu", threads=threads or None)

    def added(self, plate: Picture, tile: str = "auto", **look: Any) -> Picture:
        """The light that is added, H x W x 3."""
        values = resolve(LightEffect.params, {"threshold": 0.0, "limit": 0.0, "layer.light": True} | look, 1)
        node = LightEffect(Engine(generator=self.generator, tile=tile))
        made = node.process({"plate": {0: Frame.of(plate, space="ACEScg", number=1)}}, values)
        light: Picture = made.pixels[..., [made.channels.index(f"replate.light.{name}") for name in "RGB"]]
        return light


def lights(size: tuple[int, int], count: int = 40) -> Picture:
    """Small lights over eight stops on black."""
    random, plate = np.random.default_rng(3), np.zeros((*size, 3), np.float32)
    for _ in range(count):
        y, x, side = random.integers(size[0]), random.integers(size[1]), random.integers(1, 5)
        plate[y : y + side, x : x + side] = 2 ** random.uniform(0, 8) * random.uniform(0.2, 1, 3)
    return plate


def _errors(lamp: Lamp) -> Iterator[list[str]]:
    plate, tints = lights(SMALL), np.array([1.0, 0.25, 0.04])
    for size, falloff in ((3.0, 3.0), (20.0, 2.5)):
        exact = 0.1 * _convolved(plate, glow(falloff), size)
        look = NONE | {"glow.amount": 0.1, "glow.size": size, "glow.falloff": falloff}
        yield _error(f"glow of {size:g} px, falloff {falloff:g}", lamp.added(plate, scale=0.5, **_doubled(look)), exact)
    for size in (5.0, 20.0):
        exact = 0.1 * _convolved(plate, halation(), size) * tints
        look = NONE | {"halation.amount": 0.1, "halation.size": size}
        yield _error(f"halation of {size:g} px", lamp.added(plate, scale=0.5, **_doubled(look)), exact)
    yield _error("rays of a star", *_rays(lamp))
    thrown = shafts(plate, Shafts(x=200, y=60, amount=(1, 1, 1), length=300))
    yield _error("shafts", thrown, marched(plate.astype(float), x=200, y=60, length=300))


def _doubled(look: Mapping[str, float]) -> dict[str, float]:
    """Sizes for `scale` 0.5, at which the node works on the pixels of the plate themselves."""
    return {name: 2 * value if name.endswith(".size") else value for name, value in look.items()}


def _error(what: str, made: Picture, exact: Picture) -> list[str]:
    error = float(abs(made - exact).sum() / exact.sum())
    return [f"error: {what}", f"{error:.1%}", "", holds(error <= ERROR)]


def _convolved(plate: Picture, profile: Profile, size: float) -> Picture:
    """The plate spread by a profile, by FFT, dark beyond its borders."""
    height, width = plate.shape[:2]
    y, x = (np.fft.fftfreq(2 * side, 1 / (2 * side)) for side in (height, width))
    kernel = np.fft.rfft2(spread(profile, *np.meshgrid(x, y), size))
    spectra = np.fft.rfft2(plate.astype(np.float64), (2 * height, 2 * width), axes=(0, 1)) * kernel[..., None]
    spread_out: Picture = np.fft.irfft2(spectra, (2 * height, 2 * width), axes=(0, 1))[:height, :width]
    return spread_out


def _rays(lamp: Lamp, lobe: float = 2.0, side: int = 601) -> tuple[Picture, Picture]:
    """Green light in one ray of a six-bladed star by octaves of distance: as the node makes it, and exact."""
    plate = np.zeros((side, side, 3), np.float32)
    plate[side // 2, side // 2] = 1000
    look = NONE | {"star.amount": 1.0, "star.size": 2 * lobe, "star.angle": 0.0}
    pictures = lamp.added(plate, scale=0.5, **look) / 1000, star(Iris(blades=6, angle=30), side=side, lobe=lobe)
    y, x = np.mgrid[:side, :side] - side // 2
    near, away = abs(np.arctan2(y, x)) < np.radians(15), np.hypot(x, y) / lobe
    octaves = [near & (away >= low) & (away < 2 * low) for low in (3, 6, 12, 24, 48)]
    made, exact = (np.array([picture[..., 1][each].sum() for each in octaves]) for picture in pictures)
    return made, exact


def _truths(lamp: Lamp) -> Iterator[list[str]]:
    plate = lights(SMALL)
    once, more = lamp.added(plate, **ALL), lamp.added(1000 * plate, **ALL)
    seen = once > 1e-4
    error = float((abs(more[seen] / 1000 - once[seen]) / once[seen]).max())
    yield ["linear: 1000 times as bright", f"{error:.1e}", "", holds(error <= LINEAR)]
    sums = [float(lamp.added(_moved(step / 8), **ALL).sum()) for step in range(33)]
    steady = max(sums) / min(sums)
    yield ["steady: a point in motion", f"{steady:.4f}", "", holds(steady <= STEADY)]
    same = np.array_equal(once, lamp.added(plate, tile="256", **ALL))
    yield ["tiles", "bit-equal" if same else "differs", "", holds(same)]


def _moved(by: float) -> Picture:
    """A point so many pixels to the right of one's middle, shared by two pixels."""
    plate, whole = np.zeros((*SMALL, 3), np.float32), int(by)
    plate[90, 160 + whole : 162 + whole] = 100 * np.array([1 - by + whole, by - whole])[:, None]
    return plate


def _seconds(lamp: Lamp) -> Iterator[list[str]]:
    plate = lights(HD, 400)
    with clock() as exact:
        _convolved(plate, glow(3.0), 5.0)
    for name, look in TIMED.items():
        given = {"threshold": 0.6} | look
        lamp.added(plate, **given)
        with clock() as lap:
            lamp.added(plate, **given)
        beside = f"{exact.cpu:.2f} s ({exact.wall:.2f})" if name == "glow and halation" else ""
        yield [f"seconds: {name}", f"{lap.cpu:.2f} s ({lap.wall:.2f})", beside, holds(lap.cpu <= SECONDS)]


if __name__ == "__main__":
    show(measure)
