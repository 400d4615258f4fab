"""The pictures that a network may take beside the plate, made from what a node has at hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..card import Card
from ..frame import Frame, Window
from ..nodes.base import Shots
from .compositing import Array
from .hints import hints_for

__all__ = ["guides_for", "position"]


def guides_for(card: Card, plate: Frame, shots: Shots, *, around: bool = False) -> Mapping[str, Array]:
    """Every guide that the card asks for, by role, over the plate's data window: H x W x C float32.

    `shots` is what the node was given; with `around` the left and right edges of its pictures meet. A hole is not among
    them, only the node that makes it knows where it is; nor is chance, which the generator makes.
    """
    makers = {
        "position": lambda: position(plate.data_window, plate.display_window),
        "hints": lambda: hints_for(plate, shots, space=card.space, around=around),
    }
    return {port.role: makers[port.role]() for port in card.inputs if port.role in makers}


def position(data: Window, display: Window) -> Array:
    """Where the pixels of `data` lie in `display`: x and y, -1 at its left and top edge, 1 at the others.

    A pixel is told by its centre; beyond the display window the numbers go on.
    """
    across = (2 * (np.arange(data.x, data.right) - display.x) + 1) / display.width - 1
    down = (2 * (np.arange(data.y, data.bottom) - display.y) + 1) / display.height - 1
    return np.stack(np.broadcast_arrays(across[None, :], down[:, None]), -1).astype(np.float32)
