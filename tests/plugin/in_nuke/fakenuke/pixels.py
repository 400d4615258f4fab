"""What nodes show at a frame, and files in and out, by OpenImageIO alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio

__all__ = ["read", "shown", "write"]

Channels = dict[str, np.ndarray]
_LONG = {"R": "red", "G": "green", "B": "blue", "A": "alpha"}
_SHORT = {long: short for short, long in _LONG.items()}


def shown(node: Any, frame: int) -> Channels:
    """Every channel of a node at a frame, H x W, by Nuke's names (rgba.red)."""
    if node is None:
        return {}
    kind = node.Class()
    if kind == "Read":
        return _read(node, frame)
    if kind == "Input":
        return shown(node.parent().input(int(node["number"].valueAt(frame))), frame)
    if kind == "Group":
        ends = [each for each in node.nodes() if each.Class() == "Output"]
        return shown(ends[0].input(0), frame)
    if kind == "Switch":
        return shown(node.input(int(node["which"].valueAt(frame))), frame)
    if kind == "Constant":
        return {
            f"rgba.{name}": np.full((48, 64), value, np.float32) for name, value in zip(_SHORT, node.color, strict=True)
        }
    if kind == "Multiply" and not node["disable"].value():
        factor = np.float32(node["value"].valueAt(frame))
        return {name: pixels * factor for name, pixels in shown(node.input(0), frame).items()}
    return shown(node.input(0), frame)


def _read(node: Any, frame: int) -> Channels:
    frame += int(node["frame"].value() or 0)  # an offset stands for all that an expression there may do
    held = min(max(frame, int(node["first"].value())), int(node["last"].value()))
    path = node["file"].value()
    path = path % held if "%" in path else path
    if not Path(path).is_file():
        if node["on_error"].value() == "error":
            raise RuntimeError(f"{node.fullName()}: {path}: Read error: No such file or directory")
        return {"rgba.red": np.zeros((48, 64), np.float32)}
    picture = read(path)
    if node["raw"].value() or node["colorspace"].value() in ("linear", "default (linear)"):
        return picture
    return {name: np.square(pixels) for name, pixels in picture.items()}  # some curve: not what is in the file


def read(path: str) -> Channels:
    """A file's channels by Nuke's names, in float."""
    file = oiio.ImageInput.open(path)
    assert file, oiio.geterror()
    pixels, names = np.array(file.read_image("float")), file.spec().channelnames
    file.close()
    return {_long(name): pixels[..., number] for number, name in enumerate(names)}


def write(path: str, channels: Channels, *, which: str, kind: str) -> None:
    """An OpenEXR file of all channels, or of a layer's or one of them."""
    wanted = {"all": list(channels), "alpha": ["rgba.alpha"]}.get(which, [f"{which}.{name}" for name in _SHORT])
    present = {_short(name): channels[name] for name in wanted if name in channels}
    if not present:
        raise RuntimeError(f"{path}: there are no channels to write")
    height, width = next(iter(present.values())).shape
    spec = oiio.ImageSpec(width, height, len(present), kind)
    spec.channelnames = list(present)
    out = oiio.ImageOutput.create(path)
    assert out.open(path, spec), out.geterror()
    assert out.write_image(np.ascontiguousarray(np.stack(list(present.values()), -1)))
    out.close()


def _long(name: str) -> str:
    layer, _, channel = name.rpartition(".")
    return f"{layer or 'rgba'}.{_LONG.get(channel, channel)}" if channel in _LONG else name


def _short(name: str) -> str:
    layer, _, channel = name.rpartition(".")
    short = _SHORT.get(channel, channel)
    return short if layer == "rgba" else f"{layer}.{short}"
