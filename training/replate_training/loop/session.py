"""From a request to a finished training: make the data ready, build the trainer, run it, leave the look."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from replate.errors import OutputError, ReplateError, UsageError, reason
from replate.news.progress import Watcher

from .. import checkpoint
from ..judging.features import Features
from ..judging.perceptual import Perceptual
from ..material.site import Site
from ..networks import Architecture
from ..recipe import Recipe
from ..seeing import certificate
from .exporters import exporter
from .run import Run
from .team import Team, leads
from .trainer import Trainer

__all__ = ["pick_device", "pick_precision", "run"]


def run(recipe: Recipe, request: Run, given: Mapping[str, Any], *, watcher: Watcher | None = None) -> None:
    """Train as asked, with the recipe's own options as they are `given`; raises ReplateError with one sentence where
    that cannot be.

    With several devices this happens in each of their processes. The first makes the data ready before it starts the
    others, so what is wrong with them is said once, and what is slow to make is there for all.
    """
    request = replace(request.within(recipe.minutes), device=pick_device(request.device))
    state = _state(request)
    watcher = watcher if watcher and leads() else Watcher()
    site = Site(recipe=recipe, folder=request.folder, say=watcher.note, licences=tuple(request.licence or ()))
    material = recipe.data(site, **given)
    recipe = recipe.fitted(material)
    wish = str(state.get("precision")) if state and request.precision == "auto" else request.precision
    example = material.source.batch(lambda _: torch.Generator().manual_seed(0)).inputs
    request = replace(request, precision=_precision(wish, request, recipe.generator, example))
    team = Team(request)
    team.launch()
    watcher.note(f"{recipe.title} on {team} in {request.precision}")
    features = None if request.features is None else Features(request.features)
    perceptual = None if request.features is None else Perceptual(request.features)
    trainer = Trainer(recipe, request, material, features=features, perceptual=perceptual, team=team)
    if state is not None:
        trainer.restore(state)
    try:
        trainer.run(watcher)
    except ReplateError:
        if not team.leads:
            return  # the leading process says so
        _leave(trainer, watcher)
        raise
    if team.leads:
        watcher.note(f"{request.folder / 'final.ckpt'}: {trainer.step} steps in {trainer.seconds / 60:.1f} minutes")
        _leave(trainer, watcher)


def _precision(wish: str, request: Run, architecture: Architecture, inputs: Sequence[Tensor]) -> str:
    """What processes would measure each for itself they might not agree on."""
    if wish == "auto" and request.devices > 1:
        return "bf16" if request.device.startswith("cuda") and torch.cuda.is_bf16_supported() else "fp32"
    return pick_precision(wish, request.device, architecture, inputs)


def pick_device(wish: str) -> str:
    """The device to train on; raises UsageError where the wished one is not there."""
    found = torch.cuda.is_available()
    if wish == "auto":
        return "cuda" if found else "cpu"
    if wish != "cpu" and not (wish.startswith("cuda") and found):
        raise UsageError(f"device '{wish}' is not available here; use --device cpu", parameter="device")
    return wish


def pick_precision(wish: str, device: str, architecture: Architecture, inputs: Sequence[Tensor]) -> str:
    """fp32 or bf16; `auto` times both on the recipe's own network, for a processor may have bfloat16 or fake it."""
    if wish in ("fp32", "bf16"):
        return wish
    if wish != "auto":
        raise UsageError(f"precision '{wish}' is not known; use auto, fp32 or bf16", parameter="precision")
    network = architecture.build().to(device)
    placed = [each.to(device) for each in inputs]
    return (
        "bf16" if _seconds(network, placed, device, True) < 0.9 * _seconds(network, placed, device, False) else "fp32"
    )


def _seconds(network: torch.nn.Module, inputs: Sequence[Tensor], device: str, mixed: bool) -> float:
    """The best of a few steps forth and back."""
    times = []
    for _ in range(4):
        start = time.perf_counter()
        with torch.autocast(device.split(":")[0], torch.bfloat16, enabled=mixed):
            loss = network(*inputs).mean()
        loss.backward()
        times.append(time.perf_counter() - start + 0 * float(loss.detach()))
    return min(times)


def _state(request: Run) -> Mapping[str, Any] | None:
    path = request.folder / "state.ckpt"
    resume = path.exists() if request.resume_or_begin else request.resume
    if path.exists() != resume:
        hint = "add --resume, or choose another --out" if path.exists() else "leave --resume away"
        raise UsageError(f"there is {'already a' if path.exists() else 'no'} training in {request.folder}; {hint}")
    try:
        request.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the folder {request.folder} cannot be made ({reason(error)}); choose another --out"
        ) from None
    checkpoint.sweep(request.folder)
    return checkpoint.read(path) if resume else None


def _leave(trainer: Trainer, watcher: Watcher) -> None:
    """Make the node-ready file, where one is asked for, and write the certificate."""
    request, record = trainer.facts, trainer.record
    final, page = request.folder / "final.ckpt", request.folder / "certificate.html"
    if request.look is not None:
        exporter()(final, request.look)
        watcher.note(
            f"{request.look}: ready to use: replate render {trainer.recipe.kind} IN OUT --generator {request.look}"
        )
    trained = checkpoint.load(final)
    certificate.write(page, trained, trainer.recipe, trainer.material, record.history, record.watched)
    watcher.note(f"{page}: the look's birth certificate, to open in a browser")
