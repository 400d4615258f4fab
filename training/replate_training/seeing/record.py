"""What there is to look at while a training runs: contact sheets, plots of losses and figures, TensorBoard."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ..material.data import Batch
from . import curves
from .preview import contact_sheet, row

__all__ = ["Record"]


class Record:
    """The history of a training in `folder`, and previews of the examples `shown`, which are in `space`."""

    def __init__(self, folder: Path, shown: Sequence[Batch], *, space: str = "ACEScct") -> None:
        self.folder, self.shown, self.space = folder, shown, space
        self.history = list[dict[str, float]]()
        self.watched = list[dict[str, float]]()

    @cached_property
    def board(self) -> SummaryWriter:
        """TensorBoard's file, made when something is written."""
        return SummaryWriter(self.folder / "board")

    def note(self, step: int, terms: Mapping[str, float]) -> None:
        """Keep the losses of a step, and their sum as a line for whoever watches."""
        self.history.append({"step": float(step), **terms})
        for name, value in terms.items():
            self.board.add_scalar(name, value, step)
        line = {"step": step, "loss": sum(value for name, value in terms.items() if not name.startswith("critic"))}
        with (self.folder / "losses.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def watch(self, step: int, seconds: float, figures: Mapping[str, float]) -> None:
        """Keep the figures on pictures that training does not see, after `seconds` of it."""
        self.watched.append({"step": float(step), "seconds": seconds, **figures})
        for name, value in figures.items():
            self.board.add_scalar(f"held/{name}", value, step)

    def forget(self, step: int) -> None:
        """Take back what came after a step."""
        self.history = [row for row in self.history if row["step"] <= step]
        self.watched = [row for row in self.watched if row["step"] <= step]

    def show(self, look: Callable[..., Tensor], step: int) -> None:
        """Write previews/STEP.png, losses.png and metrics.png."""
        if self.shown:
            rows = [row(look, batch) for batch in self.shown]
            sheet = contact_sheet(rows, self.folder / "previews" / f"{step:06d}.png", space=self.space)
            self.board.add_image("preview", sheet, step)
        self.board.flush()
        curves.png([curves.losses(self.history)], self.folder / "losses.png")
        if panels := curves.figures(self.history, self.watched):
            curves.png(list(panels.values()), self.folder / "metrics.png")
