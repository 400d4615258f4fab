"""`replate train`: a look from folders of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["train"]


def train(
    recipe: Annotated[str, typer.Argument(help="What to train: the name of a recipe, such as silver or painted.")],
    out: Annotated[Path, typer.Option(help="Where checkpoints and previews go.")],
    content: Annotated[list[Path], typer.Option(help="Plates: pictures, movies or folders. May be given again.")],
    style: Annotated[list[Path] | None, typer.Option(help="Pictures of the look itself, for the critic.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Stop after so many steps.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.05, help="Stop after so many minutes of training.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the training in --out.")] = False,
    seed: Annotated[int, typer.Option(help="Another seed, another training.")] = 1,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    features: Annotated[Path | None, typer.Option(help="SqueezeNet 1.1 as ONNX, for the feature loss.")] = None,
    licence: Annotated[list[str] | None, typer.Option(help="FOLDER=LICENCE of data, for the card; repeatable.")] = None,
) -> None:
    """Train a look and leave final.ckpt, previews and a plot of the losses in --out."""
    import os

    # Threads that spin while they wait halve the speed of a machine that does anything else.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from .session import Request, run

    run(
        Request(
            recipe=recipe,
            out=out,
            content=tuple(content),
            style=tuple(style or ()),
            steps=steps,
            minutes=minutes,
            resume=resume,
            seed=seed,
            device=device,
            precision=precision,
            features=features,
            licences=tuple(licence or ()),
        )
    )
