"""The fixed brush: calm areas, kept edges, strokes along the form."""

from __future__ import annotations

import torch
from torch import Tensor

from replate_training.networks.brush import Brush


def test_edges_stay_and_noise_goes() -> None:
    step = torch.full((1, 3, 64, 64), 0.3)
    step[..., 32:] = 0.6
    noise = 0.02 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    touched = Brush()(step + noise)
    assert (touched - step)[..., 8:24].std() < 0.4 * noise[..., 8:24].std()
    assert float(touched[..., 8:-8, 34].mean() - touched[..., 8:-8, 29].mean()) > 0.28


def test_a_flat_picture_stays_as_it_is_at_any_level() -> None:
    for level in (0.1, 0.5, 1.2):
        flat = torch.full((1, 3, 32, 32), level)
        assert torch.allclose(Brush()(flat), flat, atol=1e-5)


def test_strokes_follow_the_form() -> None:
    """Noise across stripes is drawn out along them, and the stripes stay."""

    def roughness(picture: Tensor) -> Tensor:
        return picture.diff(dim=-2)[..., 8:-8, 8:-8].abs().mean()

    stripes = (torch.arange(64) // 8 % 2 * 0.2 + 0.3).expand(1, 3, 64, 64)
    noisy = stripes + 0.02 * torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    touched = Brush()(noisy)
    assert roughness(touched) < 0.3 * roughness(noisy)
    contrast = touched[..., 12] - touched[..., 20]
    assert contrast[..., 8:-8].abs().mean() > 0.18


def test_it_has_nothing_to_learn_and_nothing_to_save() -> None:
    brush = Brush()
    assert not list(brush.parameters()) and not brush.state_dict()


def test_mixed_precision_does_not_reach_it() -> None:
    picture = 0.9 + 0.1 * torch.rand(1, 3, 32, 32)
    expected = Brush()(picture)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(Brush()(picture), expected)


def test_takes_what_a_layer_made_in_half() -> None:
    rough = torch.rand(1, 3, 16, 16).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(Brush()(rough), Brush()(rough.float()))
