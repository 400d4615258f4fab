"""Shots for tests, written and read by OpenImageIO alone, so that Replate's own reader and writer are on trial."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio

__all__ = ["DEEP_CHANNELS", "bits", "plate", "read", "write", "write_mask", "write_shot"]

DEEP_CHANNELS = ("R", "G", "B", "A", "Z", "albedo.R", "albedo.G", "albedo.B")


def plate(height: int, width: int, *, frame: int = 1, channels: int = 4) -> np.ndarray:
    """A scene-linear picture that moves with `frame`: gradients, texture, highlights of 8, some negative values."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shade = 0.18 + 0.15 * np.sin((x + 3 * frame) / 9) * np.cos(y / 7)
    texture = np.roll(rng.normal(0, 0.02, (height, width)), frame, axis=1)
    picture = np.stack([shade + texture, shade * 0.8, shade * 0.6 - 0.05], axis=-1)
    picture[(x - width / 2 - frame) ** 2 + (y - height / 2) ** 2 < 16] = 8.0
    extra = [np.ones_like(shade)] + [shade * (i + 1) for i in range(channels - 4)]
    return np.concatenate([picture, np.stack(extra, -1)], axis=-1)[..., :channels].astype(np.float32)


def write(
    path: Path,
    pixels: np.ndarray,
    *,
    channels: Sequence[str] = "RGBA",
    formats: Sequence[str] = (),
    origin: tuple[int, int] = (0, 0),
    display: tuple[int, int, int, int] | None = None,
    attributes: dict[str, Any] | None = None,
) -> Path:
    """One EXR; `display` is (x, y, width, height), `formats` a type a channel (half where not given)."""
    height, width, count = pixels.shape
    spec = oiio.ImageSpec(width, height, count, "float" if formats else "half")
    spec.channelnames = list(channels)[:count]
    if formats:
        spec.channelformats = [oiio.TypeDesc(name) for name in formats]
    spec.x, spec.y = origin
    x, y, full_width, full_height = display or (0, 0, width, height)
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = x, y, full_width, full_height
    for name, value in (attributes or {}).items():
        spec.attribute(name, value)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(pixels), out.geterror()
    out.close()
    return path


def write_shot(folder: Path, frames: Sequence[int], *, size: tuple[int, int] = (48, 64), **how: Any) -> str:
    """A sequence of EXR plates in `folder`; returns its pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    count = len(how.get("channels", "RGBA"))
    for frame in frames:
        write(folder / f"plate.{frame:04d}.exr", plate(*size, frame=frame, channels=count), **how)
    return str(folder / "plate.%04d.exr")


def write_mask(path: Path, matte: np.ndarray) -> str:
    """A matte (H x W, 0..1) as a one-channel EXR."""
    write(path, matte[..., None].astype(np.float32), channels=("Y",))
    return str(path)


def read(path: str | Path) -> tuple[np.ndarray, oiio.ImageSpec]:
    """Pixels (float32) and header."""
    source = oiio.ImageInput.open(str(path))
    assert source, oiio.geterror()
    pixels = source.read_image("float")
    return pixels, source.spec()


def bits(pixels: np.ndarray) -> np.ndarray:
    """The bit patterns, so that equal means equal, NaN included."""
    return np.ascontiguousarray(pixels).view({2: np.uint16, 4: np.uint32}[pixels.dtype.itemsize])
