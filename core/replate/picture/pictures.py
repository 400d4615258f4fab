"""A frame's pictures, one at a time, as a node wants them: plain R G B A; and back to where they came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from ..errors import InputError, UsageError
from ..frame import Frame, Pixels, Window
from ..nodes.base import Shots
from .compositing import seen_through
from .ids import id_channels
from .layers import Half, Layout, Picture, find_pictures

__all__ = ["Choice", "put_back", "take"]

Made = Sequence[tuple[Picture, Frame]]

# Which eye has which half: as stereo players have it, left before right and left on top.
_EYES: dict[str, tuple[tuple[str, Half], ...]] = {
    "side-by-side": (("left", "left"), ("right", "right")),
    "top-bottom": (("left", "top"), ("right", "bottom")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which of a frame's pictures a job works on; see the options of the same names in `job`."""

    layer: str = ""
    view: str = ""
    stereo: str = "off"

    def of(self, parts: Sequence[Layout]) -> tuple[Picture, ...]:
        """The pictures of a file with these parts. Raises UsageError for a layer or view that it does not have."""
        eyes = _EYES.get(self.stereo)
        if eyes is None:
            return find_pictures(parts, layer=self.layer, view=self.view)
        if self.view not in ("", *(view for view, _ in eyes)):
            raise UsageError(
                f"--stereo {self.stereo} has the views left and right, not '{self.view}'", parameter="view"
            )
        whole = find_pictures(parts, layer=self.layer)
        halves = (replace(each, view=view, half=half) for each in whole for view, half in eyes)
        return tuple(each for each in halves if self.view in ("", each.view))

    def each(self, shots: Shots) -> Iterator[tuple[Picture, Shots]]:
        """Every picture of the frame that is made, with all inputs as its node is to see them.

        Raises InputError where the frame has no colour or cannot be halved.
        """
        plate = shots["plate"][0]
        found = self.of(plate.parts)
        if not found:
            raise InputError(_colourless(plate), frame=plate.number)
        for picture in found:
            narrowed = {
                name: {
                    offset: (take if name == "plate" else _beside)(frame, picture) for offset, frame in frames.items()
                }
                for name, frames in shots.items()
            }
            if narrowed["plate"][0].pixels.size:
                yield picture, narrowed


def take(frame: Frame, picture: Picture) -> Frame:
    """The picture as a frame of its own; InputError where this frame lacks one of its channels.

    A part that is one plain picture comes whole, with its other channels and without a copy.
    """
    part = _part(frame, picture)
    _refuse_ids(frame, part, picture)
    if picture.whole:
        return replace(part, number=frame.number, view=picture.view, others=(), part=0)
    part = _half(part, picture.half)
    names, pixels = [short for short, _ in picture.channels], part.pixels[..., _positions(part, picture)]
    alpha = _borrowed_alpha(frame, part, picture)
    if alpha is not None:
        names, pixels = [*names, "A"], np.concatenate([pixels, alpha.astype(pixels.dtype)], axis=-1)
    return replace(
        part,
        pixels=pixels,
        channels=tuple(names),
        formats=(),
        number=frame.number,
        view=picture.view,
        others=(),
        part=0,
    )


def put_back(frame: Frame, made: Made) -> Frame:
    """The frame with what was made of its pictures in their place, new layers behind each part's own channels."""
    parts = list(frame.parts)
    for number in dict.fromkeys(picture.part for picture, _ in made):
        mine = [(picture, result) for picture, result in made if picture.part == number]
        picture, result = mine[0]
        if len(mine) == 1 and picture.whole:
            parts[number] = replace(result, view=parts[number].view)
        else:
            parts[number] = _merged(parts[number], mine)
    return Frame.of_parts(parts, frame.part)


