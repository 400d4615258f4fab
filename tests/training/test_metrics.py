"""Figures with known answers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from replate_training.filters import blur
from replate_training.judging.metrics import any_size, evaluate, exposure_error, sharpness, warp_error, warp_ratio
from replate_training.material.pairs import Pairs


@pytest.fixture
def clip() -> list[Tensor]:
    """A textured picture that moves by two pixels a frame."""
    wide = 0.4 + 2 * (blur(torch.rand(1, 3, 96, 160, generator=torch.Generator().manual_seed(4)), 2.0)[0] - 0.5)
    return [wide[..., 2 * index : 128 + 2 * index] for index in range(4)]


def test_identity_is_as_steady_as_the_plate(clip: list[Tensor]) -> None:
    assert warp_ratio(lambda plate: plate, clip) == pytest.approx(1.0)


def test_flicker_is_seen(clip: list[Tensor]) -> None:
    flicker = [frame + 0.03 * (-1) ** index for index, frame in enumerate(clip)]
    assert warp_error(clip, flicker) > 5 * warp_error(clip, clip)


def test_sharpness() -> None:
    picture = torch.rand(1, 3, 32, 32)
    assert sharpness(picture, picture) == pytest.approx(1.0)
    assert sharpness(blur(picture, 1.0), picture) < 0.5


def test_exposure_error() -> None:
    plate = 0.3 + 0.3 * torch.rand(1, 3, 32, 32)
    assert exposure_error(lambda picture: picture + 0.02, plate, stops=(-1, 1)) < 1e-3
    assert exposure_error(lambda picture: picture.clamp(max=0.4), plate, stops=(-3, 3)) > 0.02


def test_any_size_pads_and_cuts() -> None:
    seen = []

    def look(plate: Tensor) -> Tensor:
        seen.append(plate.shape[-2:])
        return plate + 1

    picture = torch.rand(1, 3, 13, 24)
    assert torch.equal(any_size(look, 8)(picture), picture + 1)
    assert seen == [(16, 24)]


def test_evaluate_an_exact_and_a_poor_look(pairs: Pairs) -> None:
    odd = Pairs([plate[..., :123, :101] for plate in pairs.plates], [plate[..., :123, :101] for plate in pairs.plates])
    held = odd.examples()
    exact, poor = evaluate(lambda plate: plate, held), evaluate(lambda plate: plate + 0.1, held)
    assert exact["psnr"] > 60 and exact["ssim"] == pytest.approx(1) and exact["sharpness"] == pytest.approx(1)
    assert poor["psnr"] == pytest.approx(20, abs=0.5)
