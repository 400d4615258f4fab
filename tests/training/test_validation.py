"""Figures on what training does not see, and the plots of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from replate_training.filters import blur
from replate_training.judging.validation import Validation, middle
from replate_training.material.data import Batch, Material
from replate_training.material.pairs import Pairs, PairSource
from replate_training.seeing import curves


def material(pairs: Pairs, **fields: object) -> Material:
    source = PairSource(pairs=pairs, count=2, crop=80, margin=8, stops=2.0)
    return Material(source=source, held=pairs.examples(), **fields)  # type: ignore[arg-type]


def same(plate: Tensor) -> Tensor:
    return plate


def test_a_glance_tells_a_good_look_from_a_poor_one(plates: list[Tensor]) -> None:
    validation = Validation(material=material(Pairs(plates, plates)), perceptual=lambda a, b: (a - b).abs().mean())
    good, poor = validation.glance(same), validation.glance(lambda plate: blur(plate, 2.0))
    assert good["perceptual"] == 0 and good["display_psnr"] == good["psnr"] == 100
    assert all(poor[name] < good[name] for name in ("psnr", "display_psnr", "ssim", "sharpness"))
    assert poor["perceptual"] > 0


def test_an_examination_measures_motion_where_there_is_a_clip(plates: list[Tensor]) -> None:
    clip = [plates[0].float()[..., 2 * index : 96 + 2 * index] for index in range(4)]
    pairs = Pairs(plates, plates)
    assert "warp_ratio" not in Validation(material=material(pairs)).examine(same)
    figures = Validation(material=material(pairs, clip=clip)).examine(same)
    assert figures["warp_ratio"] == pytest.approx(1) and figures["exposure_error"] < 1e-3


def test_nothing_is_measured_without_targets(pairs: Pairs) -> None:
    blind = Material(source=material(pairs).source, held=[Batch((torch.rand(1, 3, 64, 64),))])
    assert Validation(material=blind).glance(same) == {} == Validation(material=blind).examine(same)


def test_a_look_with_hints_gets_them_cut_alike() -> None:
    plate, hints = torch.rand(1, 3, 300, 411), torch.zeros(1, 2, 300, 411)
    hints[..., 150, 205] = 1
    part = middle(Batch((plate, hints), plate), 64)
    assert [each.shape[1:] for each in part.inputs] == [(3, 64, 64), (2, 64, 64)]
    assert part.inputs[1][0, 0, 32, 32] == 1 and part.target is not None and torch.equal(part.target, part.inputs[0])


def test_curves_tell_losses_from_the_critic_s_balance(tmp_path: Path) -> None:
    history = [{"step": float(s), "pixels": 1 / s, "critic_real": 0.5, "critic_made": -0.5} for s in (25, 50, 75)]
    watched = [{"step": 40.0, "seconds": 20.0, "psnr": 20.0}, {"step": 75.0, "seconds": 40.0, "psnr": 25.0}]
    panels = curves.figures(history, watched)
    assert set(curves.losses(history).lines) == {"pixels"} and set(panels) == {"psnr", "critic"}
    assert set(panels["critic"].lines) == {"on real", "on made"}
    assert panels["psnr"].lines[""] == [(40, 20), (75, 25)]
    curves.png(list(panels.values()), tmp_path / "metrics.png")
    assert (tmp_path / "metrics.png").stat().st_size > 1000
    assert curves.svg(panels["critic"]) == curves.svg(panels["critic"])
