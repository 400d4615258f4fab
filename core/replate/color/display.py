"""To a screen: scene light through the config's view, pictures as they are.

An ACES view costs seconds a frame at HD. It is baked once into a lattice over ACEScct, which OCIO interpolates between
in 40 ms; the lattice is kept in the user's cache folder. ACEScct 0..1 is -0.007..222 in linear light: what lies
outside is shown as its nearest border.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio
import platformdirs

from .spaces import config, convert, default_space, pixels_of, reference_space, resolve_space

__all__ = ["is_picture", "to_display", "to_space"]

Array = npt.NDArray[Any]
_SIZE = 65


def to_display(rgb: Array, space: str) -> Array:
    """H x W x 3 of `space` as a screen shows it: sRGB, float32, 0..1, NaN as 0.

    Scene-referred spaces (linear and log) go through the view of the config's sRGB display, ACES 2.0 SDR by default;
    pictures, which somebody has graded for a screen already, are only converted.
    """
    shown = to_space(rgb, space, default_space("picture"))
    # fmax and fmin prefer the number to the NaN.
    clamped: Array = np.fmin(np.fmax(shown, 0), 1)
    return clamped


def to_space(rgb: Array, source: str, target: str) -> Array:
    """H x W x 3 for a file or a screen in another space: the one place where that choice is made.

    Same space: untouched. From scene light to a picture (EXR to a movie, a PNG): through the view, because values
    above 1 have no place there. Everything else (a movie to a movie, a PNG to EXR): converted, nothing clamped.
    """
    source, target = resolve_space(source), resolve_space(target)
    if source == target:
        return rgb
    if is_picture(target) and not is_picture(source):
        screen = default_space("picture")
        shown = _view(rgb, source)
        return shown if screen == target else convert(shown, screen, target)
    return convert(rgb, source, target)


@cache
def is_picture(space: str) -> bool:
    """Whether `space` holds pictures for a screen (sRGB, Rec.709): encoded, and 1 is white.

    Told by numbers, because configs name their spaces as they like: linear spaces double with the light, log spaces
    hold more than 1 at their white.
    """
    grey = np.repeat(np.array([[[0.25], [0.5], [1.0]]], np.float32), 3, axis=2)
    quarter, half, white = convert(grey, resolve_space(space), reference_space())[0].mean(axis=1)
    linear = abs(white - 2 * half) < 0.01 * white and abs(white - 4 * quarter) < 0.01 * white
    return bool(not linear and white < 1.1)


def _view(rgb: Array, source: str) -> Array:
    image = oiio.ImageBuf(convert(rgb, source, resolve_space("ACEScct")))
    shown = oiio.ImageBufAlgo.ociofiletransform(image, str(_lattice()), unpremult=False)
    return pixels_of(shown, f"{source} to the screen")


@cache
def _lattice() -> Path:
    """The file with the baked view; made where the cache has none."""
    display = next((name for name in config().getDisplayNames() if "srgb" in name.lower()), None)
    display = display or config().getDefaultDisplayName()
    view = config().getDefaultViewName(display)
    path = _cache_folder() / f"view-{_key(display, view)}.cube"
    if not path.is_file():
        _write_cube(path, _bake(display, view))
    return path


def _cache_folder() -> Path:
    folder = Path(platformdirs.user_cache_dir("replate"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir())
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir())


def _key(display: str, view: str) -> str:
    """Changes with the config's text, so that an edited config is baked anew."""
    name = config().configname()
    text = Path(name).read_bytes() if Path(name).is_file() else b""
    parts = (name, oiio.VERSION_STRING, display, view, str(_SIZE))
    return hashlib.sha256("\n".join(parts).encode() + text).hexdigest()[:16]


def _bake(display: str, view: str) -> Array:
    """N x 3 screen values of the lattice, red fastest."""
    axis = np.linspace(0, 1, _SIZE, dtype=np.float32)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    grid = np.stack([red, green, blue], axis=-1).reshape(_SIZE * _SIZE, _SIZE, 3)
    space = resolve_space("ACEScct")
    image = oiio.ImageBufAlgo.ociodisplay(oiio.ImageBuf(grid), display, view, space, unpremult=False)
    return pixels_of(image, f"ACEScct to {view} on {display}").reshape(-1, 3)


def _write_cube(path: Path, values: Array) -> None:
    """Complete or not at all: another process or thread may be reading or making the same file."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with part.open("w") as file:
        file.write(f"LUT_3D_SIZE {_SIZE}\n")
        np.savetxt(file, values, fmt="%.7g")
    part.replace(path)
