"""The work of the Effect node with a generator of the family "field": from an emitter's mattes to a burning plate."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import astuple, replace
from typing import Any

import numpy as np

from ..frame import Frame, Window
from ..nodes.base import Engine, Shots
from ..nodes.mask import mask_values
from ..picture import panorama
from ..picture.compositing import Array, over, seen_through
from ..picture.layers import find_pictures
from ..picture.matte import matte_of
from ..picture.smaller import factor_of, scaled
from .billows import billowing
from .emitter import Emitter
from .field import burning, field
from .lattice import Lattice
from .laying import LAYERS, Burnt, laid, with_layers
from .light import Element, Light, lit
from .motion import Motion
from .refining import fine, planes, refined

__all__ = ["Burner"]

_KEPT = 512  # small mattes


class Burner:
    """Makes fire and smoke. Remembers emitters' mattes, made small, which saves time and changes nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._mattes: OrderedDict[object, Array] = OrderedDict()

    def burn(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """`frames["plate"][0]` under what burns in it, over its data and display window."""
        plate, layers = frames["plate"][0], any(values[name] for name in LAYERS)
        whole = self._whole(plate)
        burnt = self._burnt(frames, whole, values) if values["mix"] or layers else None
        if burnt is not None and "holdout" in frames:
            burnt = replace(burnt, element=_behind(burnt, frames["holdout"][0], whole, values))
        if burnt is not None and values["mix"]:
            whole = laid(whole, burnt, values)
        elif not layers:
            return plate
        return with_layers(whole, burnt, values)

    def _whole(self, plate: Frame) -> Frame:
        """The plate with room for all that can burn in it."""
        if self.engine.around:
            return panorama.whole(plate)
        return seen_through(plate, plate.data_window.unite(plate.display_window))

    def _burnt(self, frames: Shots, whole: Frame, values: Mapping[str, Any]) -> Burnt | None:
        """What burns, where anything does."""
        around = whole.display_window.width if self.engine.around else 0
        motion, canvas = Motion.of(values, whole.number, around=around, view=whole.view), _counted(whole)
        emitter = self._emitter(frames, whole, values, motion)
        part = burning(emitter, motion, Lattice.over(canvas, (motion.across, motion.size), around=around))
        if part is None:
            return None
        coarse, grid = field(emitter, motion, part), fine(part)
        made = [refined(self.engine, shown, grid, values) for shown in planes(coarse, motion)]
        window = grid.window if around else grid.window.intersect(canvas)
        fumes = billowing(np.dstack([each[..., 1] for each in made]), coarse, motion, values["billow"])
        heat = grid.picture(np.dstack([each[..., 0] for each in made]), window)
        smoke = grid.picture(fumes, window)
        ways = part.picture(np.dstack([coarse.forward, coarse.backward]), window)
        element = lit(np.maximum(heat, 0), np.maximum(smoke, 0), Light.of(values))
        burnt = Burnt(element, ways, _moved(window, whole.display_window))
        return burnt.around(whole.data_window) if around else burnt

    def _emitter(self, frames: Shots, whole: Frame, values: Mapping[str, Any], motion: Motion) -> Emitter:
        """The mattes of the window; where the shot has none yet, what `start` says."""
        masks, mattes = frames["mask"], list[Array]()
        for back in range(motion.seen):
            if values["start"] == "igniting" and -back < min(masks):
                break
            held = min(offset for offset in masks if offset >= -back)
            mattes.append(self._matte(masks[held], whole, values))
        around, factor = whole.display_window.width if self.engine.around else 0, factor_of(masks[0])
        x, y, width, height = (factor * each for each in astuple(scaled(whole, factor)[0]))
        if not _of_view(masks[0], whole.view):
            x -= round(motion.shift)
        return Emitter(mattes, Window(x, y, width, height), softness=motion.softness, around=around)

    def _matte(self, mask: Frame, whole: Frame, values: Mapping[str, Any]) -> Array:
        """A mask's matte over the canvas, h x w, in pixels of the mask's, which was made smaller."""
        factor, shape = factor_of(mask), mask_values(values)
        shape |= {name: shape[name] / factor for name in ("grow", "feather")}
        data, display = scaled(whole, factor)
        key = mask.number, mask.view, whole.view, data, display, *shape.values()
        if key not in self._mattes:
            nothing = np.zeros((data.height, data.width, 0), np.float32)
            canvas = Frame(pixels=nothing, channels=(), data_window=data, display_window=display, view=whole.view)
            self._mattes[key] = matte_of(mask, canvas, **shape, around=self.engine.around)[..., 0]
        self._mattes.move_to_end(key)
        while len(self._mattes) > _KEPT:
            self._mattes.popitem(last=False)
        return self._mattes[key]


def _of_view(mask: Frame, view: str) -> bool:
    """Whether a mask was drawn for this eye."""
    return view in (mask.view, *(picture.view for picture in find_pictures(mask.parts)))


def _behind(burnt: Burnt, holdout: Frame, whole: Frame, values: Mapping[str, Any]) -> Element:
    """The element as much as a holdout leaves of it."""
    how = {name: values[f"holdout.{name}"] for name in ("channel", "invert")}
    keep = 1 - over(matte_of(holdout, whole, **how), whole.data_window, burnt.window)
    element = burnt.element
    seen = {name: getattr(element, name) * keep for name in ("emission", "scatter", "alpha")}
    return replace(element, **seen)


def _moved(window: Window, by: Window) -> Window:
    return Window(window.x + by.x, window.y + by.y, window.width, window.height)


def _counted(frame: Frame) -> Window:
    """A frame's data window, counted from the corner of its display window."""
    data, display = frame.data_window, frame.display_window
    return Window(data.x - display.x, data.y - display.y, data.width, data.height)
