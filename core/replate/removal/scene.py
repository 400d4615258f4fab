"""A window's frames on one canvas: in a log space, with what is hidden in each, whole and as the search sees them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from ..color import Transform, transform
from ..frame import Frame, Window
from ..nodes.base import Shots
from ..nodes.mask import mask_values
from ..picture.compositing import Light, over
from ..picture.matte import matte_of
from ..picture.motion import fetched
from ..picture.vectors import motion_vectors
from .pyramid import finite
from .views import RIM, Array, View, rimmed, shrunk

__all__ = ["FAINT", "Box", "Scene", "Scenes", "cover"]

Box = tuple[slice, slice]
LOG = "ACEScct"
FAINT = 1 / 128  # of a matte: less is noise of its file
WIDTHS = {"draft": 480, "good": 960, "best": 1920}  # pixels of the longer side in which motion is measured
_NOTHING = np.zeros((1, 1, 1), bool)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The frames of one window over `canvas`, the data window of the frame that is made.

    `views` by offset are what the search sees, of the clean plates (`clean`, likewise) instead of the plates where
    there are such. `hidden` is what is no background, H x W bool. `scale` (x, y) is the size of a view's pixel in
    pixels of the plate.
    """

    canvas: Window
    space: Transform
    frames: Mapping[int, Frame]
    hidden: Mapping[int, Array]
    views: Mapping[int, View]
    clean: Mapping[int, View]
    clean_frames: Mapping[int, Frame]

    @property
    def scale(self) -> tuple[float, float]:
        """Size of a view's pixel in pixels of the plate: x, y."""
        height, width = self.views[0].hidden.shape
        return self.canvas.width / width, self.canvas.height / height

    def around(self, offset: int, reach: int) -> Scene:
        """The scene of the frame at `offset`, with no frame farther than `reach` from it."""
        near = {each: each - offset for each in self.views if abs(each - offset) <= reach}
        return replace(
            self,
            frames={at: self.frames[each] for each, at in near.items()},
            hidden={at: self.hidden[each] for each, at in near.items()},
            views={at: self.views[each] for each, at in near.items()},
            clean={each - offset: view for each, view in self.clean.items()},
            clean_frames={each - offset: frame for each, frame in self.clean_frames.items()},
        )

    @property
    def everywhere(self) -> Box:
        """The whole canvas."""
        return slice(0, self.canvas.height), slice(0, self.canvas.width)

    def picture(self) -> Array:
        """The frame that is made, in the log space, H x W x 3; NaN where it has no light."""
        picture, known = _light(self.frames[0], self.canvas, self.space, self.everywhere)
        picture[~known] = np.nan
        return picture

    def seen(self, offset: int, places: Sequence[Array], *, clean: bool = False) -> list[Array]:
        """The frame at several `places` (h x w x 2: x, y in pixels of the canvas) in the log space, h x w x 3 each."""
        if self.scale == (1, 1):
            filled, low = (self.clean if clean else self.views)[offset].filled, np.zeros(2, np.float32)
        else:
            box = self._reached(places)
            low = np.array((box[1].start, box[0].start), np.float32)
            picture, known = _light((self.clean_frames if clean else self.frames)[offset], self.canvas, self.space, box)
            filled = rimmed(picture, known if clean else known & ~self.hidden[offset][box])
        return [fetched(filled, each - low, how=cv2.INTER_CUBIC) for each in places]

    def _reached(self, places: Sequence[Array]) -> Box:
        """The rectangle of the canvas that `places` lie in, as far as cubic interpolation sees."""
        most = np.array((self.canvas.width, self.canvas.height))
        sides = range(2)  # one by one: NumPy's extremes beside a short axis take a hundred times as long
        low = np.array([min(each[..., side].min() for each in places) for side in sides])
        high = np.array([max(each[..., side].max() for each in places) for side in sides])
        low = np.clip(np.floor(low) - RIM, 0, most - 1).astype(int)
        high = np.clip(np.ceil(high) + RIM + 1, low + 1, most).astype(int)
        return slice(low[1], high[1]), slice(low[0], high[0])

    def enlarged(self, small: Array, region: Box, whole: Box) -> Array:
        """`small`, which covers the views' `region`, over the canvas's `whole`: straight lines between its pixels."""
        rows, columns = whole
        if self.scale == (1, 1):
            top, left = region[0].start, region[1].start
            return small[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        x, y = self.scale
        (top, left), (row, column) = ((at.start + 0.5 for at in box) for box in (region, whole))
        there = np.array([[1 / x, 0, column / x - left], [0, 1 / y, row / y - top]])
        size = columns.stop - columns.start, rows.stop - rows.start
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        larger: Array = cv2.warpAffine(small, there, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
        return larger.reshape(*larger.shape[:2], -1)

    def at_full(self, places: Array) -> Array:
        """Places in a view as places on the canvas."""
        if self.scale == (1, 1):
            return places
        scaled: Array = (places + np.float32(0.5)) * np.array(self.scale, np.float32) - np.float32(0.5)
        return scaled

    def whole(self, region: Box) -> Box:
        """A region of the views in pixels of the canvas."""
        x, y = self.scale
        sides = zip(region, (y, x), (self.canvas.height, self.canvas.width), strict=True)
        rows, columns = (
            slice(int(np.floor(at.start * by)), min(side, int(np.ceil(at.stop * by)))) for at, by, side in sides
        )
        return rows, columns


class Scenes:
    """Makes scenes; remembers what is small of the frames that the next window shares, and changes nothing by it."""

    def __init__(self, *, around: bool) -> None:
        self._around = around
        self._known: OrderedDict[object, tuple[Array, View]] = OrderedDict()

    def of(self, frames: Shots, values: Mapping[str, Any], *, key: object) -> Scene:
        """The scene of a window; `key` stands for what its frames follow from beside their numbers."""
        plate = frames["plate"][0]
        canvas, space = plate.data_window, transform(plate.space, LOG)
        window = {offset: frame for offset, frame in frames["plate"].items() if _masked(frames, offset)}
        kept = {
            offset: self._remembered((key, frame.number), frames, offset, values, canvas, space)
            for offset, frame in window.items()
        }
        while len(self._known) > len(window) + 2:
            self._known.popitem(last=False)
        clean = frames.get("clean", {})
        return Scene(
            canvas=canvas,
            space=space,
            frames=window,
            hidden={offset: hidden for offset, (hidden, _) in kept.items()},
            views={offset: view for offset, (_, view) in kept.items()},
            clean={
                offset: _view(frame, _NOTHING, _NOTHING, canvas, space, values)[1] for offset, frame in clean.items()
            },
            clean_frames=clean,
        )

    def _remembered(
        self,
        name: object,
        frames: Shots,
        offset: int,
        values: Mapping[str, Any],
        canvas: Window,
        space: Transform,
    ) -> tuple[Array, View]:
        if name not in self._known:
            plate, mask = frames["plate"][offset], frames["mask"][offset]
            hole = over(cover(mask, plate, values, around=self._around), plate.data_window, canvas) > FAINT
            other = over(_excluded(frames, offset), plate.data_window, canvas) > FAINT
            hidden, view = _view(plate, hole, other, canvas, space, values)
            if offset in frames.get("vectors", {}):
                view = replace(view, vectors=_vectors(frames["vectors"][offset], canvas, view))
            self._known[name] = hidden, view
        self._known.move_to_end(name)
        return self._known[name]


def cover(mask: Frame, plate: Frame, values: Mapping[str, Any], *, around: bool) -> Array:
    """The mask over the plate's data window, H x W x 1 in 0..1, grown and feathered."""
    return matte_of(mask, plate, **mask_values(values), around=around)


def _masked(frames: Shots, offset: int) -> bool:
    """Whether it is known what is to be removed from a frame: else all of it might be."""
    return offset in frames["mask"]


def _excluded(frames: Shots, offset: int) -> Array:
    """The matte of what is no background, though it stays, H x W x 1."""
    plate = frames["plate"][offset]
    if offset in frames.get("exclude", {}):
        return matte_of(frames["exclude"][offset], plate)
    return np.broadcast_to(np.float32(0), (*plate.pixels.shape[:2], 1))


def _view(
    frame: Frame, hole: Array, other: Array, canvas: Window, space: Transform, values: Mapping[str, Any]
) -> tuple[Array, View]:
    """What is hidden in a frame, H x W bool, and the frame as the search sees it; `hole` and `other` H x W x 1 bool."""
    picture, known = _light(frame, canvas, space, (slice(0, canvas.height), slice(0, canvas.width)))
    hidden = ~known | (hole | other)[..., 0]
    scale = min(1.0, WIDTHS[values["quality"]] / max(canvas.width, canvas.height))
    small, holed = (shrunk(each.astype(np.float32), scale)[..., 0] > 0 for each in (hidden[..., None], hole))
    return hidden, View(number=frame.number, picture=shrunk(picture, scale), hidden=small, hole=holed)


def _vectors(frame: Frame, canvas: Window, view: View) -> dict[int, Array]:
    """The motion vectors of a frame for its view: at its size, and in its pixels."""
    height, width = view.hidden.shape
    share = np.array((width / canvas.width, height / canvas.height), np.float32)
    return {
        way: cv2.resize(motion, (width, height), interpolation=cv2.INTER_AREA) * share
        for way, motion in motion_vectors(frame, canvas).items()
    }


def _light(frame: Frame, canvas: Window, space: Transform, box: Box) -> tuple[Array, Array]:
    """A box of the canvas in the log space, h x w x 3, and where the frame has light there: h x w bool."""
    rows, columns = box
    there = Window(
        canvas.x + columns.start, canvas.y + rows.start, columns.stop - columns.start, rows.stop - rows.start
    )
    rgb = over(Light.of(frame).rgb, frame.data_window, there, outside=np.nan)
    known = finite(rgb)
    return space.forward(np.where(known[..., None], rgb, np.float32(0))), known
