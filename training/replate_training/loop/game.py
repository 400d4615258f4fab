"""The adversary's side of a training: the critic, its optimiser and what it tells the generator."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..checkpoint import Network
from ..judging.objectives import OBJECTIVES, gradient_penalty
from ..recipe import Adversary
from .team import Team

__all__ = ["Game"]


class Game:
    """A critic that learns beside the generator. Pictures are N x 3 x H x W in ACEScct, sides multiples of 8."""

    def __init__(self, adversary: Adversary, team: Team) -> None:
        self.settings = adversary
        self.objective = OBJECTIVES[adversary.objective]
        self.network = adversary.critic.build()
        optimiser = torch.optim.Adam(self.network.parameters(), adversary.rate, betas=(0.5, 0.99))
        self._team = team
        _, self._optimiser = team.fabric.setup(self.network, optimiser)

    @property
    def chance(self) -> float:
        """The loss of a critic that cannot tell, without penalties."""
        return float(self.objective.critic(torch.zeros(1), torch.zeros(1)))

    def loss(self, real: Tensor, made: Tensor, *, counts: Tensor | None = None) -> Tensor:
        """The weighted loss of the generator that made `made`; the critic learns nothing from it. Of patches only those
        are asked about that lie where `counts` (N x 1 x H x W, 0..1) says."""
        self.network.requires_grad_(False)
        loss = self.objective.generator(self._judge(real, counts), self._judge(made, counts))
        self.network.requires_grad_(True)
        return self.settings.weight * loss

    def _judge(self, picture: Tensor, counts: Tensor | None) -> Tensor:
        """Logits in float32. Fabric's wrapper would refuse to have them differentiated for the penalty."""
        with self._team.fabric.autocast():
            logits: Tensor = self.network(picture)
        return logits.float() if counts is None else logits.float()[_asked(counts, logits)]

    def learn(
        self, real: Tensor, made: Tensor, *, counts: Tensor | None = None, pace: float = 1.0
    ) -> dict[str, Tensor]:
        """One step of the critic, with `pace` times its learning rate; returns its loss, and its mean logits on
        real and on made. `counts` is as in `loss`."""
        real, made = real.detach(), made.detach()
        if self.settings.gamma:
            real.requires_grad_(True)
            made.requires_grad_(True)
        logits = self._judge(real, counts), self._judge(made, counts)
        loss = self.objective.critic(*logits)
        if self.settings.gamma:
            penalty = gradient_penalty(logits[0], real) + gradient_penalty(logits[1], made)
            loss = loss + self.settings.gamma * penalty
        self._optimiser.zero_grad()
        self._team.fabric.backward(loss)
        self._team.average(self.network.parameters())
        self._optimiser.param_groups[0]["lr"] = pace * self.settings.rate
        self._optimiser.step()
        means = {"critic_real": logits[0].detach().mean(), "critic_made": logits[1].detach().mean()}
        return {"critic": loss.detach(), **means}

    def trained(self) -> Network:
        """The critic as it stands, ready to ship."""
        critic = self.settings.critic
        return Network.of(critic, critic.folded(self.network.state_dict()))

    def state(self) -> dict[str, Any]:
        """All that `restore` needs to go on as if nothing had happened."""
        return {"network": self.network.state_dict(), "optimiser": self._optimiser.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a state."""
        self.network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])


def _asked(counts: Tensor, logits: Tensor) -> Tensor:
    """Which patches touch what counts: not by a sliver, unless there is no more of it. Where nothing counts, all do."""
    share = F.interpolate(counts, size=logits.shape[-2:], mode="area")
    return share >= 0.25 * share.amax()
