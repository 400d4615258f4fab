"""Generators see a neighbourhood and no frame, differences and no level."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from replate.errors import UsageError
from replate_training.networks import Architecture, Critic, build

MONO = (0.5, 0.4, 0.1)


def generator(**options: object) -> nn.Module:
    torch.manual_seed(3)
    network = build("residual", options)
    with torch.no_grad():
        network.head.weight.mul_(10)  # as lively as a trained one
    return network.eval()


@pytest.mark.parametrize("options", [{}, {"mono": MONO}, {"brush": True}], ids=["colour", "mono", "brush"])
@torch.no_grad()
def test_a_crop_with_overlap_equals_the_frame(options: dict[str, object]) -> None:
    network, frame = generator(**options), torch.rand(1, 3, 256, 320)
    whole = network(frame)
    tile = network(frame[..., 16:232, 40:264])
    overlap = 80
    inner = whole[..., 16 + overlap : 232 - overlap, 40 + overlap : 264 - overlap]
    assert (tile[..., overlap:-overlap, overlap:-overlap] - inner).abs().max() < 1e-5


@torch.no_grad()
def test_a_change_far_away_changes_nothing() -> None:
    network, frame = generator(), torch.rand(1, 3, 128, 384)
    other = frame.clone()
    other[..., 200:] = torch.rand(1, 3, 128, 184) * 50
    assert (network(frame) - network(other))[..., :112].abs().max() < 1e-5


@torch.no_grad()
def test_a_stop_more_light_is_a_stop_more_light() -> None:
    frame = 0.3 + 0.3 * torch.rand(1, 3, 64, 64)
    for network in (generator(), generator(brush=True)):
        assert torch.allclose(network(frame + 0.25), network(frame) + 0.25, atol=1e-4)
    critic = Critic(width=8).eval()
    assert torch.allclose(critic(frame + 0.25), critic(frame), atol=1e-5)


@pytest.mark.parametrize("size", [(8, 8), (16, 40), (64, 8)])
@torch.no_grad()
def test_every_size_of_the_multiple_works(size: tuple[int, int]) -> None:
    assert generator()(torch.rand(2, 3, *size)).shape == (2, 3, *size)


@torch.no_grad()
def test_mono_is_grey_and_a_fresh_generator_is_close_to_its_input() -> None:
    frame = torch.rand(1, 3, 64, 64)
    grey = build("residual", {"mono": MONO})(frame)
    assert torch.equal(grey[:, 0], grey[:, 1]) and torch.equal(grey[:, 0], grey[:, 2])
    assert (build("residual", {})(frame) - frame).abs().mean() < 0.2


@torch.no_grad()
def test_a_generator_with_a_brush_starts_at_its_touches() -> None:
    network, frame = generator(brush=True), torch.rand(1, 3, 64, 64)
    network.head.weight.zero_()
    touched = network(frame)
    assert float(touched.mean()) == pytest.approx(float(frame.mean()), abs=0.03)
    assert touched.diff(dim=-1).abs().mean() < 0.3 * frame.diff(dim=-1).abs().mean()


@torch.no_grad()
def test_confidence_is_a_picture_of_shares() -> None:
    confidence = Critic(width=8).eval().confidence(torch.rand(1, 3, 64, 96))
    assert confidence.shape == (1, 1, 64, 96)
    assert confidence.min() >= 0 and confidence.max() <= 1


@pytest.mark.parametrize("family", ["residual", "patch"])
@torch.no_grad()
def test_folding_changes_nothing_but_the_form(family: str) -> None:
    network, frame = build(family, {}).eval(), torch.rand(1, 3, 64, 64)
    plain = Architecture(family=family).folded(network.state_dict()).eval()
    assert torch.allclose(plain(frame), network(frame), atol=1e-5)
    assert not any("parametrizations" in name for name in plain.state_dict())
    assert any("parametrizations" in name for name in network.state_dict())


def test_an_unknown_family_is_named() -> None:
    with pytest.raises(UsageError, match="'transformer' is not known"):
        build("transformer", {})
