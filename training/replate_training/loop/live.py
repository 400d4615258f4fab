"""A look that can be looked at while it is learnt: now.onnx in the training's folder, any node's generator."""

from __future__ import annotations

import time
from pathlib import Path

import torch

from replate.errors import ReplateError

from .. import checkpoint
from .exporters import exporter

__all__ = ["Live"]

EVERY = 5.0  # seconds of training
SHARE = 0.06  # of the time that this may take; where it takes more, it comes less often


class Live:
    """Writes the look as it stands. It changes nothing of what is learnt, and its failure ends nothing but itself."""

    def __init__(self, folder: Path) -> None:
        self.checkpoint, self.look = folder / "now.ckpt", folder / "now.onnx"
        self.trouble = ""
        self._next = 0.0

    def due(self, seconds: float) -> bool:
        """Whether it is time, after so many seconds of training."""
        return not self.trouble and seconds >= self._next

    def write(self, trained: checkpoint.Trained, seconds: float) -> None:
        """The look, after so many seconds of training. The first takes longer and is no measure for the next."""
        begun, first = time.monotonic(), not self._next
        try:
            with torch.random.fork_rng(devices=[]):
                checkpoint.save(trained, self.checkpoint)
                exporter()(self.checkpoint, self.look, confidence=False, quick=True)
        except ReplateError as error:
            self.trouble = str(error)
        cost = 0.0 if first else time.monotonic() - begun
        self._next = seconds + max(EVERY, cost / SHARE)
