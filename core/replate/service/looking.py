"""How a picture is looked at: as a screen shows it, pixel by pixel; and what a look says of itself.

A panel that has neither numpy nor OpenColorIO asks for these.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..color import convert, default_space, to_display, using
from ..errors import InputError, UsageError, reason
from ..network.onnxfile import read_card
from ..params import nearest
from ..picture.compositing import LUMINANCE
from .pictures import Pictures
from .tasks import Glance
from .warm import Bench
from .wire import Message

__all__ = ["Probe", "Screen", "card"]

Array = npt.NDArray[Any]
_THREADS = min(8, os.cpu_count() or 1)
_STRIPED = 3 * 2**16  # numbers, below which threads cost more than they save
SHOWN = ("RGB", "R", "G", "B", "A", "L")
"""What a viewer shows of a picture: its colour, one channel, or its luminance (ITU-R BT.709)."""


@dataclass(eq=False, kw_only=True)
class Screen(Glance):
    """A picture as a screen shows it: `picture` is what was said of one, or of a file that holds such pixels.

    `exposure` is in stops of light, `gamma` lightens what the view makes (above 1); `channel` is one of `SHOWN`, or one
    that the picture has. With a `tint` (R G B, 0..1) it is an overlay: this colour, as opaque as the channel says, or
    with `inverse` as it does not. A `width` that the picture exceeds makes it smaller first.
    """

    picture: Mapping[str, Any]
    pictures: Pictures
    exposure: float = 0.0
    gamma: float = 1.0
    channel: str = "RGB"
    tint: Sequence[float] = ()
    inverse: bool = False
    width: int = 0

    def work(self, bench: Bench) -> Message:
        """Bytes: B G R and opacity, row after row from the top, colour multiplied by it."""
        pixels, channels = _pixels(self.picture)
        pixels = _at_most(pixels, self.width)
        if self.tint:
            opacity = np.clip(np.nan_to_num(_channel(pixels, channels, self.channel)), 0, 1)
            opacity = 1 - opacity if self.inverse else opacity
            made = cv2.merge([cv2.convertScaleAbs(opacity, alpha=255 * each) for each in (*self.tint[::-1], 1.0)])
        else:
            with using(self.job.option("ocio"), display=self.job.option("display")):
                made = cv2.cvtColor(cv2.convertScaleAbs(self._seen(pixels, channels), alpha=255), cv2.COLOR_RGB2BGRA)
        name, path, memory = self.pictures.give(made.nbytes)
        np.frombuffer(memory, np.uint8)[:] = made.ravel()
        size = {"width": made.shape[1], "height": made.shape[0], "channels": list("BGRA"), "depth": 8}
        frame = int(self.picture.get("frame", 0))
        return {"picture": name, "file": str(path), **size, "space": "", "frame": frame}

    def _seen(self, pixels: Array, channels: Sequence[str]) -> Array:
        """H x W x 3 for the screen, 0..1."""
        space = str(self.picture["space"])
        if self.channel == "RGB" and "R" in channels:
            rgb = _lit(
                np.ascontiguousarray(pixels[..., [channels.index(name) for name in "RGB"]]), space, self.exposure
            )
            seen = _through_view(rgb, space)
        elif self.channel in ("RGB", "L", "R", "G", "B") and channels[0] in "RY":
            grey = _lit(cv2.merge([_channel(pixels, channels, self.channel)] * 3), space, self.exposure)
            seen = _through_view(grey, space)
        else:  # data, which no view should bend
            one = _channel(pixels, channels, self.channel) * np.float32(2**self.exposure)
            seen = cv2.merge([np.clip(np.nan_to_num(one), 0, 1)] * 3)
        return seen if self.gamma == 1 else cv2.pow(seen, 1 / self.gamma)


@dataclass(eq=False, kw_only=True)
class Probe(Glance):
    """The values of one pixel: as they are in the picture, and in the configuration's scene-linear space."""

    picture: Mapping[str, Any]
    x: int = 0
    y: int = 0

    def work(self, bench: Bench) -> Message:
        """Values by channel, light as R G B."""
        pixels, channels = _pixels(self.picture)
        pixel = pixels[min(max(self.y, 0), len(pixels) - 1), min(max(self.x, 0), pixels.shape[1] - 1)]
        values = {name: float(value) for name, value in zip(channels, pixel, strict=True)}
        rgb = [values.get(name, values.get("Y", 0.0)) for name in "RGB"]
        with using(self.job.option("ocio")):
            scene = default_space("scene")
            light = convert(np.array([[rgb]], np.float32), str(self.picture["space"]) or scene, scene)[0, 0]
        return {"values": values, "light": [float(value) for value in light], "space": scene}


