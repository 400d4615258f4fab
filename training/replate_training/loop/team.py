"""The processes that train one network together: one for each device, each with batches of its own.

Fabric starts and connects them. Gradients are averaged by hand, all in one message, rather than by
DistributedDataParallel: that wants each parameter used once forth and once back in a step. Here the generator is asked
twice (steadiness), the critic is asked without learning, its slope is differentiated again (R1, R2), and its spectral
norm writes buffers while it looks. The code of Karras et al., "Training generative adversarial networks with limited
data", 2020, averages by hand as well.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from functools import partial

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies import DDPStrategy
from torch import Tensor, nn

from replate.errors import ReplateError, UsageError

from ..material.data import Dice, dice
from .run import Run

__all__ = ["Team", "leads"]


def leads() -> bool:
    """Whether this is the process that writes and speaks, among those that `torchrun` or a `Team` started."""
    return os.environ.get("RANK", os.environ.get("LOCAL_RANK", "0")) == "0"


class _Connected(DDPStrategy):  # type: ignore[misc]
    """Processes that can talk; networks stay as they are."""

    def setup_module(self, module: nn.Module) -> nn.Module:
        return module


class Team:
    """One process, or as many as `run.devices`. Under `torchrun` it takes the processes that are there, on one machine
    or on several; otherwise `launch` starts the same command once more for each further device."""

    def __init__(self, run: Run) -> None:
        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
        count = int(os.environ.get("LOCAL_WORLD_SIZE", run.devices))
        machines = int(os.environ.get("GROUP_WORLD_SIZE", 1))
        kind, _, first = run.device.partition(":")
        if kind == "cuda" and int(first or 0) + count > torch.cuda.device_count():
            raise UsageError(f"there are {torch.cuda.device_count()} GPUs here, not {count}", parameter="devices")
        self.fabric = Fabric(
            accelerator=kind,
            devices=[int(first or 0) + index for index in range(count)] if kind == "cuda" else count,
            num_nodes=machines,
            precision={"fp32": "32-true", "bf16": "bf16-mixed"}[run.precision],
            strategy=_Connected() if count * machines > 1 else "auto",
        )

    def launch(self) -> None:
        """Start the other processes, or join the one that started this; returns when all are there."""
        if self.several:
            self.fabric.launch()

    @property
    def several(self) -> bool:
        """Whether there is more than one process."""
        return bool(self.fabric.world_size > 1)

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return bool(self.fabric.is_global_zero)

    def __str__(self) -> str:
        device = str(self.fabric.device)
        return f"{self.fabric.world_size} x {device.partition(':')[0]}" if self.several else device

    def random(self, seed: int, step: int, *, turn: int = 0) -> Dice:
        """The random generators of one step in this process; after a rollback, in another `turn`, others."""
        rank = self.fabric.global_rank
        if rank == turn == 0:
            return partial(dice, seed, step)
        return lambda stream: dice(seed, step, f"{stream}/{rank}/{turn}")

    def average(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the mean of all gradients, the same bits to each."""
        if self.several:
            learnt = [each for each in parameters if each.requires_grad]
            own = [torch.zeros_like(each) if each.grad is None else each.grad for each in learnt]
            mean = self._reduce(torch.cat([each.reshape(-1) for each in own]), "mean")
            parts = torch.split(mean, [each.numel() for each in own])
            for each, grad, part in zip(learnt, own, parts, strict=True):
                each.grad = grad.copy_(part.view(grad.shape))  # in the layout it had

    def agree(self, *numbers: float) -> tuple[float, ...]:
        """The largest of each number among the processes."""
        if not self.several:
            return numbers
        own = torch.tensor(numbers, dtype=torch.float64, device=self.fabric.device)
        return tuple(self._reduce(own, "max").tolist())

    def _reduce(self, values: Tensor, how: str) -> Tensor:
        try:
            return self.fabric.all_reduce(values, reduce_op=how)  # type: ignore[no-any-return]
        except RuntimeError:
            raise ReplateError("another process of this training has ended; go on with --resume") from None
