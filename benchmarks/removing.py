"""What the removal benchmarks share: shots with a truth, ways to fill their holes, and sheets to look at.

A way is the node itself, or a classical fill of one frame that it has to beat.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import numpy.typing as npt
from common import Picture

from replate.color import to_display
from replate.frame import Frame
from replate.frames import parse_frames
from replate.job import Job
from replate.media import open_sink, open_source
from replate.params import Setting
from replate.removal.pyramid import pyramid_fill
from replate.render import render

__all__ = ["FILLS", "Mask", "Shot", "chosen", "fill", "psnr", "room", "settings", "sheet"]

Mask = npt.NDArray[np.bool_]
_WHOLE = (slice(None), slice(None))
_WIDE = 320  # pixels of a picture on a sheet


@dataclass(frozen=True)
class Shot:
    """A folder of numbered files: plate and truth of one file type, masks as PNG, and what was made of them."""

    folder: Path
    kind: str = "png"

    def pattern(self, name: str) -> str:
        """`name` as a sequence of its file type."""
        return str(self.folder / f"{name}.%04d.{'png' if name == 'mask' else self.kind}")

    @property
    def numbers(self) -> list[int]:
        """Of the plate's frames."""
        return sorted(int(path.name.split(".")[1]) for path in self.folder.glob(f"plate.*.{self.kind}"))

    def frame(self, name: str, number: int) -> Frame:
        """As the file has it."""
        (path,) = self.folder.glob(f"{name}.{number:04d}.*")
        with open_source(str(path)) as source:
            return source.read(source.frames[0] if source.frames else 0)

    def light(self, name: str, number: int) -> Picture:
        """H x W x 3, in the file's own space; a mask three times over."""
        pixels = self.frame(name, number).pixels[..., :3]
        return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)), np.float32)

    def seen(self, name: str, number: int) -> Picture:
        """H x W x 3 RGB as a screen shows it, 0..1."""
        return to_display(self.light(name, number), self.frame(name, number).space).clip(0, 1)

    def hole(self, number: int) -> Mask:
        """H x W, True where the mask is not 0."""
        return np.asarray((self.frame("mask", number).pixels > 0).any(axis=-1))


def _telea(shot: Shot, number: int) -> None:
    """As OpenCV has it: in 8 bits, of what a screen shows."""
    eight = np.rint(shot.seen("plate", number)[..., ::-1] * 255).astype(np.uint8)
    made = cv2.inpaint(eight, shot.hole(number).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    cv2.imwrite(str(shot.folder / f"telea.{number:04d}.png"), made)


def _pyramid(shot: Shot, number: int) -> None:
    plate = shot.frame("plate", number)
    made = pyramid_fill(shot.light("plate", number), shot.hole(number)[..., None].astype(np.float32))
    with open_sink(shot.pattern("pyramid")) as sink:
        sink.write(Frame.of(made, "RGB", number=number, space=plate.space, formats=plate.formats[:3]))


FILLS: Mapping[str, Callable[[Shot, int], None]] = {"telea": _telea, "pyramid": _pyramid}
"""Telea's inpainting ("An image inpainting technique based on the fast marching method", 2004), and the node's own
first fill."""


def fill(shot: Shot, way: str, options: argparse.Namespace, *, node: str = "", **inputs: str) -> None:
    """Write `way`.%04d beside the plates, in place of what is there under that name.

    Of `options` count `--frames`, and for the node `--set` and `--generator`. `node` is its name where `way` is not;
    it gets `inputs` beside plate and mask.
    """
    for old in shot.folder.glob(f"{way}.*"):
        old.unlink()
    if way in FILLS:
        for number in chosen(shot, options):
            FILLS[way](shot, number)
        return
    job = Job(
        node=node or way,
        inputs={name: shot.pattern(name) for name in ("plate", "mask")} | inputs,
        output=shot.pattern(way),
        frames=options.frames,
        generator=options.generator,
        params=settings(options),
        options={"overwrite": True},  # the code may have changed since
    )
    for number, error in render(job).failed.items():
        raise SystemExit(f"{shot.folder.name}, frame {number}: {error}")


def chosen(shot: Shot, options: argparse.Namespace) -> Sequence[int]:
    """The frames that `--frames` says."""
    return parse_frames(options.frames) if options.frames else shot.numbers


def psnr(made: Picture, truth: Picture, where: Mask | None = None) -> float:
    """In dB, of pictures in 0..1; `where` limits it."""
    apart = (made - truth)[... if where is None else where]
    return float(-10 * np.log10(max(np.square(apart).mean(), 1e-9)))


@contextmanager
def room(out: Path | None) -> Iterator[Path]:
    """`out`, made where it is not there, or a folder that goes away afterwards."""
    if out is None:
        with TemporaryDirectory() as folder:
            yield Path(folder)
    else:
        out.mkdir(parents=True, exist_ok=True)
        yield out


def settings(options: argparse.Namespace) -> dict[str, Setting]:
    """What `--set NAME=VALUE` says."""
    return dict(pair.split("=", 1) for pair in options.set)


def sheet(path: Path, shot: Shot, names: Sequence[str], numbers: Sequence[int], *, enlarged: bool = False) -> None:
    """A picture of pictures: a row for each frame, a column for each of `names`; `enlarged`: only around the hole."""
    rows = []
    for number in numbers:
        around = _around(shot.hole(number)) if enlarged else _WHOLE
        shown = [_labelled(shot.seen(name, number)[around], f"{number} {name}") for name in names]
        rows.append(np.concatenate(shown, axis=1))
    cv2.imwrite(str(path), np.concatenate(rows))


def _around(hole: Mask) -> tuple[slice, slice]:
    """The hole and as much again."""
    if not hole.any():
        return _WHOLE
    sides = []
    for axis, length in enumerate(hole.shape):
        found = np.flatnonzero(hole.any(axis=1 - axis))
        margin = (found[-1] - found[0]) // 2 + 8
        sides.append(slice(max(0, found[0] - margin), min(length, found[-1] + margin)))
    return sides[0], sides[1]


def _labelled(picture: Picture, text: str) -> npt.NDArray[np.uint8]:
    eight = np.rint(picture[..., ::-1] * 255).clip(0, 255).astype(np.uint8)
    height = round(eight.shape[0] * _WIDE / eight.shape[1])
    shown = cv2.resize(eight, (_WIDE, height), interpolation=cv2.INTER_AREA)
    return cv2.putText(shown, text, (4, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 255, 255), 1, cv2.LINE_AA)
