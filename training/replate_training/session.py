"""From a request to a finished training: find the data, have it taught, build the trainer, run it."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from replate.errors import InputError, OutputError, UsageError

from . import checkpoint
from .data import Pairs, Style, teach
from .features import Features
from .networks import build
from .pictures import find, load
from .progress import Meter
from .recipe import Recipe, find_recipe
from .trainer import Run, Trainer

__all__ = ["Request", "pick_device", "pick_precision", "run"]

HOLD = 16  # each so many plates one is held out for previews and metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asks for; `licences` are "FOLDER=LICENCE"."""

    recipe: str
    out: Path
    content: tuple[Path, ...]
    style: tuple[Path, ...] = ()
    steps: int | None = None
    minutes: float | None = None
    resume: bool = False
    seed: int = 1
    device: str = "auto"
    precision: str = "auto"
    features: Path | None = None
    licences: tuple[str, ...] = ()


def run(request: Request) -> None:
    """Train as asked; raises ReplateError with one sentence where that cannot be."""
    recipe = find_recipe(request.recipe)
    state = _state(request)
    device = pick_device(request.device)
    wish = str(state["precision"]) if state and request.precision == "auto" else request.precision
    precision = pick_precision(wish, device, recipe)
    with Meter(recipe.title) as meter:
        meter.say(f"{recipe.title} on {device} in {precision}")
        pairs, held = _pairs(recipe, request, meter)
        facts = Run(
            out=request.out,
            steps=request.steps,
            minutes=request.minutes,
            seed=request.seed,
            device=device,
            precision=precision,
            command=_command(),
            data=_data(request),
        )
        features = None if request.features is None else Features(request.features)
        style = _style(recipe, request, meter)
        trainer = Trainer(recipe, facts, pairs=pairs, held=held, style=style, features=features)
        if state is not None:
            trainer.restore(state)
        trainer.run(meter)
        meter.say(f"{request.out / 'final.ckpt'}: {trainer.step} steps in {trainer.seconds / 60:.1f} minutes")


def pick_device(wish: str) -> str:
    """The device to train on; raises UsageError where the wished one is not there."""
    found = torch.cuda.is_available()
    if wish == "auto":
        return "cuda" if found else "cpu"
    if wish != "cpu" and not (wish.startswith("cuda") and found):
        raise UsageError(f"device '{wish}' is not available here; use --device cpu", parameter="device")
    return wish


def pick_precision(wish: str, device: str, recipe: Recipe) -> str:
    """fp32 or bf16; `auto` times both on the recipe's own network, for a processor may have bfloat16 or fake it."""
    if wish in ("fp32", "bf16"):
        return wish
    if wish != "auto":
        raise UsageError(f"precision '{wish}' is not known; use auto, fp32 or bf16", parameter="precision")
    network = build("residual", recipe.generator).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return "bf16" if _seconds(network, device, True) < 0.9 * _seconds(network, device, False) else "fp32"


def _seconds(network: torch.nn.Module, device: str, mixed: bool) -> float:
    """The best of a few steps forth and back."""
    picture, times = torch.rand(4, 3, 192, 192, device=device), []
    for _ in range(4):
        start = time.perf_counter()
        with torch.autocast(device.split(":")[0], torch.bfloat16, enabled=mixed):
            loss = network(picture).mean()
        loss.backward()
        times.append(time.perf_counter() - start + 0 * float(loss.detach()))
    return min(times)


def _state(request: Request) -> Mapping[str, Any] | None:
    path = request.out / "state.ckpt"
    if path.exists() != request.resume:
        hint = "add --resume, or choose another --out" if path.exists() else "leave --resume away"
        raise UsageError(f"there is {'already a' if path.exists() else 'no'} training in {request.out}; {hint}")
    try:
        request.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {request.out} cannot be made ({error}); choose another --out") from None
    return checkpoint.read(path) if request.resume else None


def _pairs(recipe: Recipe, request: Request, meter: Meter) -> tuple[Pairs, Pairs]:
    """Pairs to train on and pairs that are held out, at every scale of the recipe."""
    files, plates, held = find(request.content), list[Tensor](), list[Tensor]()
    for scale in recipe.scales:
        for index, plate in enumerate(_plates(recipe, files, scale, meter)):
            (held if index % HOLD == HOLD - 1 else plates).append(plate)
    if not plates:
        raise InputError(f"no plate has {recipe.crop} pixels on its short side; give larger pictures")
    meter.say(f"{recipe.teacher.__name__} teaches {len(plates)} plates, {len(held)} more are held out")
    cache = request.out / "taught"
    return teach(plates, recipe.teacher, cache=cache), teach(held or plates[:1], recipe.teacher, cache=cache)


def _plates(recipe: Recipe, files: Sequence[Path], scale: int, meter: Meter) -> Iterator[Tensor]:
    return load(
        files,
        short=scale,
        every=recipe.every,
        grey=recipe.grey,
        highlights=recipe.highlights,
        smallest=recipe.crop,
        report=meter.say,
    )


def _style(recipe: Recipe, request: Request, meter: Meter) -> Style | None:
    if not request.style:
        return None
    files = find(request.style)
    pictures = list(load(files, short=recipe.style_scale, smallest=recipe.crop, report=meter.say))
    if not pictures:
        raise InputError(f"no style picture has {recipe.crop} pixels on its short side; give larger pictures")
    return Style([picture.half() for picture in pictures])


def _command() -> str:
    """The command that makes this look from nothing, without where its data lay: the card travels."""
    words = (Path(word).name if Path(word).is_absolute() else word for word in sys.argv[1:] if word != "--resume")
    return shlex.join(["replate", *words])


def _data(request: Request) -> tuple[checkpoint.Data, ...]:
    """The data list of the card, with the licences that the user stated."""
    licences = dict(item.partition("=")[::2] for item in request.licences)
    folders = (*request.content, *request.style)
    return tuple(
        checkpoint.Data(name=folder.name, licence=licences.get(folder.name, "not stated"), files=len(find([folder])))
        for folder in folders
    )
