"""Movies, out and back.

A synthetic plate of 16 bits goes into a movie and is read again, in the movie's own R'G'B' of 0..1: eight 960 x 540
frames of ramps, of patches with and without saturation, and of moving grain (sigma 0.01), with a soft alpha where the
codec holds one. Errors are absolute. "greys" are the grey ramp alone, "patches" the insides of the patches, where
chroma that neighbours share does no harm, "grain" the part with grain, "all" every pixel with the edges of saturated
patches. "a code" is the distance of two codes at that depth. To hold: on the patches at most half a code of 8 bits on
average, and in ffv1, which loses nothing but by rounding, at most 1.5 of its own codes anywhere.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
from common import Table, holds, show

from replate.color import default_space
from replate.frame import Frame
from replate.media import open_sink, open_source
from replate.media.movie_codecs import CODECS, CONTAINERS

Array = npt.NDArray[np.float32]
HEIGHT, WIDTH, COUNT = 540, 960, 8
GREYS, PATCHES, GRAIN, MARGIN = slice(0, 90), slice(270, 360), slice(360, 540), 8
COLOURS = [(r, g, b) for level in (1.0, 0.5) for r in (0, level) for g in (0, level) for b in (0, level)]


def measure(options: argparse.Namespace) -> Table:
    """A row for each codec at each depth, in the container that it is most usual in."""
    headings = (
        *("codec", "in", "bits", "a code", "greys", "patches", "grain", "all", "greatest"),
        *("alpha", "greatest in alpha", "kB a frame", "holds"),
    )
    frames = [_plate(number) for number in range(1, COUNT + 1)]
    with TemporaryDirectory() as folder:
        rows = [_row(Path(folder), name, bits, frames) for name in CODECS for bits in sorted(CODECS[name].formats)]
    return Table(headings, rows)


def _plate(number: int) -> Frame:
    """Ramps of grey and colour, patches, and texture with grain, rounded to 16 bits; R, G, B, A."""
    random = np.random.default_rng(number)
    x = np.broadcast_to(np.linspace(0, 1, WIDTH)[None, :, None], (90, WIDTH, 3))
    y, across = np.mgrid[:180, :WIDTH]
    shade = 0.5 + 0.3 * np.sin((across + 6 * number) / 40) * np.cos(y / 30)
    texture = shade[..., None] * [1.0, 0.85, 0.6] + random.normal(0, 0.01, (180, WIDTH, 3))
    hues = x * [1, 0.2, 0.2] + (1 - x) * [0.2, 0.4, 1]
    patches = np.repeat(np.array(COLOURS), WIDTH // len(COLOURS), axis=0)[None].repeat(90, axis=0)
    picture = np.concatenate([x, hues, x * [0.3, 1, 0.3], patches, texture])
    alpha = np.clip(1.5 - np.hypot(*(np.mgrid[:HEIGHT, :WIDTH] - np.array([[[270]], [[480]]]))) / 300, 0, 1)
    rounded = np.rint(np.clip(np.dstack([picture, alpha]), 0, 1) * 65535) / 65535
    return Frame.of(rounded.astype(np.float32), number=number, space=default_space("video"), metadata=_STRAIGHT)


_STRAIGHT = {"oiio:UnassociatedAlpha": 1}


def _row(folder: Path, name: str, bits: int, frames: list[Frame]) -> list[str]:
    suffix = min((at for at in CONTAINERS if name in CONTAINERS[at].codecs), key=lambda at: _rank(at, name))
    path = folder / f"{name}-{bits}{suffix}"
    has_alpha = bool(CODECS[name].with_alpha)
    plates = frames if has_alpha else [_opaque(frame) for frame in frames]
    with open_sink(str(path), compression=name, bit_depth=bits) as sink:
        for frame in plates:
            sink.write(frame)
    with open_source(str(path)) as source:
        errors = np.stack([np.abs(source.read(plate.number).pixels - plate.pixels) for plate in plates])
    code = 1 / 219 / 2 ** (bits - 8)
    colour, alpha = errors[..., :3], errors[..., 3:]
    patches = float(np.mean(list(_insides(colour))))
    good = patches <= 0.5 / 219 and (name != "ffv1" or colour.max() <= 1.5 * code)
    return [
        name,
        suffix,
        str(bits),
        _shown(code),
        _shown(colour[:, GREYS].mean()),
        _shown(patches),
        _shown(colour[:, GRAIN].mean()),
        _shown(colour.mean()),
        _shown(colour.max()),
        _shown(alpha.mean()) if has_alpha else "",
        _shown(alpha.max()) if has_alpha else "",
        f"{path.stat().st_size / 1000 / COUNT:.0f}",
        holds(good),
    ]


def _rank(suffix: str, codec: str) -> int:
    return CONTAINERS[suffix].codecs.index(codec)


def _opaque(frame: Frame) -> Frame:
    return Frame.of(frame.pixels[..., :3], "RGB", number=frame.number, space=frame.space)


def _insides(errors: Array) -> Iterator[float]:
    """Mean error in the middle of each patch; `errors` is N x H x W x 3."""
    width = WIDTH // len(COLOURS)
    rows = errors[:, PATCHES][:, MARGIN:-MARGIN]
    for left in range(0, WIDTH, width):
        yield float(rows[:, :, left + MARGIN : left + width - MARGIN].mean())


def _shown(value: float) -> str:
    return f"{value:.1e}"


if __name__ == "__main__":
    show(measure)
