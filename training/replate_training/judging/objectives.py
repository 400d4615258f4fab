"""Adversarial objectives, each a pair of losses on the critic's logits.

D is the critic, x real, G(z) made; sigma is the logistic function, softplus(t) = log(1 + e^t) = -log sigma(-t), so
that -log D = softplus(-logit). Means run over all patches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["OBJECTIVES", "Objective", "gradient_penalty"]

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Objective:
    """What the critic and what the generator minimise; both take (logits of real, logits of made)."""

    critic: Loss
    generator: Loss


def classic_critic(real: Tensor, made: Tensor) -> Tensor:
    """Binary cross-entropy: -log D(x) - log(1 - D(G(z))). Goodfellow et al., "Generative Adversarial Nets", 2014."""
    return F.softplus(-real).mean() + F.softplus(made).mean()


def classic_generator(real: Tensor, made: Tensor) -> Tensor:
    """Non-saturating: -log D(G(z)). Goodfellow et al., 2014, section 3."""
    return F.softplus(-made).mean()


def minimax_generator(real: Tensor, made: Tensor) -> Tensor:
    """Saturating: log(1 - D(G(z))), the other half of the critic's game. Goodfellow et al., 2014, equation 1."""
    return -F.softplus(made).mean()


def hinge_critic(real: Tensor, made: Tensor) -> Tensor:
    """max(0, 1 - D(x)) + max(0, 1 + D(G(z))) on logits. Lim and Ye, "Geometric GAN", 2017."""
    return F.relu(1 - real).mean() + F.relu(1 + made).mean()


def hinge_generator(real: Tensor, made: Tensor) -> Tensor:
    """-D(G(z)) on logits. Lim and Ye, 2017."""
    return -made.mean()


def squares_critic(real: Tensor, made: Tensor) -> Tensor:
    """((D(x) - 1)^2 + D(G(z))^2) / 2 on logits. Mao et al., "Least Squares GAN", 2017."""
    return 0.5 * ((real - 1).square().mean() + made.square().mean())


def squares_generator(real: Tensor, made: Tensor) -> Tensor:
    """(D(G(z)) - 1)^2 / 2 on logits. Mao et al., 2017."""
    return 0.5 * (made - 1).square().mean()


def relativistic_critic(real: Tensor, made: Tensor) -> Tensor:
    """-log sigma(D(x) - D(G(z))). Jolicoeur-Martineau, "The relativistic discriminator", 2018; with
    `gradient_penalty` on real and made it is the objective of Huang et al., "The GAN is dead; long live the GAN!
    A modern baseline GAN" (R3GAN), 2024."""
    return F.softplus(made - real).mean()


def relativistic_generator(real: Tensor, made: Tensor) -> Tensor:
    """-log sigma(D(G(z)) - D(x)). Jolicoeur-Martineau, 2018."""
    return F.softplus(real - made).mean()


def gradient_penalty(logits: Tensor, picture: Tensor) -> Tensor:
    """Half the squared norm of the critic's gradient at `picture` (N x C x H x W, requires grad), mean over N:
    R1 at real, R2 at made pictures. Mescheder et al., "Which training methods for GANs do actually converge?", 2018."""
    (slope,) = torch.autograd.grad(logits.sum(), picture, create_graph=True)
    return 0.5 * slope.square().flatten(1).sum(1).mean()


OBJECTIVES: Mapping[str, Objective] = {
    "classic": Objective(classic_critic, classic_generator),
    "minimax": Objective(classic_critic, minimax_generator),
    "hinge": Objective(hinge_critic, hinge_generator),
    "squares": Objective(squares_critic, squares_generator),
    "relativistic": Objective(relativistic_critic, relativistic_generator),
}
