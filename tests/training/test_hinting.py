"""What the colorist learns from, and what it keeps by construction."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from replate_training import recipes
from replate_training.loop.averaging import moving_average
from replate_training.material.data import dice
from replate_training.material.hinting import Coloured, HintSource, black_and_white, chroma, dense, points
from replate_training.material.site import Site
from replate_training.networks import build
from replate_training.networks.colorist import LUMINANCE
from replate_training.networks.spread import Spread
from replate_training.space import expose, to_linear


@pytest.fixture
def picture() -> Tensor:
    """A colour picture in ACEScct above the toe, 3 x 96 x 112."""
    random = torch.Generator().manual_seed(3)
    coarse = torch.rand(1, 3, 4, 5, generator=random)
    return 0.35 + 0.2 * nn.functional.interpolate(coarse, size=(96, 112), mode="bicubic")[0]


def random() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def luminance(log: Tensor) -> Tensor:
    return (to_linear(log) * torch.tensor(LUMINANCE).view(3, 1, 1)).sum(-3)


def test_chroma_knows_no_exposure_and_has_no_luminance(picture: Tensor) -> None:
    colour = chroma(picture)
    torch.testing.assert_close(chroma(expose(picture, 1.5)), colour, atol=1e-4, rtol=0)
    grey = (picture - colour)[:1].expand(3, -1, -1)
    torch.testing.assert_close(luminance(grey + colour), luminance(grey), atol=1e-4, rtol=1e-4)


def test_black_and_white_is_grey_and_films_differ(picture: Tensor) -> None:
    films = [black_and_white(picture, torch.Generator().manual_seed(seed)) for seed in range(8)]
    assert all(torch.equal(film[0], film[1]) and torch.equal(film[0], film[2]) for film in films)
    assert len({round(float(film.std()), 5) for film in films}) > 2


def test_points_have_the_colour_under_them(picture: Tensor) -> None:
    colour = chroma(picture)
    hints = points(colour, 40, random())
    where = hints[3] == 1
    assert 0 < where.float().mean() < 0.9 and not hints[:3, ~where].any()
    assert (hints[:3] - colour)[:, where].abs().mean() < 0.5 * colour[:, where].abs().mean()


def test_a_moved_frame_is_nearly_true_and_has_holes(picture: Tensor) -> None:
    colour = chroma(picture)
    hints = [dense(colour, torch.Generator().manual_seed(seed)) for seed in range(6)]
    assert any((each[3] == 0).any() for each in hints)
    for each in hints:
        assert each[3].min() >= 0 and each[3].max() <= 1
        known = each[3] > 0
        off = each[:3, known] / each[3, known] - colour[:, known]
        assert off.abs().mean() < 0.7 * colour.abs().mean()


def test_a_hint_reaches_what_looks_alike_and_stops_at_an_edge() -> None:
    looks = torch.zeros(1, 1, 32, 32)
    looks[..., 16:] = 10.0
    said = torch.zeros(1, 4, 32, 32)
    said[..., 10, 5] = torch.tensor([0.1, 0.0, -0.1, 1.0])
    for distance in (1, 2, 4, 8, 4, 2, 1):
        said = Spread(distance)(said, looks, looks)
    assert said[..., :16].detach()[0, 3].min() > 0.5 and said[..., 16:].abs().max() < 1e-3
    colour = said[0, :3] / said[0, 3:].clamp(min=1e-6)
    torch.testing.assert_close(colour[:, 20, 12].detach(), torch.tensor([0.1, 0.0, -0.1]), atol=1e-4, rtol=0)


@pytest.fixture
def colorist() -> nn.Module:
    torch.manual_seed(3)
    return build("colorist", {"quarter": 8, "eighth": 8, "deep": (1,), "fine": 1, "distances": (1, 2)}).eval()


@torch.no_grad()
def test_the_plate_keeps_its_luminance_whatever_the_hints(colorist: nn.Module) -> None:
    plate = (0.3 + 0.3 * torch.rand(1, 1, 64, 96)).expand(-1, 3, -1, -1)
    result = colorist(plate, points(0.2 * torch.rand(3, 64, 96), 20, random())[None])
    assert (result - plate).abs().max() > 0.02
    torch.testing.assert_close(luminance(result), luminance(plate), atol=1e-4, rtol=1e-3)


@torch.no_grad()
def test_a_stop_more_light_is_a_stop_more_light(colorist: nn.Module) -> None:
    plate, hints = 0.3 + 0.2 * torch.rand(1, 3, 64, 64), torch.rand(1, 4, 64, 64) * 0.1
    torch.testing.assert_close(colorist(plate + 0.25, hints), colorist(plate, hints) + 0.25, atol=1e-4, rtol=0)


@torch.no_grad()
def test_a_crop_with_overlap_equals_the_frame(colorist: nn.Module) -> None:
    plate, hints = torch.rand(1, 3, 256, 320), torch.rand(1, 4, 256, 320) * 0.1
    whole, tile = colorist(plate, hints), colorist(plate[..., 16:232, 40:264], hints[..., 16:232, 40:264])
    assert (tile[..., 80:-80, 80:-80] - whole[..., 96:152, 120:184]).abs().max() < 1e-5


def test_the_recipe_makes_its_data_ready(folder: Path, tmp_path: Path) -> None:
    recipe = recipes.find("colorize")
    site = Site(recipe=recipe, folder=tmp_path, say=lambda _: None)
    small = Coloured(scales=(120,))
    material = small(replace(site, recipe=replace(recipe, crop=64)), content=[folder])
    batch = material.source.batch(partial(dice, 1, 7))
    assert batch.inputs[0].shape == (recipe.batch, 3, 64, 64) and batch.inputs[1].shape == (recipe.batch, 4, 64, 64)
    assert batch.target is not None and torch.isfinite(batch.target).all()
    again = material.source.batch(partial(dice, 1, 7))
    assert all(torch.equal(a, b) for a, b in zip(batch.inputs, again.inputs, strict=True))


def test_training_lessens_the_loss(picture: Tensor, colorist: nn.Module) -> None:
    source = HintSource(pictures=[picture.half()], count=2, crop=64, stops=2.0, silent=0.1, moved=0.4)
    adam, losses = torch.optim.Adam(colorist.parameters(), 2e-3), []
    for step in range(30):
        batch = source.batch(partial(dice, 1, step % 3))
        assert batch.target is not None
        loss = (colorist(*batch.inputs) - batch.target).abs().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(float(loss.detach()))
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])


def test_a_short_average_forgets_where_it_began() -> None:
    average, update = [torch.zeros(1)], moving_average(0.998)
    for seen in range(200):
        update(average, [torch.ones(1)], seen + 1)
    assert float(average[0]) > 0.999
