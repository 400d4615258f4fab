"""Looks from pictures that belong to no plate."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor
from typer.testing import CliRunner

from replate.errors import InputError
from replate_training import checkpoint, recipes
from replate_training.cli import train
from replate_training.filters import blur
from replate_training.judging.likeness import Likeness, grid, tones
from replate_training.judging.wasserstein import bands, palettes, patches
from replate_training.loop.run import Run
from replate_training.loop.trainer import Trainer
from replate_training.material.data import Material, Style, dice
from replate_training.material.site import Site
from replate_training.material.unpaired import Unpaired, UnpairedSource
from replate_training.networks import Architecture
from replate_training.recipe import Recipe


@pytest.fixture
def tiny(recipe: Recipe) -> Recipe:
    """`style` in miniature."""
    network = Architecture(options={"quarter": 8, "eighth": 8, "deep": 1, "fine": 1})
    return replace(recipe, generator=network, data=Unpaired(scales=(96,)), lesson=Likeness(levels=2))


@pytest.fixture
def golden(plates: list[Tensor]) -> Style:
    """The plates in gold, where dark is blue."""
    light = torch.stack(plates).float()
    grey = light.mean(1, keepdim=True)
    tint = torch.tensor([1.0, 0.6, -1.6]).view(1, 3, 1, 1)
    return Style(list((grey + 1.5 * (grey - grey.mean()) * tint).half()))


def source(plates: list[Tensor], style: Style) -> UnpairedSource:
    return UnpairedSource(plates=plates, style=style, count=2, crop=80, margin=24, stops=3.0)


def noise(size: int, sigma: float, seed: int) -> Tensor:
    grain = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(seed))
    soft = blur(grain, sigma) - 0.5
    return 0.4 + 0.1 * soft / soft.std()


def palette(made: Tensor, style: Tensor) -> float:
    return float(palettes(made, style, slices=16, random=torch.Generator().manual_seed(1)))


def brushwork(made: Tensor, style: Tensor, plate: Tensor, share: float = 1.0) -> float:
    random = torch.Generator().manual_seed(1)
    return float(patches(made, style, plate, levels=2, slices=16, share=share, random=random))


def test_the_same_colours_are_near_wherever_they_lie_and_however_bright() -> None:
    picture = noise(64, 2.0, 1)
    turned = picture.flip(2).transpose(2, 3)
    assert palette(turned + 0.1, picture) < 0.01
    assert palette(picture.flip(1) * torch.tensor([1.0, 0.5, 1.5]).view(1, 3, 1, 1), picture) > 0.3


def test_patches_know_fine_from_coarse_but_not_bright_from_dark() -> None:
    fine, coarse = noise(96, 1.0, 1), noise(96, 4.0, 2)
    assert brushwork(noise(96, 1.0, 3) + 0.2, fine, fine) < 0.1
    assert brushwork(coarse, fine, fine) > 0.3


def test_nothing_is_asked_of_a_calm_part() -> None:
    """With a share of a half, what becomes of the calm half makes no difference."""
    style, plate = noise(96, 1.0, 1), noise(96, 1.0, 2)
    plate[..., :44] = 0.4
    calmer = plate.clone()
    calmer[..., :36] += 0.02 * noise(96, 1.0, 5)[..., :36]
    assert brushwork(calmer, style, plate, 0.4) == pytest.approx(brushwork(plate, style, plate, 0.4), abs=1e-3)
    assert brushwork(plate, style, plate, 0.4) < 0.5 * brushwork(plate, style, plate, 1.0)


def test_bands_hold_no_constant() -> None:
    for band in bands(torch.full((1, 3, 32, 32), 0.7), 3):
        assert band.abs().max() < 1e-6


def test_a_grid_is_seen_and_a_picture_is_none() -> None:
    picture = noise(96, 3.0, 1)
    dots = torch.zeros(1, 1, 96, 96)
    dots[..., ::4, ::4] = 0.1
    assert grid(picture + dots) > 5 * grid(picture)


def test_batches_are_functions_of_seed_and_step(plates: list[Tensor], golden: Style) -> None:
    ours = source(plates, golden)
    first, again, other = (ours.batch(partial(dice, 1, step)) for step in (5, 5, 6))
    assert torch.equal(first.inputs[0], again.inputs[0]) and torch.equal(first.style, again.style)
    assert not torch.equal(first.inputs[0], other.inputs[0]) and not torch.equal(first.style, other.style)
    assert first.target is None and first.inputs[0].shape == (2, 3, 80, 80) and first.style.shape == (2, 3, 32, 32)
    assert torch.equal(ours.real(first, partial(dice, 1, 5)), first.style)
    assert torch.equal(first.placed(torch.device("cpu")).style, first.style)


def test_a_look_s_colours_are_taken_over_or_the_plate_s_held(
    tiny: Recipe, plates: list[Tensor], golden: Style, tmp_path: Path
) -> None:
    plate, style = torch.stack(plates).float(), torch.stack(list(golden.pictures)).float()

    def learnt(lesson: Likeness) -> Tensor:
        run = Run(out=tmp_path, steps=80, device="cpu", precision="fp32")
        material = Material(source=source(plates, golden))
        learner = Trainer(replace(tiny, rate=5e-3, lesson=lesson, adversary=None), run, material)
        for _ in range(80):
            learner.advance()
        with torch.no_grad():
            result: Tensor = learner.learner.network(plate)
        return result

    taken = learnt(Likeness(brushwork=0.5, levels=2))
    held = learnt(Likeness(brushwork=0.5, levels=2, palette=0.0, tone=5.0))
    assert palette(taken, style) < 0.75 * palette(plate, style)
    assert tones(held, plate) < 0.5 * tones(taken, plate)


def test_one_picture_is_enough(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: Recipe) -> None:
    monkeypatch.setattr(recipes, "find", lambda name: tiny)
    words = ["tiny", "--content", folder, "--style", folder / "a.png", "--out", tmp_path / "o", "--steps", 4]
    result = CliRunner().invoke(train, [*map(str, words), "--precision", "fp32"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    trained = checkpoint.load(tmp_path / "o" / "final.ckpt")
    assert [(item.name, item.files) for item in trained.data] == [("stills", 3), ("a.png", 1)]
    assert next((tmp_path / "o" / "previews").iterdir()).stat().st_size > 1000


def test_small_pictures_are_named(tiny: Recipe, folder: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "dot.png"), np.zeros((20, 20, 3), np.uint8))
    said: list[str] = []
    with pytest.raises(InputError, match="no style picture has 80 pixels"):
        tiny.data(Site(recipe=tiny, folder=tmp_path, say=said.append), content=[folder], style=[tmp_path / "dot.png"])
    assert said == ["dot.png: 20x20 is below 80 pixels, left out"]
    with pytest.raises(InputError, match="no plate has 80 pixels"):
        tiny.data(Site(recipe=tiny, folder=tmp_path, say=said.append), content=[tmp_path / "dot.png"], style=[folder])
