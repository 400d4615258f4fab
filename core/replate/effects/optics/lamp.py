"""The work of the Effect node with a generator of the family "light": from a plate to the same with light added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...frame import Frame, Window
from ...nodes.base import Engine, Shots
from ...nodes.mask import mask_values
from ...picture.compositing import Array, seen_through
from ...picture.linear import Layer, layer_of, put_back
from ...picture.matte import matte_of
from .dirt import dirt
from .ghosts import Flare, flare
from .lens import Round, Star, spread
from .lights import LUMINANCE, lights
from .shafts import Shafts, shafts
from .smaller import Smaller, halvings

__all__ = ["Lamp"]

_FAINT = 1e-6  # light below this, 20 stops below white, is none
_VEIL = 2.4  # falloff of the light that falls on a lens
_CAUGHT = 100.0  # times the light that falls on dirt, seen at an amount of 1: dirt is far nearer to its light than film


class Lamp:
    """Adds light to plates."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def shine(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """`frames["plate"][0]` with what its lights give, over its data and display window."""
        plate = frames["plate"][0]
        if not (values["mix"] or values["layer.light"]):
            return plate
        whole = seen_through(plate, plate.data_window.unite(plate.display_window))
        below = layer_of(whole, whole.data_window)
        added = self._added(self._lights(frames, whole, below.rgb, values), whole, values)
        light = np.float32(values["mix"]) * added
        with np.errstate(invalid="ignore", over="ignore"):  # of pixels that are not finite, which stay as they are
            made = Layer(below.rgb + light, _alpha(below.alpha, light) if values["alpha"] else below.alpha)
        layers = {}
        if values["layer.light"]:
            layers = {f"replate.light.{name}": added[..., at, None] for at, name in enumerate("RGB")}
        touched = np.asarray(light.any(axis=-1, keepdims=True))
        return put_back(whole, made, touched, layers, window=whole.data_window)

    def _lights(self, frames: Shots, whole: Frame, rgb: Array, values: Mapping[str, Any]) -> Array:
        """What shines, H x W x 3, linear ACEScg."""
        shown = None
        if "mask" in frames:
            shown = matte_of(frames["mask"][0], whole, **mask_values(values), around=self.engine.around)
        own = np.float32(values["mask.light"]) * shown if shown is not None and values["mask.light"] else None
        if "holdout" in frames:
            how = {name: values[f"holdout.{name}"] for name in ("channel", "invert")}
            keep = 1 - matte_of(frames["holdout"][0], whole, **how)
            shown, own = keep if shown is None else shown * keep, None if own is None else own * keep
        bounds = {name: values[name] for name in ("threshold", "knee", "limit")}
        found = lights(rgb, **bounds, shown=shown) * np.float32(values["gain"])
        return found if own is None else found + own

    def _added(self, found: Array, whole: Frame, values: Mapping[str, Any]) -> Array:
        """What lens, film and air add, H x W x 3; exactly 0 where it could not be seen."""
        if not found.any():
            return np.zeros_like(found)
        turn = found.shape[1] // 2 if self.engine.around else 0
        wide = np.pad(found, ((0, 0), (turn, turn), (0, 0)), mode="wrap") if turn else found
        bench = _Bench.of(whole, wide.shape, turn, values)
        small = bench.grid.reduce(wide)
        made = spread(small, self.engine.generator.compute, **bench.lens())
        made += shafts(small, bench.shafts())
        if not self.engine.around:  # a panorama is no picture of one lens
            made += flare(small, bench.flare())
        if values["dirt.amount"]:
            made += self._dirt(small, bench)
        added = bench.grid.enlarge(made)[:, turn : turn + found.shape[1]]
        return np.where(added > _FAINT, added, 0).astype(np.float32)

    def _dirt(self, small: Array, bench: _Bench) -> Array:
        """What dirt on the lens catches of the light that falls there."""
        veil = spread(small, self.engine.generator.compute, **bench.veil())
        left, top = bench.place(0, 0)
        specks = dirt(small.shape[1], small.shape[0], left=left, top=top, tall=bench.tall, seed=bench.values["seed"])
        caught: Array = np.float32(_CAUGHT) * veil * specks
        return caught


@dataclass(frozen=True, slots=True)
class _Bench:
    """The small picture on which light is computed, and all lengths counted in its pixels.

    `display` is the display window, counted from the first pixel of the large picture.
    """

    values: Mapping[str, Any]
    grid: Smaller
    display: Window
    time: float

    @classmethod
    def of(cls, whole: Frame, shape: tuple[int, ...], turn: int, values: Mapping[str, Any]) -> _Bench:
        data, display = whole.data_window, whole.display_window
        times = halvings(values["scale"])
        step = 2**times
        grid = Smaller(shape[0], shape[1], times, (data.x - display.x - turn) % step, (data.y - display.y) % step)
        seen = Window(display.x - data.x + turn, display.y - data.y, display.width, display.height)
        return cls(values, grid, seen, (whole.number + values["offset"]) * values["shafts.speed"])

    def place(self, across: float, down: float) -> tuple[float, float]:
        """A place in the display window, in shares of its width and height."""
        display = self.display
        return self.grid.place(display.x + across * display.width - 0.5, display.y + down * display.height - 0.5)

    @property
    def tall(self) -> float:
        """The display window's height."""
        return self.display.height / self.grid.step

    def _length(self, name: str) -> float:
        return float(self.values[name] * self.values["scale"] / self.grid.step)

    def _amount(self, name: str) -> tuple[float, float, float]:
        tints = (self.values.get(f"{name}.{colour}", 1.0) for colour in ("red", "green", "blue"))
        red, green, blue = (float(self.values[f"{name}.amount"] * tint) for tint in tints)
        return red, green, blue

    def lens(self) -> dict[str, Any]:
        """What glows, what makes halation and stars, as `spread` takes them."""
        values = self.values
        glow = Round(size=self._length("glow.size"), amount=self._amount("glow"), falloff=float(values["glow.falloff"]))
        star = Star(
            size=self._length("star.size"),
            amount=self._amount("star"),
            blades=values["star.blades"],
            angle=values["star.angle"],
            dispersion=values["star.dispersion"],
        )
        return {"glow": glow, "halation": self._ring(self._amount("halation")), "stars": [star]}

    def veil(self) -> dict[str, Any]:
        """Light that falls on the lens, likewise."""
        glow = Round(size=self._length("dirt.size"), amount=self._amount("dirt"), falloff=_VEIL)
        return {"glow": glow, "halation": self._ring((0.0, 0.0, 0.0)), "stars": []}

    def _ring(self, amount: tuple[float, float, float]) -> Round:
        return Round(size=self._length("halation.size"), amount=amount)

    def shafts(self) -> Shafts:
        """The shafts, from their source."""
        values, (left, top) = self.values, self.place(0, 0)
        x, y = self.place(values["shafts.x"], values["shafts.y"])
        return Shafts(
            x=x,
            y=y,
            amount=self._amount("shafts"),
            length=self._length("shafts.length"),
            dust=values["shafts.dust"],
            size=self._length("shafts.haze"),
            left=left,
            top=top,
            time=self.time,
            seed=values["seed"],
        )

    def flare(self) -> Flare:
        """The ghosts, with the iris of the star."""
        values = self.values
        return Flare(
            amount=self._amount("ghosts"),
            middle=self.place(0.5, 0.5),
            height=self.tall,
            count=values["ghosts.count"],
            size=values["ghosts.size"],
            dispersion=values["ghosts.dispersion"],
            blades=values["star.blades"],
            angle=values["star.angle"],
        )


def _alpha(alpha: Array, light: Array) -> Array:
    """The alpha, as much higher as the light would hide of what lies below."""
    risen: Array = alpha + np.minimum(light @ LUMINANCE[:, None], 1) * (1 - alpha)
    return risen
