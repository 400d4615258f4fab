"""The page itself: facts and pictures, put into a template."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import jinja2

from replate.errors import OutputError, reason

from ...checkpoint import Trained
from ...judging.meanings import MEANINGS, title
from ...material.data import Material
from ...recipe import Recipe
from .. import curves
from .scenes import data_uri, scene

__all__ = ["write"]

_SCENES = 3
Rows = Sequence[Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """A metric as a reader sees it: a name, a number, a sentence, a curve."""

    title: str
    number: str
    sentence: str
    curve: str


def write(path: Path, trained: Trained, recipe: Recipe, material: Material, history: Rows, watched: Rows) -> None:
    """Write the certificate of a look: one HTML file with everything inside, that runs nothing and loads nothing.

    `history` are the losses and `watched` the figures on held material over the steps. Raises OutputError where it
    cannot be written; the file appears complete or not at all.
    """
    page = _template().render(
        trained=trained,
        date=f"{date.today():%d %B %Y}",
        scenes=[scene(trained, example) for example in material.shown[:_SCENES]],
        figures=list(_figures(trained, history, watched)),
        losses=_curve(curves.losses(history)) if history else "",
        held=len(material.held),
        stopped="exposure_error" not in trained.metrics,
        life=dict(_life(trained)),
        settings=dict(_settings(recipe)),
    )
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(page, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f"the certificate {path} could not be written: {reason(error)}; free the disk", path=path
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("page.html.jinja")


def _figures(trained: Trained, history: Rows, watched: Rows) -> Iterator[_Figure]:
    """Every metric and every curve, those with a meaning first and in its order."""
    panels = curves.figures(history, watched)
    names = [*MEANINGS, *sorted({*panels, *trained.metrics} - set(MEANINGS))]
    for name in names:
        value = trained.metrics.get(name, math.nan)
        if name in panels or not math.isnan(value):
            meaning = MEANINGS.get(name)
            yield _Figure(
                title=title(name),
                number="" if math.isnan(value) else (meaning.form if meaning else "{:.3f}").format(value),
                sentence=meaning.sentence if meaning else "",
                curve=_curve(panels[name]) if name in panels else "",
            )


def _curve(panel: curves.Panel) -> str:
    return data_uri("image/svg+xml", curves.svg(panel).encode())


def _life(trained: Trained) -> Iterator[tuple[str, str]]:
    """What a passport would say."""
    yield "Recipe", trained.recipe
    yield "Steps", f"{trained.steps:,}"
    yield "Training time", f"{trained.seconds / 60:.1f} minutes on {trained.device}"
    weights = sum(each.numel() for each in trained.generator_network.weights.values())
    yield "Size", f"{weights:,} numbers in the generator"
    yield "Licence", trained.licence or "its user's own"
    if trained.commercial_use is not None:
        yield "Commercial use", "allowed" if trained.commercial_use else "not allowed"
    yield "Seed", str(trained.seed)


def _settings(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """What the recipe sets, as its file says it."""
    options = ", ".join(f"{name}={value}" for name, value in recipe.generator.options.items())
    yield "Generator", f"{recipe.generator.family}({options})"
    yield "Lesson", str(recipe.lesson)
    if recipe.adversary is not None:
        critic = recipe.adversary
        yield "Game", f"{critic.objective}, weight {critic.weight}, gamma {critic.gamma}, critic's rate {critic.rate}"
        yield "Schedule", f"judge from {recipe.schedule.judge:.0%}, play from {recipe.schedule.play:.0%} of the budget"
    yield "Batch", f"{recipe.batch} crops of {recipe.crop} pixels, {recipe.margin} of margin, rate {recipe.rate}"
