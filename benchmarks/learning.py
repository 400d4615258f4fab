"""Training.

Every recipe on the given plates, or else on pictures that this script makes: half a minute of training in float32 on
the CPU, all phases of its schedule, and a few steps in bfloat16 in the phase that does the most. "elsewhere" is the
share of the wall time that is not spent forth, back or in optimisers: drawing batches, averages, checks, the log,
checkpoints, previews, figures on held pictures. What comes once, before (teaching) and after (the examination of the
finished look), is left out. To hold: at most 10 %.
"""

from __future__ import annotations

import argparse
import inspect
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from common import Table, footage, holds, scene, show

from replate.errors import ReplateError
from replate.news.progress import Watcher
from replate_training import recipes
from replate_training.judging.validation import Validation
from replate_training.loop.run import Run
from replate_training.loop.trainer import Trainer
from replate_training.material.data import Material
from replate_training.material.site import Site
from replate_training.recipe import Recipe

BOUND = 0.10
MINUTES = 0.5
FEW = 3
PICTURES, SIZE = 5, (540, 960)


def measure(options: argparse.Namespace) -> Table:
    """A row for each recipe that there is."""
    with TemporaryDirectory() as folder:
        files = _pictures(Path(folder), options.plates)
        rows = [_row(recipes.find(name), files, Path(folder) / name) for name in recipes.names()]
    return Table(("recipe", "batch", "steps/s, fp32", "steps/s, bf16", "elsewhere", "holds"), rows)


def _pictures(folder: Path, plates: list[Path]) -> dict[str, list[Path]]:
    """Files by what recipes call them: plates, and for `after` the same with another tone and colour."""
    found = [picture for each in plates for picture in footage(each, limit=PICTURES)]
    before = found or [np.clip(light, 0, 1) ** (1 / 2.2) for light in scene(PICTURES, size=SIZE)]
    after = [picture[..., ::-1] ** 1.5 for picture in before]
    return {name: _written(folder / name, pictures) for name, pictures in (("before", before), ("after", after))}


def _written(folder: Path, pictures: list[Any]) -> list[Path]:
    folder.mkdir()
    paths = [folder / f"{index:04d}.png" for index in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        cv2.imwrite(str(path), (255 * picture[..., ::-1]).round().astype(np.uint8))
    return paths


def _row(recipe: Recipe, files: dict[str, list[Path]], folder: Path) -> list[str]:
    folder.mkdir()
    try:
        material = recipe.data(Site(recipe=recipe, folder=folder, say=lambda _: None), **_given(recipe, files))
    except ReplateError as error:
        return [recipe.name, "", "", "", str(error), holds(False)]
    run = Run(out=folder, minutes=MINUTES, device="cpu", precision="fp32")
    steps, elsewhere = _whole(Trainer(recipe, run, material))
    half = _seconds(recipe, replace(run, precision="bf16"), material)
    figures = (f"{steps:.2f}", f"{1 / half:.2f}", f"{100 * elsewhere:.1f} %")
    return [recipe.name, str(recipe.batch), *figures, holds(elsewhere <= BOUND)]


def _given(recipe: Recipe, files: dict[str, list[Path]]) -> dict[str, Any]:
    """Files for every option without a default; strings where the recipe wants patterns; of what is simulated two."""
    options = inspect.signature(type(recipe.data).__call__).parameters
    wanted = [each for each in options.values() if each.kind is each.KEYWORD_ONLY and each.default is each.empty]
    two = {"count": 2} if "takes" in options else {}
    return {each.name: _as(each.annotation, files.get(each.name, files["before"])) for each in wanted} | two


def _as(annotation: Any, paths: list[Path]) -> Any:
    """The files as an option wants them: as patterns, as paths, or as the folder that they lie in."""
    if "list[str]" in str(annotation):
        return [str(path) for path in paths]
    return paths if "list[" in str(annotation) else paths[0].parent


class _Unexamined(Validation):
    """Looks at held pictures while a training runs, and not when it is done."""

    def examine(self, look: Callable[..., Any]) -> dict[str, float]:
        """Nothing."""
        return {}


def _whole(trainer: Trainer) -> tuple[float, float]:
    """Steps a second of a whole training, and the share of its time that is spent elsewhere than in learning."""
    learn, laps = trainer.learner.learn, list[float]()

    def timed(*arguments: Any, **options: Any) -> Any:
        start = time.perf_counter()
        result = learn(*arguments, **options)
        laps.append(time.perf_counter() - start)
        return result

    trainer.learner.learn = timed  # type: ignore[method-assign]
    trainer.contest.validation = _Unexamined(material=trainer.material, takes=trainer.recipe.generator.takes)
    start = time.perf_counter()
    trainer.run(Watcher())
    whole = time.perf_counter() - start
    return len(laps) / whole, 1 - sum(laps) / whole


def _seconds(recipe: Recipe, run: Run, material: Material) -> float:
    """Of a step, the median of a few in the phase that does the most."""
    trainer, laps = Trainer(recipe, run, material), []
    trainer.seconds = 60 * MINUTES * 0.99
    for _ in range(FEW):
        start = time.perf_counter()
        trainer.advance()
        laps.append(time.perf_counter() - start)
    return median(laps[1:])


if __name__ == "__main__":
    show(measure)
