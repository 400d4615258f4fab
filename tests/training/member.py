"""One process of a team: trains the tests' recipe for some steps and leaves its state, and the gradient of the last.

torchrun --nproc-per-node 2 member.py STEPS FOLDER
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch
from torch import Tensor

from replate_training import checkpoint
from replate_training.judging.lesson import Paired
from replate_training.loop.run import Run
from replate_training.loop.team import Team
from replate_training.loop.trainer import Trainer
from replate_training.material.data import Batch, Dice, Material
from replate_training.recipe import Recipe, Schedule
from training.conftest import tiny

SIDE = 80


@dataclass(frozen=True)
class Noise:
    """Pairs of noise, drawn for `random`."""

    count: int

    def batch(self, random: Dice) -> Batch:
        plate = torch.rand(self.count, 3, SIDE, SIDE, generator=random("noise"))
        return Batch((plate,), plate.flip(1))

    def real(self, batch: Batch, random: Dice) -> Tensor:
        return batch.inputs[0][..., 24:-24, 24:-24]


def recipe() -> Recipe:
    """All that is a mean over the batch: the lesson looks at every picture alike."""
    plain = tiny()
    assert plain.adversary is not None
    adversary = replace(plain.adversary, gamma=1.0, weight=0.1)
    lesson = Paired(pixels=1.0, edges=1.0, features=0.0, steady=0.0)
    return replace(plain, adversary=adversary, lesson=lesson, schedule=Schedule(judge=0.0, play=0.0))


def main() -> None:
    steps, folder = int(sys.argv[1]), Path(sys.argv[2])
    torch.set_num_threads(1)
    run = Run(out=folder, steps=100, device="cpu", precision="fp32")
    team = Team(run)
    team.launch()
    trainer = Trainer(recipe(), run, Material(source=Noise(2)), team=team)
    for _ in range(steps):
        trainer.advance()
    networks = {"generator": trainer.learner.network, "critic": trainer.learner.game.network}  # type: ignore[union-attr]
    slopes = {name: [each.grad for each in network.parameters()] for name, network in networks.items()}
    rank = team.fabric.global_rank
    checkpoint.write({"state": trainer.learner.state(), "slopes": slopes}, folder / f"{rank}.ckpt")


if __name__ == "__main__":
    main()