def _merged(part: Frame, made: Made) -> Frame:
    """A part with several pictures, or with one that has other names in the file; larger where a result is."""
    part = seen_through(part, reduce(Window.unite, (result.data_window for _, result in made), part.data_window))
    pixels, layers = part.pixels.copy(order="K"), dict[str, Pixels]()
    for picture, result in made:
        window = result.data_window.slices_in(part.data_window)
        for position, (short, _) in zip(_positions(part, picture), picture.channels, strict=True):
            pixels[window][..., position] = result.pixels[..., result.channels.index(short)]
        for name in _new(result, picture, part):
            layer = layers.setdefault(_full_name(name, picture), np.zeros(pixels.shape[:2], pixels.dtype))
            layer[window] = result.pixels[..., result.channels.index(name)]
    if not layers:
        return part.with_pixels(pixels)
    stacked = np.concatenate([pixels, *(layer[..., None] for layer in layers.values())], axis=-1)
    formats = (*part.formats, *("half",) * len(layers)) if part.formats else ()
    return replace(part, pixels=stacked, channels=(*part.channels, *layers), formats=formats)


def _new(result: Frame, picture: Picture, part: Frame) -> Iterator[str]:
    """The channels that the node added."""
    known = {"A", *(short for short, _ in picture.channels)} | (set(part.channels) if picture.whole else set())
    return (name for name in result.channels if name not in known)


def _full_name(name: str, picture: Picture) -> str:
    """`replate.confidence` as it is called in a view that shares its part with others."""
    if picture.half or picture.default_view:
        return name
    layer, dot, component = name.rpartition(".")
    return f"{layer}{dot}{picture.view}.{component}"


def _part(frame: Frame, picture: Picture) -> Frame:
    names = [name for _, name in picture.channels]
    part = frame.parts[picture.part] if picture.part < len(frame.parts) else None
    lacking = [name for name in names if part is None or name not in part.channels]
    if part is None or lacking:
        raise InputError(
            f"frame {frame.number} has no channel {lacking[0]}, which other frames of the shot have; "
            "render it again or leave the frame out",
            frame=frame.number,
        )
    return part


def _refuse_ids(frame: Frame, part: Frame, picture: Picture) -> None:
    """The number of an object is no colour, whatever its channel is called."""
    ids = id_channels(part)
    if found := next((name for _, name in picture.channels if name in ids), None):
        raise InputError(
            f"frame {frame.number}: channel {found} holds object IDs, which are no colour; choose another --layer",
            frame=frame.number,
        )


def _positions(part: Frame, picture: Picture) -> list[int]:
    return [part.channels.index(name) for _, name in picture.channels]


def _borrowed_alpha(frame: Frame, part: Frame, picture: Picture) -> Pixels | None:
    """The main picture's alpha for a layer without one; None where it lies elsewhere."""
    if picture.alpha is None:
        return None
    number, name = picture.alpha
    there = _half(frame.parts[number], picture.half)
    position = there.index(name)
    same = position is not None and there.data_window == part.data_window
    return there.pixels[..., position : position + 1] if same and position is not None else None


def _beside(frame: Frame, picture: Picture) -> Frame:
    """A mask or another side input: all its channels, in the half that the eye has."""
    if not picture.half:
        return frame
    halves = [replace(_half(part, picture.half), view=picture.view) for part in frame.parts]
    return Frame.of_parts(halves, frame.part)


def _half(frame: Frame, half: Half) -> Frame:
    """The frame as if it were one eye's alone: display and data window end where the other eye begins."""
    if not half:
        return frame
    eye = _eye(frame, half)
    seen = frame.data_window.intersect(eye)
    rows, columns = seen.slices_in(frame.data_window) if seen.width and seen.height else (slice(0), slice(0))
    pixels = frame.pixels[rows, columns]
    seen = Window(seen.x, seen.y, pixels.shape[1], pixels.shape[0])
    return replace(frame, pixels=pixels, data_window=seen, display_window=eye)


def _eye(frame: Frame, half: Half) -> Window:
    whole = frame.display_window
    across = half in ("left", "right")
    if (whole.width if across else whole.height) % 2:
        raise InputError(
            f"frame {frame.number} is {whole.width}x{whole.height}, which two eyes cannot share; correct --stereo",
            frame=frame.number,
        )
    width, height = (whole.width // 2, whole.height) if across else (whole.width, whole.height // 2)
    x, y = whole.x + width * (half == "right"), whole.y + height * (half == "bottom")
    return Window(x, y, width, height)


def _colourless(plate: Frame) -> str:
    names = ", ".join(name for part in plate.parts for name in part.channels)
    return (
        f"frame {plate.number} has no R, G, B or Y channel to work on, only {names}; "
        "name a plate whose colour is in R, G and B"
    )
