"""What is exported: generator and critic as one network."""

from __future__ import annotations

from torch import Tensor, nn

from replate_training.networks import Critic

__all__ = ["Exportable"]


class Exportable(nn.Module):
    """Plate to result, and to the critic's opinion of that result.

    Takes N x 3 x H x W in the generator's space, sides multiples of `multiple`. Returns the result, N x 3 x H x W, and
    with a critic its confidence, N x 1 x H x W, 0 (looks made) .. 1 (looks real). Both parts must be plain layers:
    parametrisations folded.
    """

    def __init__(self, generator: nn.Module, critic: Critic | None = None, *, multiple: int = 8) -> None:
        super().__init__()
        self.generator = generator
        self.critic = critic
        self.multiple = multiple
        self.eval().requires_grad_(False)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of what `forward` returns."""
        return ("result",) if self.critic is None else ("result", "confidence")

    def forward(self, plate: Tensor) -> tuple[Tensor, ...]:
        result = self.generator(plate)
        return (result,) if self.critic is None else (result, self.critic.confidence(result))
