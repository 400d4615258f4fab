"""What the fill learns from, what it keeps by construction, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from replate.errors import InputError
from replate.removal.pyramid import pyramid_fill as as_rendered
from replate_training import recipes
from replate_training.judging.filled import Filled, figures, unlike, worth
from replate_training.judging.lesson import Attempt
from replate_training.loop.feed import Draw, Feed
from replate_training.loop.game import Game
from replate_training.material.data import Batch, dice
from replate_training.material.filling import FillSource, Holed
from replate_training.material.filling import Holes as Data
from replate_training.material.holes import KINDS, draw
from replate_training.material.pyramid import pyramid_fill
from replate_training.material.site import Site
from replate_training.networks import Architecture, build
from replate_training.recipe import Adversary

CPU = torch.device("cpu")
SMALL = {"quarter": 8, "eighth": 8, "dilations": (1, 2), "fine": 1, "full": 4}


def random(step: int = 0, *, seed: int = 1) -> Callable[[str], torch.Generator]:
    return partial(dice, seed, step)


@pytest.fixture
def source(plates: list[Tensor]) -> FillSource:
    return FillSource(pictures=plates, count=4, crop=64, margin=8)


@pytest.fixture
def fill() -> nn.Module:
    torch.manual_seed(3)
    network = build("fill", SMALL).eval()
    nn.init.normal_(network.amount.weight, std=0.1)  # type: ignore[arg-type]  # it begins without texture
    return network


@settings(max_examples=25, deadline=None)
@given(height=st.integers(2, 70), width=st.integers(2, 70), seed=st.integers(0, 999))
def test_training_fills_as_rendering_does(height: int, width: int, seed: int) -> None:
    chance = torch.Generator().manual_seed(seed)
    picture = torch.randn(2, 3, height, width, generator=chance)
    hole = (1.5 * torch.rand(2, 1, height, width, generator=chance)).clamp(max=1)
    made = pyramid_fill(picture, hole)
    for one, its, expected in zip(picture, hole, made, strict=True):
        rendered = as_rendered(*(np.ascontiguousarray(each.permute(1, 2, 0).numpy()) for each in (one, its)))
        np.testing.assert_allclose(expected.permute(1, 2, 0).numpy(), rendered, atol=2e-5)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), size=st.sampled_from([64, 96, 128]))
def test_holes_are_soft_edged_and_neither_nothing_nor_everything(seed: int, size: int) -> None:
    holes = draw(6, random(seed=seed)).on(size, CPU)
    assert holes.shape == (6, 1, size, size) and holes.isfinite().all()
    assert holes.min() >= 0 and holes.max() <= 1
    assert (holes.mean((1, 2, 3)) < 0.6).all() and holes.mean() > 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_hole_has_its_size(kind: str) -> None:
    lines, stars = KINDS[kind](torch.Generator().manual_seed(5))
    assert lines.shape[1:] == (5,) and len(lines) <= 12 and stars.shape == (2, 13)
    shares = []
    for seed in range(60):
        made = KINDS[kind](torch.Generator().manual_seed(seed))
        shares.append(float(_drawn(*made).mean()))
    small, large = {"wire": (0, 0.12), "markers": (0, 0.1)}.get(kind, (0.001, 0.6))
    assert all(small <= share <= large for share in shares)
    assert max(shares) > 2 * min(shares)


def _drawn(lines: Tensor, stars: Tensor) -> Tensor:
    from replate_training.material.holes import Holes, _filled

    filled, outlines = _filled((lines, stars))
    return Holes(lines=filled[None], stars=outlines[None], soft=torch.ones(1)).on(96, CPU)


def test_a_hole_does_not_hang_on_the_resolution() -> None:
    holes = draw(8, random())
    fine, coarse = holes.on(256, CPU), holes.on(128, CPU)
    assert (nn.functional.avg_pool2d(fine, 2) - coarse).abs().mean() < 0.01


def test_a_batch_follows_from_its_step_and_what_is_known_is_the_truth(source: FillSource) -> None:
    batch, again, other = (source.batch(random(step)) for step in (3, 3, 4))
    assert torch.equal(batch.inputs[0], again.inputs[0]) and torch.equal(batch.inputs[1], again.inputs[1])
    assert not torch.equal(batch.inputs[0], other.inputs[0])
    plate, hole, chance = batch.inputs
    assert batch.target is not None and batch.counts is hole and chance.shape == hole.shape
    known = (hole == 0).expand_as(plate)
    assert torch.equal(plate[known], batch.target[known])
    assert (plate - batch.target)[(hole == 1).expand_as(plate)].abs().mean() > 1e-4
    torch.testing.assert_close(source.real(batch, random(3)), batch.target[..., 8:-8, 8:-8])


def test_what_a_search_found_is_known_in_part_and_nearly_true(source: FillSource) -> None:
    found = replace(source, found=1.0, grainy=0.0, count=16)
    batch, plain = found.batch(random()), replace(found, found=0.0).batch(random())
    (plate, hole, _), (_, whole, _) = batch.inputs, plain.inputs
    part = (hole < 0.7) & (whole == 1)
    assert part.any() and (hole <= whole).all()
    assert batch.target is not None and plain.target is not None
    off = (plate - plain.target).abs()
    assert off[part.expand_as(off)].mean() < 0.5 * (plain.inputs[0] - plain.target).abs()[part.expand_as(off)].mean()


def test_outlines_may_be_the_users(plates: list[Tensor], folder: Path, tmp_path: Path) -> None:
    leaf = np.zeros((40, 90, 4), np.uint8)
    cv2.ellipse(leaf, (45, 20), (40, 12), 0, 0, 360, (40, 90, 30, 255), -1)
    (tmp_path / "leaves").mkdir()
    cv2.imwrite(str(tmp_path / "leaves" / "leaf.png"), leaf)
    recipe = replace(recipes.find("removal"), crop=64, margin=8)
    said: list[str] = []
    site = Site(recipe=recipe, folder=tmp_path, say=said.append)
    data = Data(scales=(96,))
    material = data(site, content=[folder], cutouts=tmp_path / "leaves", crops=6)
    hole = material.source.batch(random()).inputs[1]
    assert hole.shape == (6, 1, 64, 64) and (hole[::2].mean((1, 2, 3)) > 0.001).all()
    assert [each.name for each in material.data] == ["stills", "leaves"]
    with pytest.raises(InputError, match="has alpha; give cut-outs"):
        data(site, content=[folder], cutouts=folder, crops=6)


@torch.no_grad()
def test_what_is_known_comes_out_as_it_went_in(fill: nn.Module) -> None:
    plate, hole, chance = torch.rand(1, 3, 64, 96), torch.zeros(1, 1, 64, 96), torch.randn(1, 1, 64, 96)
    hole[..., 20:40, 30:60] = 1
    made = fill(plate, hole, chance)
    known = (hole == 0).expand_as(plate)
    assert torch.equal(made[known], plate[known])
    assert (made - plate)[~known].abs().mean() > 1e-4
    assert torch.equal(fill(plate, 0 * hole, chance), plate)
    other = fill(plate, hole, -chance)
    assert (other - made)[~known].abs().mean() > 1e-4 and torch.equal(other[known], plate[known])


@torch.no_grad()
def test_a_stop_more_light_is_a_stop_more_light(fill: nn.Module) -> None:
    plate, hole, chance = 0.3 + 0.2 * torch.rand(1, 3, 64, 64), torch.ones(1, 1, 64, 64), torch.randn(1, 1, 64, 64)
    torch.testing.assert_close(fill(plate + 0.25, hole, chance), fill(plate, hole, chance) + 0.25, atol=1e-4, rtol=0)


@torch.no_grad()
def test_a_crop_with_overlap_equals_the_frame(fill: nn.Module) -> None:
    inputs = torch.rand(1, 3, 256, 320), torch.rand(1, 1, 256, 320), torch.randn(1, 1, 256, 320)
    whole, tile = fill(*inputs), fill(*(each[..., 16:232, 40:264] for each in inputs))
    assert (tile[..., 80:-80, 80:-80] - whole[..., 96:152, 120:184]).abs().max() < 1e-5


def test_grain_that_nobody_filtered_keeps_its_strength(fill: nn.Module) -> None:
    chance = torch.randn(1, 1, 200, 200, generator=torch.Generator().manual_seed(1))
    grain = nn.functional.conv2d(chance, fill.grains)
    torch.testing.assert_close(grain.std((0, 2, 3)), torch.ones(9), atol=0.05, rtol=0)
    assert grain.mean((0, 2, 3)).abs().max() < 0.02


def test_texture_is_alike_wherever_it_lies_and_unlike_what_is_smooth(source: FillSource) -> None:
    chance = torch.Generator().manual_seed(1)
    one, other = (0.4 + 0.02 * torch.randn(2, 3, 64, 64, generator=chance) for _ in range(2))
    assert unlike(one, one) == 0
    assert unlike(one, other) < 0.3 * unlike(one, torch.full_like(one, 0.4))


def test_training_lessens_the_loss(source: FillSource, fill: nn.Module) -> None:
    lesson, adam, losses = Filled(texture=0.5, grid=1.0), torch.optim.Adam(fill.parameters(), 2e-3), []
    for step in range(80):
        batch = source.batch(random(step % 2))
        attempt = Attempt(
            generator=fill,
            batch=batch,
            result=fill(*batch.inputs),
            margin=8,
            features=lambda made, real: (made - real).abs().mean(),
            random=random(step),
        )
        loss = torch.stack(list(lesson(attempt).values())).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(float(loss.detach()))
    assert sum(losses[-2:]) < 0.9 * sum(losses[:2])


def test_figures_know_the_smooth_fill_and_the_truth(source: FillSource) -> None:
    batch = replace(source, grainy=0.0, found=0.0).batch(random())
    assert batch.target is not None
    examples = [
        Holed(tuple(each[None] for each in one), t[None]) for *one, t in zip(*batch.inputs, batch.target, strict=True)
    ]
    smooth = figures(lambda plate, hole, chance: plate, examples)
    assert smooth["hole_psnr"] == pytest.approx(smooth["smooth_psnr"]) and smooth["hole_sharpness"] < 0.9
    truth = iter([each.target for each in examples])
    best = figures(lambda plate, hole, chance: next(truth), examples)
    assert best["hole_psnr"] > 60 and best["hole_sharpness"] == pytest.approx(1, abs=1e-4)
    assert worth(best) > worth(smooth)


def test_texture_is_worth_a_little_of_what_structure_won() -> None:
    base = {"smooth_psnr": 20.0}
    soft, crisp = {**base, "hole_psnr": 21.0, "hole_sharpness": 0.2}, {**base, "hole_psnr": 20.2, "hole_sharpness": 0.9}
    worse = {**base, "hole_psnr": 18.5, "hole_sharpness": 1.0}
    assert worth(crisp) > worth(soft) and worth(crisp) > worth(worse)


def test_the_critic_is_asked_about_the_hole_alone() -> None:
    torch.manual_seed(1)
    whole: Any = SimpleNamespace(
        fabric=SimpleNamespace(autocast=nullcontext, setup=lambda network, adam: (network, adam))
    )
    game = Game(Adversary(critic=Architecture(family="patch", options={"width": 4, "gain": 8.0})), whole)
    game.network.eval()
    real, made, hole = torch.rand(2, 3, 128, 128), torch.rand(2, 3, 128, 128), torch.zeros(2, 1, 128, 128)
    hole[..., 80:110, 80:110] = 1
    far = made.clone()
    far[..., :40, :40] += 1.0
    near = made.clone()
    near[..., 90:100, 90:100] += 1.0
    losses = [float(game.loss(real, each, counts=hole).detach()) for each in (made, far, near)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-7) and losses[0] != pytest.approx(losses[2], abs=1e-4)
    assert float(game.loss(real, far).detach()) != pytest.approx(float(game.loss(real, made).detach()), abs=1e-6)


def test_a_source_that_can_work_on_the_device_does(source: FillSource) -> None:
    moves: list[torch.device] = []

    class Moving:
        def on(self, device: torch.device) -> FillSource:
            moves.append(device)
            return source

        def batch(self, random: object) -> Batch:
            raise AssertionError("it was to work on the device")

        real = batch

    feed = Feed(Moving(), lambda step, turn: random(step), device=CPU)  # type: ignore[arg-type]
    batch, real = feed.take(Draw(0, 0, True))
    assert moves == [CPU] and isinstance(batch, Holed) and real is not None
    assert real.shape[-1] == batch.inputs[0].shape[-1] - 16
