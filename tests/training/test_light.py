"""The exact light, and the generator that learns from it."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
import torch

from lamps import added
from replate.effects.optics.ghosts import GHOSTS
from replate.effects.optics.shafts import Shafts, shafts
from replate.generator import Generator
from replate_training.judging.spread import apart
from replate_training.material.data import dice
from replate_training.material.points import Points
from replate_training.material.site import Site
from replate_training.networks.light import Light
from replate_training.optics import settling
from replate_training.optics.aperture import Iris, opening
from replate_training.optics.flare import ghosts
from replate_training.optics.shafts import marched
from replate_training.optics.spread import glow, halation, spread
from replate_training.recipes import find


@pytest.fixture(scope="module")
def network() -> Light:
    torch.manual_seed(0)
    return Light(levels=7).eval().requires_grad_(False)


def numbers(**given: float) -> torch.Tensor:
    told = {"glow": 2.0, "falloff": 3.0, "ring": 3.0, "r": 1.0, "g": 1.0, "b": 1.0, "hr": 1.0, "hg": 0.5, "hb": 0.1}
    return torch.tensor([list((told | given).values())])


RAY = torch.tensor([[2.0, 2.0, 2.0, 1.0, 1.0, 1.0]])


def test_profiles_hold_all_the_light(network: Light) -> None:
    y, x = (each - 500.0 for each in np.mgrid[:1001, :1001])
    assert spread(halation(), x, y, 10.0).sum() == pytest.approx(1, abs=0.02)
    assert spread(glow(4.0), x, y, 3.0).sum() == pytest.approx(1, abs=0.02)


def test_an_iris_has_its_blades() -> None:
    whole = opening(Iris(blades=4), side=64, radius=30.0)
    assert whole.sum() == pytest.approx(2 * 30**2, rel=0.02)
    dirty = opening(Iris(blades=4, dust=20, scratches=5, seed=1), side=64, radius=30.0)
    assert 0.5 * whole.sum() < dirty.sum() < whole.sum()


def test_the_network_is_linear_in_light(network: Light) -> None:
    one, other = torch.rand(2, 1, 3, 40, 56).double()
    double = Light(levels=7).double().requires_grad_(False)
    double.load_state_dict(network.state_dict())
    told = numbers().double(), RAY.double()
    parts = [torch.cat(double.parts(each, *told), 1) for each in (one, other, 3 * one + other)]
    assert torch.allclose(parts[2], 3 * parts[0] + parts[1], rtol=1e-9)


def test_the_border_of_a_picture_is_that_of_an_endless_dark_one(network: Light) -> None:
    small = torch.rand(1, 3, 48, 64)
    wide = torch.nn.functional.pad(small, (64, 64, 64, 64))
    for made, whole in zip(network.parts(small, numbers(), RAY), network.parts(wide, numbers(), RAY), strict=True):
        assert torch.allclose(made, whole[..., 64:112, 64:128], atol=1e-5)


def test_what_is_learnt_at_points_is_what_pictures_get(network: Light) -> None:
    seen, row = network.responses(40, [(11, 23)])
    asked = (torch.tensor([[2.0, 3.0]]), torch.tensor([[3.0]]), torch.tensor([[2.0]]))
    glows, rings, rays = network(seen.flatten(0, 2), row.flatten(0, 1).repeat(40, 1), *asked).chunk(3, 1)
    plate = torch.zeros(1, 3, 40, 40)
    plate[..., 11, 23] = 1
    around, along = network.parts(plate, numbers(hr=0.0), RAY)
    assert torch.allclose(glows.view(40, 40), around[0, 0], atol=1e-6)
    assert torch.allclose(rings.view(40, 40), network.around(plate, numbers(r=0.0))[0, 0], atol=1e-6)
    assert torch.allclose(rays[0, :40], along[0, 0, 11], atol=1e-6)


def test_the_lesson_counts_what_is_known() -> None:
    real = torch.tensor([[1.0, float("nan"), 2.0, 2.0, 4.0, 4.0]])
    assert apart(torch.tensor([[1.0, 9.0, 2.0, 2.0, 4.0, 0.0]]), real).tolist() == pytest.approx([0.0, 0.0, 1.0])


def test_batches_are_functions_of_the_step(tmp_path) -> None:  # type: ignore[no-untyped-def]
    material = Points()(Site(recipe=find("light"), folder=tmp_path, say=lambda _: None))
    first, again, other = (material.source.batch(lambda name, s=step: dice(0, s, name)) for step in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first.inputs, again.inputs, strict=True))
    assert not torch.equal(first.inputs[2], other.inputs[2])
    figures = material.figures(find("light").generator.build())
    assert set(figures) == {"glow_error", "halation_error", "ray_error"}


@pytest.mark.parametrize(("size", "falloff"), [(3.0, 3.0), (12.0, 2.5)])
def test_the_shipped_generator_makes_the_exact_glow(size: float, falloff: float) -> None:
    shipped = Generator.load("light", device="cpu", threads=1)
    plate = np.zeros((1, 3, 128, 160), np.float32)
    plate[..., 61, 83] = 1
    asked = {"round": np.array([[np.log2(size), falloff, 0, 1, 1, 1, 0, 0, 0]], np.float32)}
    made = shipped.compute("result", {"plate": plate, "ray": np.zeros((1, 6), np.float32), **asked})[0, 1]
    y, x = np.mgrid[:128, :160] - np.array([61.0, 83.0])[:, None, None]
    exact = spread(glow(falloff), x, y, size)
    assert (abs(made - exact) / exact).mean() < 0.05 and abs(made - exact).sum() / exact.sum() < 0.05


def test_shafts_are_what_marching_gives() -> None:
    light = np.zeros((40, 60, 3), np.float32)
    light[10:18, 20:30] = np.array([3, 2, 1])
    light[12:14, 24:27] = 0
    for x, y in ((25.0, 14.0), (70.0, -20.0)):
        fast = shafts(light, Shafts(x=x, y=y, amount=(1, 1, 1), length=80))
        slow = marched(light.astype(float), x=x, y=y, length=80, finer=4)
        assert abs(fast - slow).sum() / slow.sum() < 0.05


def test_shipped_ghosts_are_those_that_were_traced() -> None:
    traced = ghosts(len(GHOSTS))
    level = max(sum(each.light) / 3 for each in traced)
    for ours, theirs in zip(GHOSTS, traced, strict=True):
        place, radius, light = map(np.array, astuple(theirs))
        assert np.allclose([*ours.place, *ours.radius], [*place, *radius], atol=1e-3)
        assert np.allclose(ours.light, light / level, atol=1e-3)


def test_the_effect_says_what_it_is_for() -> None:
    assert added(np.full((32, 32, 3), 2, np.float32)).any()


def test_settling_brings_rings_nearer_and_leaves_all_else(network: Light, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_STEP", 0.5)
    monkeypatch.setattr(settling, "_ROUNDS", 4)
    better = settling.settled(network)
    y, x = np.mgrid[:97, :97] - 48.0
    exact, point = spread(halation(), x, y, 5.0), torch.zeros(1, 3, 97, 97)
    point[..., 48, 48] = 1
    ring = numbers(ring=float(np.log2(5)), r=0.0, g=0.0, b=0.0)
    errors = [abs(each.around(point, ring)[0, 0].numpy() - exact).sum() / exact.sum() for each in (network, better)]
    assert errors[1] < 0.3 < errors[0]
    changed = {name for name, weight in network.named_parameters() if not weight.equal(better.get_parameter(name))}
    assert changed == {"halation.think.4.weight", "halation.think.4.bias"}
