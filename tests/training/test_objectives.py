"""Objectives against values computed by hand."""

from __future__ import annotations

import math

import pytest
import torch

from replate_training.judging.losses import charbonnier, edges, pyramid
from replate_training.judging.objectives import OBJECTIVES, gradient_penalty

REAL, MADE = torch.tensor([2.0, 0.0]), torch.tensor([-1.0, 3.0])


def sigma(t: float) -> float:
    return 1 / (1 + math.exp(-t))


def mean(*values: float) -> float:
    return sum(values) / len(values)


BY_HAND = {
    "classic": (
        mean(-math.log(sigma(2)), -math.log(sigma(0))) + mean(-math.log(1 - sigma(-1)), -math.log(1 - sigma(3))),
        mean(-math.log(sigma(-1)), -math.log(sigma(3))),
    ),
    "minimax": (
        mean(-math.log(sigma(2)), -math.log(sigma(0))) + mean(-math.log(1 - sigma(-1)), -math.log(1 - sigma(3))),
        mean(math.log(1 - sigma(-1)), math.log(1 - sigma(3))),
    ),
    "hinge": (mean(0, 1) + mean(0, 4), -mean(-1, 3)),
    "squares": (0.5 * (mean(1, 1) + mean(1, 9)), 0.5 * mean(4, 4)),
    "relativistic": (
        mean(-math.log(sigma(3)), -math.log(sigma(-3))),
        mean(-math.log(sigma(-3)), -math.log(sigma(3))),
    ),
}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_objective_equals_the_formula(name: str) -> None:
    objective = OBJECTIVES[name]
    critic, generator = BY_HAND[name]
    assert float(objective.critic(REAL, MADE)) == pytest.approx(critic, abs=1e-6)
    assert float(objective.generator(REAL, MADE)) == pytest.approx(generator, abs=1e-6)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_players_want_opposite_things(name: str) -> None:
    made = torch.zeros(4, requires_grad=True)
    objective = OBJECTIVES[name]
    (up,) = torch.autograd.grad(objective.generator(torch.zeros(4), made), made)
    (down,) = torch.autograd.grad(objective.critic(torch.zeros(4), made), made)
    assert (up < 0).all() and (down >= 0).all()


def test_gradient_penalty_of_a_linear_critic() -> None:
    picture = torch.rand(2, 3, 4, 4, requires_grad=True)
    logits = 0.5 * picture.sum(dim=(1, 2, 3))
    assert float(gradient_penalty(logits, picture)) == pytest.approx(0.5 * 48 * 0.25)


def test_paired_losses_by_hand() -> None:
    flat, step = torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 4, 4)
    step[..., 2:] = 0.3
    assert float(charbonnier(flat, step, epsilon=0.4)) == pytest.approx(mean(0.4, 0.5))
    assert float(edges(flat, step)) == pytest.approx(0.3 / 6)
    assert float(edges(step + 1, step)) == pytest.approx(0, abs=1e-6)
    assert float(pyramid(flat, step, levels=2)) == pytest.approx(0.3 / 6 + 0.3 / 2)
