"""Teachers commute with exposure and do not depend on the frame around."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from replate_training.filters import blur
from replate_training.space import expose, to_linear, to_log
from replate_training.teachers.film import film, halation
from replate_training.teachers.flow import smear, tangents
from replate_training.teachers.inker import flat, ink, lines
from replate_training.teachers.painter import kuwahara, paint

TEACHERS = pytest.mark.parametrize("teacher", [film, paint, ink])


@pytest.fixture
def plate() -> Tensor:
    noise = blur(torch.rand(1, 3, 160, 160, generator=torch.Generator().manual_seed(2)), 2.0)
    return 0.4 + 1.2 * (noise - noise.mean())


@TEACHERS
def test_commutes_with_exposure(teacher: Callable[[Tensor], Tensor], plate: Tensor) -> None:
    for stops in (-2.0, 2.0):
        assert (teacher(expose(plate, stops)) - expose(teacher(plate), stops)).abs().mean() < 1e-3


@TEACHERS
def test_moves_with_the_picture(teacher: Callable[[Tensor], Tensor], plate: Tensor) -> None:
    inner = (..., slice(64, 96), slice(64, 96))
    moved = teacher(plate[..., 3:, 5:])[..., 61:93, 59:91]
    assert (moved - teacher(plate)[inner]).abs().max() < 5e-3


def test_film_is_grey_and_halation_keeps_light() -> None:
    light = torch.zeros(1, 1, 129, 129)
    light[..., 64, 64] = 1000.0
    assert float(halation(light).sum()) == pytest.approx(1000, rel=1e-3)
    grey = film(to_log(torch.rand(1, 3, 64, 64)))
    assert torch.equal(grey[:, 0], grey[:, 2])


def test_kuwahara_keeps_edges_and_calms_the_rest() -> None:
    step = torch.zeros(1, 3, 64, 64)
    step[..., 32:] = 0.3
    noisy = step + 0.02 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    calm = kuwahara(noisy, 5)
    assert (calm - step)[..., 8:24].std() < 0.4 * (noisy - step)[..., 8:24].std()
    assert float(calm[..., 8:-8, 34].mean() - calm[..., 8:-8, 29].mean()) > 0.25


def test_flow_runs_along_edges_and_smears_along_them() -> None:
    stripes = torch.linspace(0, 30, 64).sin().expand(1, 3, 64, 64) * 0.1
    flow = tangents(stripes, 2.0)[..., 8:-8, 8:-8]
    assert flow[:, 1].abs().mean() > 0.9 and flow[:, 0].abs().mean() < 0.05
    assert torch.allclose(
        smear(stripes, tangents(stripes, 2.0), 6)[..., 8:-8, 8:-8], stripes[..., 8:-8, 8:-8], atol=5e-3
    )


def test_no_light_and_much_light_stay_finite() -> None:
    plate = to_log(torch.tensor([-0.1, 0.0, 1e4, 0.18]).repeat(1, 3, 32, 16))
    assert torch.isfinite(film(plate)).all() and torch.isfinite(paint(plate)).all()
    assert torch.isfinite(ink(plate)).all()
    assert torch.isfinite(to_linear(film(plate))).all()


def test_ink_lies_on_the_dark_side_of_contours_only() -> None:
    step = torch.full((1, 3, 96, 96), 0.3)
    step[..., 48:] = 0.5
    drawn = lines(step, tangents(step, 4.0))[0, 0, 16:-16]
    assert drawn[:, 44:48].amax() > 0.25, "a clear contour is black"
    assert drawn[:, 52:].amax() < 0.01 and drawn[:, :34].amax() < 0.01, "planes hold no ink"


def test_ink_draws_no_texture(plate: Tensor) -> None:
    """Where contours are everywhere, none is drawn as black as one that stands alone."""
    busy = lines(plate, tangents(plate, 4.0))[..., 24:-24, 24:-24]
    alone = plate.mean().expand_as(plate).clone()
    alone[..., 80:] += 0.2
    assert busy.mean() < 0.05
    assert lines(alone, tangents(alone, 4.0)).amax() > 5 * busy.mean()


def test_planes_are_flat_between_crisp_borders() -> None:
    """A soft slope between two tones becomes a border of few pixels."""
    slope = torch.linspace(-1, 1, 24).mul(0.1)
    row = torch.cat([torch.full((36,), -0.1), slope, torch.full((36,), 0.1)]) + 0.4
    picture = row.expand(1, 3, 96, 96)
    planes = flat(picture, tangents(picture, 4.0))[0, 0, 48]
    steepest = planes.diff().abs()
    assert steepest.amax() > 3 * row.diff().abs().amax()
    assert abs(float(planes[20]) - 0.3) < 5e-3 and abs(float(planes[76]) - 0.5) < 5e-3