def _at_most(pixels: Array, width: int) -> Array:
    """The picture at most so wide, pixels averaged; 0 is as wide as it is."""
    if not 0 < width < pixels.shape[1]:
        return pixels
    size = width, max(1, round(pixels.shape[0] * width / pixels.shape[1]))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)).reshape(*size[::-1], -1)


def _through_view(rgb: Array, space: str) -> Array:
    """As a screen shows it; data, which have no space, as they are. Strips go side by side: OpenColorIO takes one."""
    if not space:
        return np.asarray(np.clip(np.nan_to_num(rgb), 0, 1))
    if rgb.size < _STRIPED:
        return to_display(rgb, space)
    strips = np.array_split(rgb, 2 * _THREADS)
    with ThreadPoolExecutor(_THREADS) as pool:
        made: Array = np.concatenate(list(pool.map(partial(to_display, space=space), strips)))
    return made


def _lit(rgb: Array, space: str, stops: float) -> Array:
    """Brighter by so many stops, in light: pictures for a screen are taken to light and back."""
    if stops == 0:
        return rgb
    gain = np.float32(2**stops)
    scene = default_space("scene")
    if not space or space == scene:
        return rgb * gain
    return convert(convert(rgb, space, scene) * gain, scene, space)


def _channel(pixels: Array, channels: Sequence[str], name: str) -> Array:
    """One plane; 1 for an alpha that the picture lacks. Raises UsageError for another channel that it lacks."""
    if name in channels:
        return np.asarray(cv2.extractChannel(pixels, channels.index(name)))
    if name == "A":
        return np.ones(pixels.shape[:2], np.float32)
    if channels[0] == "Y" or len(channels) == 1:
        return np.asarray(cv2.extractChannel(pixels, 0))
    if name in ("L", "RGB") and "R" in channels:
        return np.asarray(cv2.transform(_colour(pixels, channels), LUMINANCE[None]))
    raise UsageError(f"the picture has no channel '{name}'{nearest(name, channels)}")


def _colour(pixels: Array, channels: Sequence[str]) -> Array:
    """H x W x 3 of R, G and B."""
    return np.asarray(cv2.merge([cv2.extractChannel(pixels, channels.index(name)) for name in "RGB"]))


def _pixels(picture: Mapping[str, Any]) -> tuple[Array, tuple[str, ...]]:
    """H x W x C of what was said of a picture, and its channels. Raises InputError where the file is not that."""
    path, channels = str(picture.get("file", "")), tuple(str(name) for name in picture.get("channels", ()))
    shape = int(picture.get("height", 0)), int(picture.get("width", 0)), len(channels)
    try:
        with Path(path).open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return np.frombuffer(mapped, np.float32).reshape(shape), channels
    except (OSError, ValueError) as error:
        raise InputError(
            f"the picture {path} cannot be shown ({reason(error)}); ask for its frame again", path=path
        ) from None


def card(path: Path) -> Message:
    """What a generator says of itself, as its card has it; empty for one without."""
    found = read_card(path)
    told: Message = json.loads(found.to_json()) if found else {}
    return told
