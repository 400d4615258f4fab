"""What every training is told, whatever its recipe."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from replate.errors import UsageError

__all__ = ["Run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Facts of one run; the options of `replate train` are these fields. It ends after `steps`, or after `minutes` of
    training, whichever comes first."""

    out: Annotated[Path, typer.Option(help="The look, NAME.onnx, with NAME.train beside it; or a folder for all.")]
    steps: Annotated[int | None, typer.Option(min=1, help="Stop after so many steps.")] = None
    minutes: Annotated[float | None, typer.Option(min=0.05, help="Stop after so many minutes of training.")] = None
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the training that is there.")] = False
    resume_or_begin: Annotated[
        bool, typer.Option("--resume-or-begin", help="The same, or begin where there is none; for farms.")
    ] = False
    live: Annotated[
        bool, typer.Option("--live", help="Keep now.onnx in the training's folder, the look as it stands, to look at.")
    ] = False
    start: Annotated[Path | None, typer.Option(help="Begin from an earlier look: its final.ckpt.")] = None
    seed: Annotated[int, typer.Option(help="Another seed, another training.")] = 1
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto"
    devices: Annotated[int, typer.Option(min=1, help="So many processes, each with a device (cuda:N and after).")] = 1
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto"
    features: Annotated[Path | None, typer.Option(help="SqueezeNet 1.1 as ONNX, for the feature loss.")] = None
    licence: Annotated[list[str] | None, typer.Option(help="FOLDER=LICENCE of data, for the card.")] = None

    def within(self, minutes: float | None) -> Run:
        """The same with a recipe's own budget where none is given; raises UsageError where there is none either."""
        if self.steps is not None or self.minutes is not None:
            return self
        if minutes is None:
            raise UsageError("a training needs a budget; give --steps or --minutes")
        return replace(self, minutes=minutes)

    @property
    def folder(self) -> Path:
        """Where checkpoints and previews go."""
        return self.out.with_suffix(".train") if self.look else self.out

    @property
    def look(self) -> Path | None:
        """The node-ready file to write, where one is asked for."""
        return self.out if self.out.suffix == ".onnx" else None

    @staticmethod
    def command() -> str:
        """The command that makes this look from nothing, without where its data lay: the card travels."""
        told = (word for word in sys.argv[1:] if word not in ("--resume", "--resume-or-begin", "--live"))
        words = (Path(word).name if Path(word).is_absolute() else word for word in told)
        return shlex.join(["replate", *words])
