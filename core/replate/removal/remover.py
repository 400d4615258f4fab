"""The work of the Removal node: what was found, what is invented, and both made to belong to the plate."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..frame import Frame
from ..memory import hold_room_for_matrices
from ..news.once import Once
from ..nodes.base import Engine, Shots
from ..nodes.mask import BLACK_MASK
from ..picture import panorama
from ..picture.compositing import Light, seen_through
from .anchors import Anchors
from .aovs import filled_aovs
from .assembly import Assembled
from .background import Background
from .fitting import fitted, grain_of
from .grain import Grain
from .invention import Drawing, drawn
from .scene import FAINT, Scene, Scenes, cover
from .tempering import tempered
from .views import Array

__all__ = ["Remover"]

log = logging.getLogger(__name__)

CERTAIN = 0.02  # spread in ACEScct at which what frames tell is believed by 1/e
# Parameters that change nothing in the search.
_SHOWN = ("mix", "steady", "invent", "blend", "level", "grain.", "aovs", "layer.", "confidence")


@dataclass(frozen=True, kw_only=True)
class _Fill:
    """What goes into a hole: `picture` H x W x 3 in the log space, NaN where nothing is known around the hole.

    `kept` is the share of grain in it, `sure` how far it is to be believed, H x W x 1 each.
    """

    picture: Array
    kept: Array
    sure: Array


class _Eye:
    """What looks at the frames of one view, and remembers them."""

    def __init__(self, engine: Engine, voters: int) -> None:
        self.scenes = Scenes(around=engine.around)
        self.background = Background(voters)
        self.anchors = Anchors(engine, self.background)


class Remover:
    """Fills holes of frames. Remembers views and tracks of frames, which saves time and changes nothing."""

    def __init__(self, engine: Engine, *, voters: int) -> None:
        """`voters` frames before and after one, a step apart, have a vote on what was found for it."""
        self.engine, self._voters = engine, voters
        hold_room_for_matrices(in_opencv=True)
        self._tell = Once(log)
        self._eyes = dict[str, _Eye]()

    def remove(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """`frames["plate"][0]` without what the mask covers."""
        if not self.engine.around:
            return self._removed(frames, values)
        window = frames["plate"][0].data_window
        frames = {name: {at: panorama.whole(each) for at, each in shots.items()} for name, shots in frames.items()}
        turn = _farthest(cover(frames["mask"][0], frames["plate"][0], values, around=True))
        turned = {name: {at: _turned(each, turn) for at, each in shots.items()} for name, shots in frames.items()}
        return seen_through(_turned(self._removed(turned, values, turn=turn), -turn), window)

    def _removed(self, frames: Shots, values: Mapping[str, Any], *, turn: int = 0) -> Frame:
        plate, light = frames["plate"][0], Light.of(frames["plate"][0])
        hole = (cover(frames["mask"][0], plate, values, around=self.engine.around) > FAINT).astype(np.float32)
        if not hole.any():
            self._tell(plate, BLACK_MASK)
            return light.put_back(plate, light.rgb, _layers(values, light.rgb, hole, hole, 1 - hole))
        key = plate.data_window, turn, repr(sorted(each for each in values.items() if _searched(each[0])))
        eye = self._eyes.setdefault(plate.view, _Eye(self.engine, self._voters))
        scene = eye.scenes.of(frames, values, key=key)
        picture = scene.picture()
        found = eye.background.of(scene, picture, hole, values, key=key)
        grain = grain_of(picture, hole, found)
        unknown = hole * (1 - found.known)
        if unknown.all():
            self._tell(plate, "the mask covers all of the plate and no other frame shows it: all is made up")
        carried = eye.anchors.carried(scene, values, key=key) if unknown.any() else None
        fill = _fill(self.engine, scene, picture, hole, found, carried, grain, values)
        weight, filled = fitted(
            picture,
            fill.picture,
            hole,
            fill.kept,
            grain,
            values,
            canvas=scene.canvas,
            display=plate.display_window,
            frame=plate.number,
        )
        clean = np.where(weight > 0, scene.space.inverse(filled), light.rgb)
        layers = _layers(values, clean, hole * found.known, found.offset, fill.sure)
        plate = filled_aovs(plate, hole) if values["aovs"] == "fill" and values["mix"] else plate
        return light.put_back(plate, _mixed(light.rgb, clean, values["mix"]), layers)


def _turned(frame: Frame, turn: int) -> Frame:
    """A panorama whose columns begin `turn` pixels farther to the right."""
    return frame.with_pixels(np.roll(frame.pixels, -turn, axis=1))


def _farthest(matte: Array) -> int:
    """The column of a panorama that is farthest from what the mask covers, to a sixteenth of the width."""
    width: int = matte.shape[1]
    covered = (matte[..., 0] > FAINT).any(axis=0)
    columns = [width * part // 16 for part in range(16)]
    return max(columns, key=lambda column: _free(np.roll(covered, -column)))


def _free(covered: Array) -> int:
    """Columns at either end in which nothing is covered: the smaller of both numbers."""
    found = np.flatnonzero(covered)
    return min(int(found[0]), len(covered) - 1 - int(found[-1])) if found.size else len(covered)


def _mixed(plate: Array, clean: Array, mix: float) -> Array:
    """The clean plate over the plate; where the plate holds no number, it alone."""
    if mix in (0, 1):
        return clean if mix else plate
    with np.errstate(invalid="ignore"):
        rgb = plate + np.float32(mix) * (clean - plate)
    return np.where(np.isfinite(plate) & (clean != plate), rgb, clean)


def _searched(name: str) -> bool:
    return not name.startswith(_SHOWN)


def _fill(
    engine: Engine,
    scene: Scene,
    picture: Array,
    hole: Array,
    found: Assembled,
    carried: Drawing | None,
    grain: Grain,
    values: Mapping[str, Any],
) -> _Fill:
    """What was found; where nothing was, what anchors have `carried` here; where they have nothing, what is drawn."""
    unknown = hole * (1 - found.known)
    holed = np.where((hole > 0) & (found.known > 0), found.picture, picture)
    drawing = drawn(engine, scene, holed, unknown, values, carried=carried)
    made = drawing.picture
    if values["invent"] and unknown.any():
        made = tempered(made, drawing.smooth, unknown, grain, np.where(hole > 0, found.kept, np.float32(1)))
    inside = np.where(found.known > 0, found.picture, made)
    believed = np.exp(-found.spread / CERTAIN)
    return _Fill(
        picture=np.where((hole > 0) | (found.known > 0), inside, np.float32(np.nan)),
        kept=found.known * found.kept,
        sure=np.where((hole > 0) & (found.known > 0), believed, drawing.sure),
    )


def _layers(values: Mapping[str, Any], clean: Array, share: Array, offset: Array, sure: Array) -> dict[str, Array]:
    """The layers that were asked for, H x W x 1 each."""
    layers = dict[str, Array]()
    if values["layer.clean"]:
        layers |= {f"replate.clean.{name}": clean[..., at, None] for at, name in enumerate("RGB")}
    if values["layer.found"]:
        layers |= {"replate.found.share": share, "replate.found.offset": share * offset}
    if values["confidence"]:
        layers["replate.confidence"] = sure
    return layers
