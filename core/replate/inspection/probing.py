"""Finding out about a network by running it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..card import Port
from ..errors import GeneratorError
from ..network.device import open_session

__all__ = ["Probe", "chart"]

Picture = npt.NDArray[Any]
_MULTIPLES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
_GRID = 384  # a multiple of every one of them
_LARGEST = 1536


class Probe:
    """A network of one picture in and one out, on the CPU; pictures here are 1 x C x H x W float32 in any layout."""

    def __init__(self, path: Path, source: Port, result: Port) -> None:
        self.path, self.source, self.result = path, source, result
        try:
            self._session = open_session(path, device="cpu")
        except Exception as error:
            raise GeneratorError(f"{path} cannot be loaded by ONNX Runtime ({_last_line(error)})", path=path) from None

    def run(self, picture: Picture) -> Picture:
        """The network's output for a picture of its own range; raises what ONNX Runtime raises."""
        x = picture if self.source.layout == "NCHW" else picture.transpose(0, 2, 3, 1)
        x = np.ascontiguousarray(x, np.float16 if self.source.half else np.float32)
        made: Picture = self._session.run([self.result.name], {self.source.name: x})[0]
        made = made.astype(np.float32)
        return made if self.result.layout == "NCHW" or made.ndim != 4 else made.transpose(0, 3, 1, 2)

    def fits(self, height: int, width: int) -> bool:
        """Whether a picture of this size comes out at the same size."""
        try:
            shape = self.run(self.picture(height, width)).shape
        except Exception:
            return False
        return len(shape) == 4 and shape[2:] == (height, width)

    def picture(self, height: int, width: int) -> Picture:
        """The chart with the network's number of channels, 0..1."""
        return chart(height, width)[:, : 1 if self.source.channels == "L" else 3]

    def multiple(self) -> int | None:
        """The step that height and width must keep, None where no usual one works."""
        return next((step for step in _MULTIPLES if self.fits(_GRID + step, _GRID + 5 * step)), None)

    def reach(self, multiple: int, size: tuple[int, int] | None = None) -> int | None:
        """How many pixels around a tile its middle depends on, a multiple of `multiple`; None if all of them.

        One block of NaN goes in: where NaN or a change comes out depends on it. The picture grows until a border stays
        free of that.
        """
        sides = [size] if size else [(side, side) for side in (_GRID, 2 * _GRID, _LARGEST)]
        for height, width in sides:
            found = self._reach_in(height, width, multiple)
            if found is not None:
                return found
        return None

    def _reach_in(self, height: int, width: int, multiple: int) -> int | None:
        picture = self.picture(height, width)
        top, left = (side // 2 // multiple * multiple for side in (height, width))
        block = slice(top, top + multiple), slice(left, left + multiple)
        before = self.run(picture)
        changed = np.zeros((height, width), bool)
        for value in (np.nan, 3.0):
            picture[:, :, block[0], block[1]] = value
            changed |= (self.run(picture) != before).any(axis=(0, 1))
        rows, columns = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
        if not rows.size:
            return 0
        if rows[0] == 0 or columns[0] == 0 or rows[-1] == height - 1 or columns[-1] == width - 1:
            return None
        far = max(top - rows[0], left - columns[0], rows[-1] - block[0].stop + 1, columns[-1] - block[1].stop + 1)
        return int(-(-max(far, 0) // multiple) * multiple)


def chart(height: int, width: int) -> Picture:
    """1 x 3 x H x W float32 in 0..1: ramps, soft noise and hard edges, always the same."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    noise = np.random.default_rng(0).random((height // 16 + 2, width // 16 + 2, 3), dtype=np.float32)
    soft = noise.repeat(16, 0).repeat(16, 1)[:height, :width]
    edges = ((x // 37 + y // 23) % 2)[..., None]
    ramps = np.stack([x / max(width - 1, 1), y / max(height - 1, 1), 1 - x / max(width - 1, 1)], -1)
    picture = 0.4 * ramps + 0.4 * soft + 0.2 * edges
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None])


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]
