"""Exactness.

Tiles: the greatest difference between a 1080p frame in tiles and in one piece, in the generator's space. To hold: at
most 1e-4. Mix 0 and mask 0: every channel (colour, alpha, depth) bit-equal to the plate. Chunks: one frame alone,
chunks of 3 and of 7 frames, each in a render of its own, bit-equal to the whole range in one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from tempfile import TemporaryDirectory

import numpy as np
from common import HD, Picture, Table, holds, scene, show

from replate.color import convert, transform
from replate.frame import Frame
from replate.generator import Generator
from replate.job import Job
from replate.media import open_sink, open_source
from replate.nodes import Engine, Style
from replate.params import resolve
from replate.render import render

TILE_BOUND = 1e-4
CHANNELS = ("R", "G", "B", "A", "depth.Z")
COUNT = 15


def measure(options: argparse.Namespace) -> Table:
    """A row for each look."""
    headings = ("look", "tiles of 512", "tiles of 333", "mix 0", "mask 0", "frame alone", "chunks of 3", "chunks of 7")
    return Table((*headings, "holds"), [_row(name, options.threads) for name in options.looks])


def _row(name: str, threads: int) -> list[str]:
    look = Generator.load(name, threads=threads or None)
    plate = scene(1)[0]
    tiles = [_tile_error(look, plate, side) for side in (512, 333)]
    equal = [*_untouched(look, plate), *_chunks(name)]
    good = max(tiles) <= TILE_BOUND and all(equal)
    words = ("bit-equal" if each else "differs" for each in equal)
    return [look.card.name, *(f"{error:.1e}" for error in tiles), *words, holds(good)]


def _tile_error(look: Generator, plate: Picture, side: int) -> float:
    space = look.card.space
    plate, same = convert(plate, "ACEScg", space), transform(space, space)
    whole, tiled = (look.apply(plate, transform=same, tile=tile)[0] for tile in ("off", side))
    return float(np.abs(whole - tiled).max())


def _untouched(look: Generator, plate: Picture) -> Iterable[bool]:
    """Whether mix 0, and the half of the frame where the mask is 0, keep every bit."""
    random = np.random.default_rng(2)
    extra = random.uniform(0, 1, (*HD, 2)).astype(np.float32)
    frame = Frame.of(np.concatenate([plate, extra], axis=-1), CHANNELS, space="ACEScg")
    matte = np.zeros((*HD, 1), np.float32)
    matte[:, : HD[1] // 2] = 0.5
    style = Style(Engine(generator=look))
    shots = {"plate": {0: frame}}
    nothing = style.process(shots, resolve(Style.params, {"mix": 0.0}, 0))
    masked = style.process({**shots, "mask": {0: Frame.of(matte, "Y")}}, resolve(Style.params, {}, 0))
    for result, part in ((nothing, np.s_[:]), (masked, np.s_[:, HD[1] // 2 :])):
        yield result.pixels[part].tobytes() == frame.pixels[part].tobytes()


def _chunks(name: str) -> Iterable[bool]:
    """Whether renders of one frame, of 3 and of 7 frames at a time give the files of the whole range."""
    with TemporaryDirectory() as folder:
        plates = f"{folder}/plate.%04d.exr"
        write(scene(COUNT, size=(272, 480)), plates)

        def rendered(target: str, ranges: list[str]) -> list[bytes]:
            for frames in ranges:
                render(Job(node="style", inputs={"plate": plates}, output=target, generator=name, frames=frames))
            with open_source(target) as source:
                return [source.read(number).pixels.tobytes() for number in source.frames]

        whole = rendered(f"{folder}/whole.%04d.exr", [f"1-{COUNT}"])
        yield rendered(f"{folder}/one.%04d.exr", [str(COUNT // 2)]) == [whole[COUNT // 2 - 1]]
        for length in (3, 7):
            ranges = [f"{first}-{min(first + length - 1, COUNT)}" for first in range(1, COUNT + 1, length)]
            yield rendered(f"{folder}/of{length}.%04d.exr", ranges) == whole


def write(plates: Iterable[Picture], target: str) -> None:
    """Scene-linear plates as an EXR sequence from frame 1, half float."""
    with open_sink(target) as sink:
        for number, plate in enumerate(plates, 1):
            formats = ("half",) * plate.shape[2]
            sink.write(Frame.of(plate, number=number, space="ACEScg", formats=formats))


if __name__ == "__main__":
    show(measure)
