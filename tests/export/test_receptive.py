"""The tile overlap is measured."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from replate.errors import ReplateError
from replate_export.module import Exportable
from replate_export.receptive import receptive_radius
from replate_training.checkpoint import Trained


class Stack(nn.Module):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layers(x)
        return out


@pytest.mark.parametrize(
    ("layers", "radius"),
    [
        ([nn.Conv2d(3, 3, 1)], 0),
        ([nn.Conv2d(3, 3, 5, padding=2)], 2),
        ([nn.Conv2d(3, 4, 3, padding=8, dilation=8), nn.ReLU(), nn.Conv2d(4, 3, 3, padding=1)], 9),
        ([nn.AvgPool2d(8), nn.Upsample(scale_factor=8.0)], 7),
        ([nn.Conv2d(3, 3, 3, padding=70, dilation=70)], 70),
    ],
)
def test_known_radii(layers: list[nn.Module], radius: int) -> None:
    assert receptive_radius(Exportable(Stack(*layers))) == radius


def test_pixels_beyond_the_radius_do_not_count(trained: Trained) -> None:
    module = Exportable(trained.generator())
    radius, middle = receptive_radius(module), 128
    plate = torch.rand(1, 3, 2 * middle, 2 * middle)
    other = plate.clone()
    other[..., middle + radius + 1 :] += 1.0
    other[..., middle + radius + 1 :, :] += 1.0
    kept = (..., slice(0, middle + 1), slice(0, middle + 1))
    assert torch.allclose(module(plate)[0][kept], module(other)[0][kept], atol=1e-6)


def test_confidence_looks_farther_than_the_result(trained: Trained) -> None:
    generator = trained.generator()
    assert receptive_radius(Exportable(generator, trained.discriminator())) > receptive_radius(Exportable(generator))


def test_sees_what_gradients_do_not() -> None:
    class Fixed(nn.Module):
        @torch.no_grad()
        def forward(self, x: Tensor) -> Tensor:
            calm = torch.nn.functional.max_pool2d(-x, 7, stride=1, padding=3)
            return x + 0 * calm.clamp(min=100)

    assert receptive_radius(Exportable(Fixed())) == 3


def test_a_network_that_sees_everything_is_refused() -> None:
    everything = Stack(nn.AdaptiveAvgPool2d(1), nn.Upsample(scale_factor=128.0))
    with pytest.raises(ReplateError, match="more than 64 pixels far"):
        receptive_radius(Exportable(everything), largest=128)
