"""How the viewer shows plate and result. None of it shows in what is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["CHANNELS", "COMPARE", "OVERLAYS", "SHARES", "View", "share_for"]

COMPARE = ("result", "plate", "wipe", "difference")
CHANNELS = ("RGB", "R", "G", "B", "A", "L")
SHARES = (1.0, 0.5, 1 / 3, 0.25, 1 / 6, 0.125)
"""Of a plate's width, at which proxies are made."""
OVERLAYS = ("none", "mask", "confidence", "found")


@dataclass(frozen=True)
class View:
    """`wipe` is a point on the dividing line in parts of the picture, `angle` its tilt in degrees (0: upright).

    `exposure` is in stops. `display` is DISPLAY/VIEW, empty for the usual one. `detail` is the share of the plate's
    width that results are made at while nothing moves, `sharp` the share that the window can show as it is zoomed.
    """

    compare: str = "wipe"
    wipe: tuple[float, float] = (0.5, 0.5)
    angle: float = 0.0
    channel: str = "RGB"
    overlay: str = "none"
    exposure: float = 0.0
    gamma: float = 1.0
    display: str = ""
    detail: float = 1.0
    sharp: float = 1.0

    @property
    def seen(self) -> float:
        """The share of the plate's width at which there is more than the window can show."""
        return min(self.detail, self.sharp)

    def to_data(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> View:
        """From plain data; what is not understood is as usual."""
        usual = cls()
        kept = {each.name: data[each.name] for each in fields(cls) if _alike(data.get(each.name), usual, each.name)}
        if "wipe" in kept:
            kept["wipe"] = (float(kept["wipe"][0]), float(kept["wipe"][1]))
        return cls(**kept)


def share_for(zoom: float) -> float:
    """The least share that a window shows no less of, at so many of its pixels a plate pixel."""
    return next((share for share in reversed(SHARES) if share >= zoom), 1.0)


_KNOWN = {"compare": COMPARE, "channel": CHANNELS, "overlay": OVERLAYS}


def _alike(value: Any, usual: View, name: str) -> bool:
    if name in _KNOWN:
        return value in _KNOWN[name]
    if name == "wipe":
        return isinstance(value, list | tuple) and len(value) == 2
    if name == "display":
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool)
