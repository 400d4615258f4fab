"""Colour by hints.

PSNR in sRGB against the truth, which was turned black and white by its luminance and rounded to 8 bits. Photographs of
scikit-image have so many points of 5 x 5 pixels in their true colour, at random places (fixed seed); beside it is
"Colorization using optimization" (Levin et al., 2004) at half the resolution. Clips (the first 24 frames of each folder
of plates) have their first frame in colour; beside it is that frame alone, moved by motion. Figures are the mean over
the other frames, in brackets E_warp over that of the true colours. To hold: as good as grey and as the classical
result, and E_warp at most 1.5.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from common import Picture, Table, footage, holds, show
from scipy.sparse import csr_matrix, identity
from scipy.sparse.linalg import spsolve
from skimage import data
from torch import Tensor

from replate.color import convert, default_space, transform
from replate.frame import Frame
from replate.generator import Generator
from replate.picture.hints import hints_for
from replate_training.judging.metrics import warp_error
from replate_training.space import from_display, to_log

PHOTOGRAPHS, COUNTS, CLIP, STEADY = ("astronaut", "chelsea", "coffee"), (0, 5, 50), 24, 1.5
LOOK = "colorize"
LUMINANCE = np.array([0.2722287168, 0.6740817658, 0.0536895174], np.float32)  # of AP1


def measure(options: argparse.Namespace) -> Table:
    """A row for each photograph and number of points, and for each clip."""
    look = Generator.load(LOOK, device="cpu", threads=options.threads or None)
    rows = [_photograph(look, name, count) for name in PHOTOGRAPHS for count in COUNTS]
    rows += [_clip(look, folder) for folder in options.plates]
    return Table(("picture", "hints", "grey", "classical", LOOK, "holds"), rows)


def _photograph(look: Generator, name: str, count: int) -> list[str]:
    truth = getattr(data, name)().astype(np.float32) / 255
    plate, hints = _grey(truth), _points(truth, count)
    shots = {"plate": {0: _frame(plate)}, "hints": {0: _frame(hints)}}
    told = hints_for(shots["plate"][0], shots, space=look.card.space)
    grey, classical, made = (_psnr(each, truth) for each in (plate, _levin(plate, told), _coloured(look, plate, told)))
    figures = [f"{grey:.1f}", f"{classical:.1f}" if count else "", f"{made:.1f}"]
    return [name, f"{count} points", *figures, holds(made >= max(grey, classical))]


def _clip(look: Generator, folder: Path) -> list[str]:
    truths = footage(folder, limit=CLIP)
    plates = [_frame(_grey(truth), number) for number, truth in enumerate(truths)]
    moved, made = [truths[0]], [truths[0]]
    for number in range(1, len(truths)):
        shots = {"plate": {0: plates[number], -number: plates[0]}, "reference": {-number: _frame(truths[0])}}
        told = hints_for(plates[number], shots, space=look.card.space)
        moved.append(_tinted(plates[number].pixels, told[..., :3]))
        made.append(_coloured(look, plates[number].pixels, told))
    greys = [plate.pixels for plate in plates]
    figures = [float(np.mean([*map(_psnr, each[1:], truths[1:])])) for each in (greys, moved, made)]
    steady = [_unrest(each, truths) for each in (moved, made)]
    good = figures[2] >= max(figures[:2]) and steady[1] <= STEADY
    shown = (f"{figures[0]:.1f}", *(f"{f:.1f} ({s:.2f})" for f, s in zip(figures[1:], steady, strict=True)))
    return [folder.name, "first frame", *shown, holds(good)]


def _frame(pixels: Picture, number: int = 0) -> Frame:
    straight = {"oiio:UnassociatedAlpha": 1}
    return Frame.of(np.ascontiguousarray(pixels), number=number, space=default_space("picture"), metadata=straight)


def _grey(truth: Picture) -> Picture:
    """As a panchromatic film sees it, in 8 bits."""
    light = convert(truth, default_space("picture"), "ACEScg") @ LUMINANCE
    grey = convert(np.repeat(light[..., None], 3, -1), "ACEScg", default_space("picture"))
    return np.round(grey.clip(0, 1) * 255).astype(np.float32) / 255


def _points(truth: Picture, count: int, *, seed: int = 1) -> Picture:
    """RGBA, straight: squares of 5 pixels in the mean colour under them."""
    random, layer = np.random.default_rng(seed), np.zeros((*truth.shape[:2], 4), np.float32)
    for _ in range(count):
        y, x = (int(random.integers(2, side - 2)) for side in truth.shape[:2])
        part = (slice(y - 2, y + 3), slice(x - 2, x + 3))
        layer[part] = [*truth[part].mean((0, 1)), 1]
    return layer


def _coloured(look: Generator, plate: Picture, told: Picture) -> Picture:
    into = transform(default_space("picture"), look.card.space)
    result, _ = look.apply(plate, transform=into, guides={"hints": told}, confidence=False)
    return result.clip(0, 1)


def _tinted(plate: Picture, chroma: Picture) -> Picture:
    """The plate and its colour together."""
    into = transform(default_space("picture"), "ACEScct")
    return np.asarray(into.inverse(into.forward(plate) + chroma), np.float32).clip(0, 1)


def _levin(plate: Picture, told: Picture) -> Picture:
    """Equations 1 and 2 of Levin, Lischinski and Weiss with eight neighbours, solved exactly."""
    if not told.any():
        return plate
    height, width = plate.shape[:2]
    small = (-(-width // 2), -(-height // 2))
    grey, hints = (cv2.resize(each, small, interpolation=cv2.INTER_AREA) for each in (plate[..., 0], told))
    known = hints[..., 3] > 0
    chroma = np.where(known[..., None], hints[..., :3] / np.maximum(hints[..., 3:], 1e-6), 0)
    system = identity(grey.size, format="csr") - _affinities(grey, known)
    solved = spsolve(system.tocsc(), chroma.reshape(-1, 3)).reshape(chroma.shape).astype(np.float32)
    return _tinted(plate, cv2.resize(solved, (width, height), interpolation=cv2.INTER_LINEAR))


def _affinities(grey: Picture, known: np.ndarray) -> csr_matrix:
    """For each unknown pixel, how much its neighbours count; they sum to one."""
    height, width = grey.shape
    index, wide = np.arange(grey.size).reshape(grey.shape), np.pad(grey, 1, mode="edge")
    moves = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if y or x]
    around = np.stack([wide[1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in moves])
    spread = np.maximum(np.concatenate([around, grey[None]]).var(0), 2e-6)
    weights = np.exp(-np.square(around - grey) / (2 * spread))
    places = [np.pad(index, 1, constant_values=-1)[1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in moves]
    inside = (np.stack(places) >= 0) & ~known
    weights = np.where(inside, np.maximum(weights, 1e-6), 0)
    weights /= np.maximum(weights.sum(0), 1e-12)
    rows = np.broadcast_to(index, weights.shape)[inside]
    return csr_matrix((weights[inside], (rows, np.stack(places)[inside])), shape=(grey.size, grey.size))


def _unrest(made: Sequence[Picture], truths: Sequence[Picture]) -> float:
    """E_warp of results over that of the true colours."""
    known, shown = ([_tensor(each) for each in pictures[1:]] for pictures in (truths, made))
    return warp_error(known, shown) / warp_error(known, known)


def _tensor(picture: Picture) -> Tensor:
    return to_log(from_display(torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)))


def _psnr(made: Picture, truth: Picture) -> float:
    return float(-10 * np.log10(np.square(made - truth).mean()))


if __name__ == "__main__":
    show(measure)
