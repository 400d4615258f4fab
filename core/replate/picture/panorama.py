"""A generator on a 360-degree panorama: no seam where its edges meet, no pinch at its poles.

`apply` is `Generator.apply` for a plate in equirectangular projection. The network sees the picture continued around
its sides. Near the poles, where a panorama's rows are stretched, it works on views of the sphere (`sphere.Cap`), and
only what it changes there is brought back, so that the plate's own detail never passes through a resampling.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..color import Transform
from ..color import transform as transform_of
from ..errors import InputError
from ..frame import Frame
from ..network.plate import Piece, Plate, cut
from ..network.tiles import Tile
from .compositing import Array, seen_through
from .sphere import Cap, smoothstep

if TYPE_CHECKING:
    from ..generator import Generator

__all__ = ["BAND", "apply", "is_sphere", "whole"]

BAND = (math.radians(35), math.radians(50))
"""Nearer to a pole than the first angle only the views count, farther than the second only the panorama."""


def apply(
    generator: Generator,
    rgb: Array,
    *,
    transform: Transform,
    alpha: Array | None = None,
    weight: float | Array = 1.0,
    guides: Mapping[str, Array] | None = None,
    **how: Any,
) -> tuple[Array, Array | None]:
    """What `generator.apply` gives, with the same arguments, for the whole of a panorama, which has its origin at 0, 0.

    Where the network must see the whole picture at once, or the panorama is not twice as wide as high, the poles are
    treated like the rest.
    """
    plate, card, guides = Plate.of(rgb, alpha, weight), generator.card, guides or {}
    height, width = plate.size
    if card.fit == "resize" or not is_sphere(width, height):
        return _around(generator, plate, 0, transform=transform, guides=guides, **how)
    cap = Cap(width, height, BAND[1], card.overlap)
    covered = max(0, math.floor(BAND[0] / math.pi * height) - card.overlap) // card.multiple * card.multiple
    result, trust = _around(generator, plate, covered, transform=transform, guides=guides, **how)
    tile = Tile(read=(slice(0, cap.seen), slice(0, width)), keep=(slice(0, cap.rows), slice(0, width)))
    for order in (slice(None), slice(None, None, -1)):
        piece = _turned(plate, order).piece(tile)
        if piece is not None:
            beside = {role: cut(guide[order], tile.read) for role, guide in guides.items()}
            made, sure = _at_pole(generator, cap, piece, order, transform=transform, guides=beside, **how)
            _blend(result[order], made, piece, cap)
            if trust is not None and sure is not None:
                _blend(trust[order], sure, piece, cap)
    return result, trust


def is_sphere(width: int, height: int) -> bool:
    """Whether a panorama of this size shows everything from pole to pole, in pixels as high as wide at the equator."""
    return width == 2 * height


def whole(frame: Frame) -> Frame:
    """The frame over its whole display window, which is the sphere; 0 where its data window does not reach.

    Raises InputError where the data window is larger: no direction is left for what lies beyond.
    """
    data, display = frame.data_window, frame.display_window
    if data.intersect(display) != data:
        raise InputError(
            f"frame {frame.number} has pixels beyond its display window of {display.width}x{display.height}, which as "
            "a panorama is all that there is; crop the plate to it or leave --projection out",
            frame=frame.number,
        )
    return seen_through(frame, display)


def _turned(plate: Plate, order: slice) -> Plate:
    """The plate with its rows in another order."""
    alpha = None if plate.alpha is None else plate.alpha[order]
    return Plate(plate.rgb[order], alpha, None if plate.weight is None else plate.weight[order])


def _around(
    generator: Generator, plate: Plate, covered: int, *, guides: Mapping[str, Array], **how: Any
) -> tuple[Array, Array | None]:
    """The generator's result on the panorama, continued at its sides by as much as reaches into it.

    The first and the last `covered` rows are left as they are.
    """
    card, (height, width) = generator.card, plate.size
    needed = width // 4 if card.fit == "resize" else card.overlap
    reach = -(-needed // card.multiple) * card.multiple
    rows, columns = slice(covered, height - covered), slice(reach, reach + width)

    def wide(array: Array) -> Array:
        return np.pad(array[rows], ((0, 0), (reach, reach), (0, 0)), mode="wrap")

    alpha = None if plate.alpha is None else wide(plate.alpha)
    weight = 1.0 if plate.weight is None else wide(plate.weight)
    beside = {role: wide(guide) for role, guide in guides.items()}
    made, sure = generator.apply(wide(plate.rgb), alpha=alpha, weight=weight, guides=beside, **how)
    result, trust = plate.rgb.copy(), None if sure is None else np.ones((height, width, 1), np.float32)
    result[rows] = made[:, columns]
    if trust is not None and sure is not None:
        trust[rows] = sure[:, columns]
    return result, trust


def _at_pole(
    generator: Generator,
    cap: Cap,
    piece: Piece,
    order: slice,
    *,
    transform: Transform,
    guides: Mapping[str, Array],
    **how: Any,
) -> tuple[Array, Array | None]:
    """The cap's rows as the generator makes them from views of the pole, and its confidence.

    `piece` and `guides` begin at the pole; `order` is that of their rows in the panorama, which the views are shown in.
    """
    light = piece.rgb if piece.alpha is None else piece.rgb / piece.alpha
    picture, inside = transform.forward(light), transform_of(transform.target, transform.target)
    changes = []
    for view, *beside in zip(cap.views(picture), *map(cap.views, guides.values()), strict=True):
        upright, *rest = (np.ascontiguousarray(each[order]) for each in (view, *beside))
        made, sure = generator.apply(upright, transform=inside, guides=dict(zip(guides, rest, strict=True)), **how)
        change = made - upright if sure is None else np.concatenate([made - upright, sure], axis=-1)
        changes.append(np.ascontiguousarray(change[order]))
    change, rows = cap.together(changes), slice(cap.rows)
    result = transform.inverse(picture[rows] + change[..., :3])
    if piece.alpha is not None:
        result = result * piece.alpha[rows]
    if piece.weight is not None:
        result = piece.rgb[rows] + piece.weight[rows] * (result - piece.rgb[rows])
    return result, np.clip(change[..., 3:], 0, 1) if change.shape[2] > 3 else None


def _blend(picture: Array, polar: Array, piece: Piece, cap: Cap) -> None:
    """Lay `polar`, the cap's rows, over those of the picture wherever the plate may be touched."""
    share = smoothstep((BAND[1] - cap.colatitude) / (BAND[1] - BAND[0]))[..., None].astype(np.float32)
    touched = True if piece.untouched is None else ~piece.untouched[: cap.rows, :, None]
    rows = picture[: cap.rows]
    with np.errstate(invalid="ignore", over="ignore"):  # of pixels that are not touched
        np.copyto(rows, rows + share * (polar - rows), where=touched)
