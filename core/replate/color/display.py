"""To a screen: scene light through a view of the configuration, pictures as they are.

A view of ACES costs seconds a frame at HD. It is baked once into a lattice of 65 x 65 x 65 points over ACEScct's curve
of the scene-linear space; OCIO interpolates between them in less than a tenth of a second. The lattice reaches from
-0.007 to 222 in linear light: what lies outside is shown as its nearest border. Views of matrices, curves and tables
are quick and exact as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import PyOpenColorIO as ocio

from .config import current, per_config
from .identity import PROBLEMS
from .spaces import Kind, cannot, convert, default_space, known_space, processed, reference_space, resolve_space

__all__ = ["displays", "file_space", "is_picture", "to_display", "to_space", "view_between"]

Array = npt.NDArray[Any]
_SIZE = 65
_CURVE = "CURVE - ACEScct-LOG_to_LINEAR"


def to_display(rgb: Array, space: str) -> Array:
    """H x W x 3 of `space` as a screen shows it: sRGB, float32, 0..1, NaN as 0.

    Scene-referred spaces (linear and log) go through the view, ACES 2 SDR by default; pictures, which somebody has
    graded for a screen already, are only converted.
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
    screen = view_between(source, target)
    if screen is None:
        return convert(rgb, source, target)
    shown = processed(convert(rgb, source, default_space("scene")), _shower(*screen))
    return convert(shown, _screen_space(*screen), target)


def view_between(source: str, target: str) -> tuple[str, str] | None:
    """The display and the view that `to_space` takes between two spaces; None where it only converts."""
    source, target = resolve_space(source), resolve_space(target)
    if source == target or is_picture(source):
        return None
    return _screen() if is_picture(target) or target == _chosen_space() else None


def file_space(kind: Kind) -> str:
    """The space of a file that is made: pictures and movies are for the display that was chosen, if one was."""
    chosen = _chosen_space()
    return chosen if chosen and kind in ("picture", "video") else default_space(kind)


@per_config
def is_picture(space: str) -> bool:
    """Whether `space` holds pictures for a screen (sRGB, Rec.709): encoded, and 1 is white.

    Told by numbers, because configs name their spaces as they like: linear spaces double with the light, log spaces
    hold more than 1 at their white.
    """
    grey = np.repeat(np.array([[[0.25], [0.5], [1.0]]], np.float32), 3, axis=2)
    quarter, half, white = convert(grey, space, reference_space())[0].mean(axis=1)
    linear = abs(white - 2 * half) < 0.01 * white and abs(white - 4 * quarter) < 0.01 * white
    return bool(not linear and white < 1.1)


def displays() -> dict[str, list[str]]:
    """The displays of the configuration with their views, in its order."""
    spaces = current().spaces
    return {str(display): [str(view) for view in spaces.getViews(display)] for display in spaces.getDisplays()}


def _screen() -> tuple[str, str]:
    """The display and the view: those that were chosen, else an sRGB screen where there is one."""
    if screen := current().screen:
        return screen
    spaces = current().spaces
    display = next((name for name in spaces.getDisplays() if "srgb" in name.lower()), spaces.getDefaultDisplay())
    return display, spaces.getDefaultView(display)


def _chosen_space() -> str | None:
    screen = current().screen
    return None if screen is None else _screen_space(*screen)


@per_config
def _screen_space(display: str, view: str) -> str:
    """The space that a view leads to; sRGB for sRGB displays, and for views that are a space with a film look in it,
    because those do not tell."""
    spaces = current().spaces
    if "srgb" in display.lower() or not spaces.getDisplayViewTransformName(display, view):
        return default_space("picture")
    name = spaces.getDisplayViewColorSpaceName(display, view)
    return known_space(display if name == ocio.OCIO_VIEW_USE_DISPLAY_NAME else name) or default_space("picture")


@per_config
def _shower(display: str, view: str) -> ocio.CPUProcessor:
    """From scene_linear to the screen."""
    shown = ocio.DisplayViewTransform(default_space("scene"), display, view)
    try:
        return _baked(shown) if _is_slow(shown) else _processor(shown)
    except PROBLEMS as error:
        raise cannot(f"show {view} on {display}", error) from error


def _is_slow(shown: ocio.Transform) -> bool:
    steps = current().spaces.getProcessor(shown).createGroupTransform()
    return any(isinstance(step, ocio.FixedFunctionTransform) for step in steps)


def _baked(shown: ocio.Transform) -> ocio.CPUProcessor:
    """A lattice between ACEScct's curve and the screen."""
    decode = ocio.BuiltinTransform(_CURVE)
    encode = ocio.BuiltinTransform(_CURVE, direction=ocio.TRANSFORM_DIR_INVERSE)
    axis = np.linspace(0, 1, _SIZE, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(_SIZE, -1, 3)
    lattice = ocio.Lut3DTransform(_SIZE)
    lattice.setData(processed(grid, _processor(decode, shown)).ravel())
    lattice.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    return _processor(encode, lattice)


def _processor(*steps: ocio.Transform) -> ocio.CPUProcessor:
    return current().spaces.getProcessor(ocio.GroupTransform(list(steps))).getDefaultCPUProcessor()
