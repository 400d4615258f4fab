"""The value of a property at any frame, from its F-curve.

In a handler of a render, properties still hold what they held at the frame before. So nobody reads them there.
"""

from __future__ import annotations

from typing import Any

from bpy_extras import anim_utils

from ..errors import ServiceError
from ..host.declared import Knob, Value
from ..host.jobs import shortest

__all__ = ["curves", "value"]


def curves(owner: Any) -> dict[str, Any]:
    """The F-curves of an ID by data path, in the slot that it uses."""
    animation = owner.animation_data
    if not animation or not animation.action:
        return {}
    channels = anim_utils.action_get_channelbag_for_slot(animation.action, animation.action_slot)
    return {curve.data_path: curve for curve in channels.fcurves} if channels else {}


def value(settings: Any, knob: Knob, frame: float) -> Value:
    """What a knob is at a frame. Raises ServiceError where a driver or an NLA strip moves it: they know no other frame
    than the current one."""
    path, owner = settings.path_from_id(knob.identifier), settings.id_data
    _refuse(owner, path, knob)
    curve = curves(owner).get(path)
    if curve is None or curve.mute:
        found: Any = getattr(settings, knob.identifier)
        return shortest(found) if knob.kind == "float" else found
    return _within(knob, curve.evaluate(frame))


def _within(knob: Knob, number: float) -> Value:
    """As Blender sets an animated property: whole numbers and switches by its rules, limits kept."""
    if knob.kind == "bool":
        return number > 0
    low = knob.minimum if knob.minimum is not None else number
    high = knob.maximum if knob.maximum is not None else number
    kept = min(max(number, low), high)
    return int(kept) if knob.kind == "int" else shortest(kept)


def _refuse(owner: Any, path: str, knob: Knob) -> None:
    animation = owner.animation_data
    driven = animation and any(driver.data_path == path for driver in animation.drivers)
    if driven or (animation and animation.use_nla and len(animation.nla_tracks)):
        what = "a driver" if driven else "NLA strips"
        raise ServiceError(
            f"'{knob.title}' is moved by {what}, of which only the current frame is known; bake it to keyframes",
            exit_code=2,
            parameter=knob.name,
        )
