"""What effects do to light, and pairs that are made with them and with looks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch

import plates
from replate.errors import UsageError
from replate_training.dataset.build import build
from replate_training.dataset.effects import EFFECTS, balance, exposure, glow, grain, haze
from replate_training.dataset.settings import Settings
from replate_training.material.files import find, find_held
from replate_training.material.pictures import load
from replate_training.material.site import Site
from replate_training.recipe import Recipe
from scenes import place

AP1 = [[0.6131, 0.3395, 0.0474], [0.0702, 0.9164, 0.0135], [0.0206, 0.1096, 0.8698]]  # from Rec.709
Array = npt.NDArray[np.float32]


@pytest.fixture
def light() -> Array:
    """A dim wall with a lamp of 40 in its middle."""
    wall = np.full((120, 160, 3), (0.2, 0.15, 0.1), np.float32)
    wall[55:65, 75:85] = 40
    return wall


def chance(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", EFFECTS)
def test_effects_follow_from_their_chance(name: str, light: Array) -> None:
    before = light.copy()
    first, again, other = (EFFECTS[name](light, chance(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.float32 and first.shape == light.shape and np.isfinite(first).all()
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert np.array_equal(light, before)
    assert first.max() > 1


@pytest.mark.parametrize("effect", [exposure, balance, glow])
def test_effects_on_a_lens_are_linear_in_light(effect: object, light: Array) -> None:
    assert callable(effect)
    assert 4 * effect(light, chance()) == pytest.approx(effect(4 * light, chance()), rel=1e-4)


def test_exposure_is_always_a_change() -> None:
    grey = np.full((2, 2, 3), 0.18, np.float32)
    stops = [float(np.log2(exposure(grey, chance(seed))[0, 0, 0] / 0.18)) for seed in range(50)]
    assert all(0.49 < abs(each) < 2.01 for each in stops) and min(stops) < -1 and max(stops) > 1


def test_balance_keeps_the_luminance_of_grey() -> None:
    grey = np.full((2, 2, 3), 0.18, np.float32)
    changed = balance(grey, chance())[0, 0]
    assert changed @ np.array([0.2722287, 0.6740818, 0.0536895]) == pytest.approx(0.18, rel=1e-4)
    assert np.ptp(changed) > 0.001


def test_glow_spreads_light_and_adds_none(light: Array) -> None:
    glowing = glow(light, chance())
    assert glowing.sum() == pytest.approx(light.sum(), rel=1e-3)
    assert glowing[60, 95, 0] > 1.5 * light[60, 95, 0] and glowing.max() < light.max()


def test_haze_takes_contrast_most_at_the_top() -> None:
    stripes = np.full((120, 160, 3), 0.05, np.float32)
    stripes[:, ::2] = 0.8
    contrast = haze(stripes, chance()).std((1, 2))
    assert contrast[:20].mean() < contrast[-20:].mean() < stripes.std((1, 2))[0]


def test_grain_grows_with_the_square_root_of_light() -> None:
    deviations = [
        float(np.std(grain(np.full((200, 200, 3), level, np.float32), chance()) - level)) for level in (0.2, 0.8, 3.2)
    ]
    assert deviations[1] / deviations[0] == pytest.approx(2, rel=0.05)
    assert deviations[2] / deviations[1] == pytest.approx(2, rel=0.05)


@pytest.fixture
def photographs(tmp_path: Path) -> str:
    (tmp_path / "in").mkdir()
    for seed in range(8):
        cv2.imwrite(str(tmp_path / f"in/photo-{seed}.png"), place(seed, size=(120, 160))[..., ::-1])
    return str(tmp_path / "in")


def test_pairs_lie_side_by_side_and_spare_what_is_held_out(photographs: str, tmp_path: Path) -> None:
    settings = Settings(smallest=96, validation=0.3, augment="glow,silver", share=0.5)
    dataset = build([photographs], tmp_path / "set", settings)
    train = {picture.file for picture in dataset.pictures if picture.split == "train"}
    for name in ("glow", "silver"):
        mine = [pair for pair in dataset.pairs if pair.by == name]
        assert len(mine) == round(len(train) / 2) and {pair.of for pair in mine} <= train
        for side in ("before", "after"):
            there = sorted((dataset.folder / f"pairs/{name}/{side}").iterdir())
            assert [path.relative_to(dataset.folder).as_posix() for path in there] == [
                getattr(pair, side) for pair in mine
            ]
    assert dataset.pairs[-1].licences == ("not stated", "Apache-2.0")


def test_a_pair_is_the_picture_and_what_became_of_it(photographs: str, tmp_path: Path) -> None:
    dataset = build([photographs], tmp_path / "set", Settings(smallest=96, augment="exposure,silver", share=1.0))
    for pair in dataset.pairs:
        before, after = (plates.read(dataset.folder / each)[0] for each in (pair.before, pair.after))
        codes = cv2.imread(str(dataset.folder / pair.of))[..., ::-1] / 255.0
        linear = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
        assert np.abs(before - linear @ np.array(AP1).T).max() < 2e-3
        if pair.by == "exposure":
            assert np.ptp(after[before > 0.01] / before[before > 0.01]) < 0.02
        else:
            assert np.ptp(after, axis=-1).max() < 0.02 * after.max()


def test_a_name_that_is_nothing_is_said_before_any_work(photographs: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'silver'"):
        build([photographs], tmp_path / "set", Settings(augment="glow,sliver"))
    assert not (tmp_path / "set").exists()


def test_training_finds_what_it_may_see(photographs: str, tmp_path: Path) -> None:
    build([photographs], tmp_path / "set", Settings(smallest=96, validation=0.3, augment="glow"))
    for given in (tmp_path / "set", tmp_path / "set/train"):
        seen, held = find([given]), find_held([given])
        assert {path.parts[-3] for path in seen} == {"train"} and {path.parts[-3] for path in held} == {"validation"}
        assert len(seen) + len(held) == 8
    assert find_held([Path(photographs)]) == []


def test_training_holds_out_what_the_dataset_holds_out(photographs: str, tmp_path: Path, recipe: Recipe) -> None:
    build([photographs], tmp_path / "set", Settings(smallest=96, validation=0.3, licence=["in=CC0-1.0"]))
    held = find_held([tmp_path / "set"])
    material = recipe.data(Site(recipe=recipe, folder=tmp_path / "run"), content=[tmp_path / "set"])
    assert [(each.name, each.licence, each.files) for each in material.data] == [("in", "CC0-1.0", 8 - len(held))]
    expected = list(load(held, short=96, highlights=2.0, smallest=80))
    assert len(material.held) == len(held) > 1
    for example, plate in zip(material.held, expected, strict=True):
        assert torch.equal(example.inputs[0][0], plate.half())
