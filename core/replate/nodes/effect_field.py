"""Effect of the family "field": fire and smoke from an emitter."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import UsageError
from ..params import Curve, Param, Setting, resolve
from .base import Input, Shots
from .effect import HOLDOUT, HOLDOUT_PARAMS, PLATE, Effect
from .effect_look import LOOK_PARAMS
from .effect_motion import MOTION_PARAMS
from .layer import layer
from .mask import MASK

if TYPE_CHECKING:
    from ..card import Card
    from ..effects.burner import Burner
    from ..frame import Frame

__all__ = ["FieldEffect"]

_MANY = 250  # mattes a frame that nobody need hear of

OUTPUT_PARAMS: tuple[Param, ...] = (
    layer(
        "layer.element",
        "Add the layers replate.element, multiplied by its alpha, and replate.emission, for a comp of your own.",
    ),
    layer(
        "layer.data",
        "Add replate.density, the optical depth of smoke, and replate.temperature of the flames in kelvin.",
    ),
    layer("layer.motion", "Add replate.forward and replate.backward: the element's motion vectors, as Nuke has them."),
)


class FieldEffect(Effect):
    """Fire and smoke that rise from a matte, any frame by itself."""

    title: ClassVar[str] = "Effect: fire and smoke"
    help: ClassVar[str] = "Let fire or smoke rise from an emitter, in scene-linear light, over the plate or nothing."
    family: ClassVar[str] = "field"
    inputs: ClassVar[tuple[Input, ...]] = (
        PLATE,
        replace(MASK, help="the emitter: a matte, drawn or animated, of where it burns", required=True, window=True),
        HOLDOUT,
    )
    params: ClassVar[tuple[Param, ...]] = (
        *Effect.params,
        *LOOK_PARAMS,
        *MOTION_PARAMS,
        *HOLDOUT_PARAMS,
        *OUTPUT_PARAMS,
    )

    @classmethod
    def offsets(cls, settings: Mapping[str, Setting]) -> tuple[int, ...]:
        """As many frames back as anything that burnt then can still be seen."""
        return tuple(range(1 - _seen(settings), 1))

    @classmethod
    def values(cls, params: Sequence[Param], settings: Mapping[str, Setting], frame: int) -> dict[str, Any]:
        """What the air has been through comes with them where it changed on the way: `effects.course`."""
        from ..effects.course import KEYED, course_of

        values = resolve(params, settings, frame)
        if any(isinstance(settings[name], Curve) for name in KEYED):
            values["course"] = course_of(settings, frame, before=_seen(settings))
        return values

    @classmethod
    def held(cls, name: str, frame: Frame, settings: Mapping[str, Setting]) -> Frame:
        """An emitter's matte is as small as the field's samples are far apart: there are many of them."""
        from ..effects.lattice import SAMPLES
        from ..picture.smaller import smaller

        apart = _ends(settings["size"])[0] * float(settings["scale"]) / SAMPLES  # type: ignore[arg-type]  # not keyable
        factor = 1 << max(0, int(math.log2(apart)))  # a power of 2 divides the width of panoramas
        return smaller(frame, factor, channel=str(settings["mask.channel"])) if name == "mask" else frame

    @classmethod
    def check(cls, inputs: Collection[str], settings: Mapping[str, Setting]) -> None:
        """What moves otherwise at its end than at its start makes no loop."""
        from ..effects.course import KEYED

        keyed = [name for name in KEYED if isinstance(settings.get(name), Curve)]
        if settings.get("loop") and keyed:
            raise UsageError(f"a loop needs the same {keyed[0]} all the time; take its keyframes out", parameter="loop")

    @classmethod
    def notes(cls, card: Card, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """A long memory is paid for by reading."""
        seen = _seen(settings)
        if seen <= _MANY:
            return ()
        return (f"the mattes of {seen} frames are read for one frame: life, linger and speed reach so far back",)

    @cached_property
    def _burner(self) -> Burner:
        from ..effects.burner import Burner

        return Burner(self.engine)

    def process(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """Lay what burns over `frames["plate"][0]`."""
        return self._burner.burn(frames, values)


def _seen(settings: Mapping[str, Setting]) -> int:
    """Frames that can be seen in one, at most; a keyed parameter is at its slowest."""
    from ..effects.motion import frames_seen

    ends = {name: _ends(settings[name]) for name in ("life", "linger", "speed")}
    return frames_seen(ends["life"][1], ends["linger"][1], ends["speed"][0])


def _ends(setting: Setting) -> tuple[float, float]:
    """The least and the greatest value of a setting over all frames."""
    values = [value for _, value in setting.keys] if isinstance(setting, Curve) else [float(setting)]
    return min(values), max(values)
