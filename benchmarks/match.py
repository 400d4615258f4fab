"""Looks that three frames show.

A clip (`--clips`; its first 240 frames at 1280 x 720, every fourth one, lights opened up by two stops), of which three
frames are paired with what a script makes of them. `replate train match` gets five minutes; figures are of eight frames
without a pair, in sRGB.

The grade: greens go to teal, lights glow over a fortieth of the height, corners fall off by two stops. To hold: at
least 30 dB on average. Exposure and E_warp as for the looks that ship; to hold: at most 2 % and 1.5.

The painting: by the classical painter that taught `painted`, on the first clip. Over the minutes, beside a plain
relative of pix2pix (`benchmarks/pix2pix.py`) that gets the same frames and minutes: PSNR, sharpness (1 is that of the
painting), and with `--features` a perceptual distance of SqueezeNet's features (lower is nearer). A row is of the
checkpoint that is there when its minute is over.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import OpenImageIO as oiio
import pix2pix
import torch
from common import Picture, Table, holds, show
from grades import grade

from replate_training import checkpoint
from replate_training.judging.metrics import any_size, exposure_error, fidelity, mean, warp_ratio
from replate_training.judging.perceptual import Perceptual
from replate_training.material.data import whole
from replate_training.material.pictures import frames
from replate_training.space import to_linear, to_log
from replate_training.teachers.painter import paint

MINUTES = 5
_SIZE, _EVERY, _MOST, _SEEN = (1280, 720), 4, 240, 8


@dataclass(frozen=True)
class Shot:
    """Plates of a clip, scene-linear H x W x 3, and which of them get a partner; the others measure."""

    plates: Sequence[Picture]

    @property
    def paired(self) -> list[int]:
        """A sixth, a half and five sixths of the way."""
        return [len(self.plates) * part // 6 for part in (1, 3, 5)]

    @property
    def judged(self) -> list[Picture]:
        """Eight frames without a partner, evenly apart."""
        free = [plate for index, plate in enumerate(self.plates) if index not in self.paired]
        return [free[int(place)] for place in np.linspace(0, len(free) - 1, _SEEN)]


def measure(options: argparse.Namespace) -> str:
    """Both tables."""
    pix2pix.register()
    shots = {clip.name: Shot(list(islice(_light(clip), _MOST // _EVERY))) for clip in options.clips}
    with TemporaryDirectory() as folder:
        painted = _painted(next(iter(shots.values())), Path(folder), options.features)
        print(painted, file=sys.stderr, flush=True)  # half an hour is too long to lose
        rows = [[name, *_graded(shot, Path(folder) / name)] for name, shot in shots.items()]
    headings = ["clip", "minutes", "steps", "plate itself", "match", "worst frame", "exposure", "E_warp", "holds"]
    return f"{Table(headings, rows)}\n\n{painted}"


def _light(clip: Path) -> Iterator[Picture]:
    for light in frames(clip, every=_EVERY):
        plate = cv2.resize(light.permute(1, 2, 0).numpy(), _SIZE, interpolation=cv2.INTER_AREA)
        near = np.clip((plate.max(-1, keepdims=True) - 0.75) / 0.25, 0, 1)
        yield (plate * np.exp2(2 * near**2)).astype(np.float32)


def _graded(shot: Shot, folder: Path) -> list[str]:
    words, out = _pairs(shot, grade, folder), folder / "look"
    _run([sys.executable, "-m", "replate", "train", "match", *words, "--out", str(out), "--precision", "fp32"])
    trained = checkpoint.load(out / "final.ckpt")
    look, takes = _look(trained)
    truth = [grade(plate) for plate in shot.judged]
    rows = _scores(trained, shot, truth)
    untouched = [fidelity(_log(a), _log(b))["display_psnr"] for a, b in zip(shot.judged, truth, strict=True)]
    psnr, worst = mean(rows)["display_psnr"], min(row["display_psnr"] for row in rows)
    with torch.no_grad():
        exposure = exposure_error(look, *whole(_log(shot.judged[0])[0], takes=takes).inputs)
    warp = warp_ratio(look, [_log(plate)[0] for plate in shot.plates[:6]], takes=takes)
    good = psnr >= 30 and exposure <= 0.02 and warp <= 1.5
    line = [f"{trained.seconds / 60:.1f}", f"{trained.steps}", f"{np.mean(untouched):.1f} dB", f"{psnr:.1f} dB"]
    figures = [f"{worst:.1f} dB", f"{100 * exposure:.2f} %", f"{warp:.2f}", holds(good)]
    return [*line, *figures]


def _painted(shot: Shot, folder: Path, features: Path | None) -> Table:
    words = _pairs(shot, _paint, folder / "paint")
    before, after = words[1:4], words[5:8]
    more = [] if features is None else ["--features", str(features)]
    match = [sys.executable, "-m", "replate", "train", "match", *words, *more, "--precision", "fp32", "--out"]
    plain = [sys.executable, pix2pix.__file__]
    ours = _over_time([*match, str(folder / "ours")], folder / "ours")
    theirs = _over_time([*plain, str(folder / "theirs"), str(MINUTES), *before, "--", *after], folder / "theirs")
    truth = [_paint(plate) for plate in shot.judged]
    perceptual = None if features is None else Perceptual(features)
    rows = [
        [f"{minute}", *(cell for path in both for cell in _cells(path, shot, truth, perceptual))]
        for minute, both in enumerate(zip(ours, theirs, strict=True), 1)
    ]
    columns = [
        f"{who}, {what}" for who in ("match", "pix2pix") for what in ("steps", "PSNR", "perceptual", "sharpness")
    ]
    return Table(["minutes", *columns], rows)


def _cells(path: Path | None, shot: Shot, truth: Sequence[Picture], perceptual: Perceptual | None) -> list[str]:
    if path is None:
        return [""] * 4
    trained = checkpoint.load(path)
    figures = mean(_scores(trained, shot, truth, perceptual))
    distance = f"{figures['perceptual']:.3f}" if perceptual else ""
    return [f"{trained.steps}", f"{figures['display_psnr']:.1f} dB", distance, f"{figures['sharpness']:.2f}"]


def _scores(
    trained: checkpoint.Trained, shot: Shot, truth: Sequence[Picture], perceptual: Perceptual | None = None
) -> list[dict[str, float]]:
    look, takes = _look(trained)
    with torch.no_grad():
        results = [look(*whole(_log(plate)[0], takes=takes).inputs) for plate in shot.judged]
        pairs = zip(results, map(_log, truth), strict=True)
        return [fidelity(result, target, perceptual=perceptual) for result, target in pairs]


def _look(trained: checkpoint.Trained) -> tuple[Callable[..., torch.Tensor], Sequence[str]]:
    network = trained.generator()
    return any_size(network, trained.multiple), network.takes  # type: ignore[return-value]


def _over_time(words: Sequence[str], out: Path) -> list[Path | None]:
    """The checkpoints that are there after each minute of a training."""
    found = list[Path | None]()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        while not (out / "board").exists() and process.poll() is None:
            time.sleep(0.1)
        start = time.monotonic()
        for minute in range(1, MINUTES):
            time.sleep(max(0.0, start + 60 * minute - time.monotonic()))
            found.append(_kept(out, minute))
        if process.wait():
            raise SystemExit(f"{' '.join(words)} failed")
    return [*found, out / "final.ckpt"]


def _kept(out: Path, minute: int) -> Path | None:
    source, target = out / "final.ckpt", out / f"minute{minute}.ckpt"
    return Path(shutil.copy(source, target)) if source.exists() else None


def _pairs(shot: Shot, truth: Callable[[Picture], Picture], folder: Path) -> list[str]:
    """Write the pairs; they as options of the command."""
    folder.mkdir()
    for index in shot.paired:
        _write(folder / f"before{index}.exr", shot.plates[index])
        _write(folder / f"after{index}.exr", truth(shot.plates[index]))
    names = [[str(folder / f"{which}{index}.exr") for index in shot.paired] for which in ("before", "after")]
    return ["--before", *names[0], "--after", *names[1]]


def _write(path: Path, pixels: Picture) -> None:
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], 3, "half")
    out = oiio.ImageOutput.create(str(path))
    if not (out.open(str(path), spec) and out.write_image(pixels) and out.close()):
        raise SystemExit(out.geterror())


def _paint(light: Picture) -> Picture:
    with torch.no_grad():
        return np.ascontiguousarray(to_linear(paint(_log(light)))[0].permute(1, 2, 0).numpy())


def _log(light: Picture) -> torch.Tensor:
    return to_log(torch.from_numpy(np.ascontiguousarray(light.transpose(2, 0, 1))))[None]


def _run(words: Sequence[str]) -> None:
    if subprocess.run(words, stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit(f"{' '.join(words)} failed")


if __name__ == "__main__":
    show(measure)
