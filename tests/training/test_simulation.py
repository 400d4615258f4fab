"""Simulated fire: what air does, what burns, and what is kept of it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from replate.errors import InputError, UsageError
from replate.media import open_source
from replate.news.dialects import Lines
from replate.news.progress import Watcher
from replate_training.dataset.simulate import simulate
from replate_training.simulation import takes as taking
from replate_training.simulation.burning import STEPS, Burning
from replate_training.simulation.flow import advected, confinement, curl, divergence, incompressible
from replate_training.simulation.scenes import SCENES, Emitter, Grid, Scene, drawn
from replate_training.simulation.takes import Take, collect, record

GRID = Grid(depth=4, height=64, width=48)
FIRE = replace(SCENES["fire"], soft=6.0, life=4.0, linger=4.0, wind=(0.0, -4.0), lift=0.4, unrest=1.0)


def noise(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def burnt(scene: Scene, frames: int) -> Burning:
    burning = Burning([scene], GRID)
    for _ in range(frames * STEPS):
        burning.step()
    return burning


def test_air_is_neither_gathered_nor_thinned() -> None:
    wild = noise(1, 3, 6, 16, 12)
    still = incompressible(wild)
    assert divergence(still).abs().max() < 1e-4 * divergence(wild).abs().max()
    torch.testing.assert_close(incompressible(still), still, atol=1e-5, rtol=0)


def test_air_as_a_whole_moves_with_the_wind() -> None:
    wind = torch.tensor([[2.0, -3.0, 0.5]])
    torch.testing.assert_close(incompressible(noise(1, 3, 6, 16, 12), wind=wind).mean((2, 3, 4)), wind)


@settings(max_examples=15, deadline=None)
@given(right=st.integers(-9, 9), down=st.integers(-9, 9), seed=st.integers(0, 99))
def test_what_is_carried_by_whole_cells_comes_out_as_it_was(right: int, down: int, seed: int) -> None:
    carried = noise(1, 2, 4, 12, 10, seed=seed)
    velocity = torch.tensor([right, down, 0.0]).view(1, 3, 1, 1, 1).expand(1, 3, 4, 12, 10) / 2
    moved = advected(carried, velocity, 2.0)
    torch.testing.assert_close(moved, carried.roll((down, right), (-2, -1)), atol=2e-4, rtol=0)


def test_what_is_carried_stays_in_its_range_and_nearly_in_its_amount() -> None:
    blob = torch.zeros(1, 1, 8, 24, 24)
    blob[..., 2:6, 8:16, 8:16] = 1
    air = incompressible(F.interpolate(noise(1, 3, 2, 3, 3), size=(4, 12, 12), mode="trilinear"))
    moved = blob
    for _ in range(6):
        moved = advected(moved, air, 0.25)
    assert moved.min() >= 0 and moved.max() <= 1
    assert float(moved.sum()) == pytest.approx(float(blob.sum()), rel=0.1)


def test_edges_stay_sharper_than_by_one_step_back() -> None:
    edge = torch.zeros(1, 1, 4, 8, 64)
    edge[..., 20:40] = 1
    air = torch.zeros(1, 3, 4, 8, 64)
    air[:, 0] = 0.5
    moved = edge
    for _ in range(40):
        moved = advected(moved, air, 1.0)
    steepest = (moved - moved.roll(1, -1)).abs().max()
    plain = edge
    for _ in range(40):
        plain = 0.5 * (plain + plain.roll(1, -1))  # linear interpolation half a cell on
    assert steepest > 1.5 * (plain - plain.roll(1, -1)).abs().max()


def test_confinement_keeps_eddies_turning() -> None:
    air = incompressible(noise(1, 3, 6, 24, 24))
    faster = incompressible(air + 0.2 * confinement(air, 1.0))
    assert curl(faster).square().mean() > 1.01 * curl(air).square().mean()


def test_fire_burns_at_its_emitter_and_rises() -> None:
    burning = burnt(FIRE, 8)
    heat = burning.heat.amax((0, 1, 3))
    rows = torch.arange(len(heat))
    emitter = 0.86 * GRID.height
    assert heat.max() > 0.3 and burning.heat.max() <= 1 and burning.smoke.min() >= 0
    assert heat[rows < emitter - 10].max() > 10 * heat[rows > emitter + 7].max()
    assert divergence(burning.velocity).abs().max() < 1e-3


def test_nothing_burns_without_an_emitter() -> None:
    assert burnt(replace(FIRE, emitters=(Emitter(x=5.0, y=5.0, wide=0.1, high=0.1),)), 2).carried.max() == 0


def test_what_was_lit_goes_out_after_three_lives() -> None:
    burning = burnt(FIRE, 4)
    burning.scenes = [replace(FIRE, emitters=(Emitter(x=5.0, y=5.0, wide=0.1, high=0.1),))]
    assert burning.heat.max() > 0.1
    for _ in range(STEPS * 3 * round(FIRE.life) + 1):
        burning.step()
    assert burning.heat.max() == 0


def test_scenes_know_nothing_of_each_other() -> None:
    two = [replace(FIRE, seed=1), replace(FIRE, seed=2, lift=0.8)]
    together, alone = Burning(two, GRID), Burning(two[1:], GRID)
    for _ in range(STEPS):
        together.step()
        alone.step()
    torch.testing.assert_close(together.carried[1:], alone.carried, atol=1e-5, rtol=0)
    assert (together.carried[0] - together.carried[1]).abs().max() > 0.1


@pytest.mark.parametrize("kind", SCENES)
def test_every_seed_is_another_scene_and_always_the_same(kind: str) -> None:
    assert drawn(kind, 3) == drawn(kind, 3) != drawn(kind, 4)
    mattes = [emitter.matte(time, GRID, soft=6.0) for emitter in drawn(kind, 3).emitters for time in (0, 9)]
    assert all(0 <= float(matte.min()) < 0.01 and float(matte.max()) <= 1 for matte in mattes)


def test_an_emitter_sways() -> None:
    emitter = Emitter(x=0.5, y=0.5, wide=0.1, high=0.1, sway=0.2, period=40.0)
    columns = torch.arange(GRID.width) / GRID.width
    left, right = (float((emitter.matte(time, GRID, soft=2.0).sum(0) * columns).sum()) for time in (30, 10))
    assert right > left


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes of the tests' size."""
    monkeypatch.setattr(taking, "Grid", lambda: GRID)
    monkeypatch.setattr(taking, "_BEFORE", 0.1)


def test_a_take_comes_back_from_its_file(tmp_path: Path) -> None:
    (take,) = record([FIRE], grid=GRID, frames=2)
    assert take.heat.shape == take.smoke.shape == (2 * STEPS, 64, 48) and take.flow.shape == (2 * STEPS, 2, 32, 24)
    take.save(tmp_path / "one.npz")
    again = Take.load(tmp_path / "one.npz")
    assert all(torch.equal(getattr(again, name), getattr(take, name)) for name in ("heat", "smoke", "flow"))
    (tmp_path / "one.npz").write_bytes(b"half")
    with pytest.raises(InputError, match=r"one\.npz is no take of a simulation"):
        Take.load(tmp_path / "one.npz")


def test_the_flow_of_calm_air_is_the_wind() -> None:
    (take,) = record([replace(FIRE, lift=0.0, unrest=0.0)], grid=GRID, frames=2)
    torch.testing.assert_close(take.flow.float().mean((0, 2, 3)), torch.tensor([0.0, -4.0]), atol=0.02, rtol=0)


def test_takes_that_are_there_are_kept(small: None, tmp_path: Path) -> None:
    said: list[str] = []
    first = collect("fire", tmp_path, count=1, frames=1, tell=lambda done, name: said.append(name))
    before = first[0].stat().st_mtime_ns
    both = collect("fire", tmp_path, count=2, frames=1, tell=lambda done, name: said.append(name))
    assert [path.name for path in both] == ["fire_0001.npz", "fire_0002.npz"] and both[0].stat().st_mtime_ns == before
    assert said.count("fire_0001") == said.count("fire_0002") > 0


def test_the_command_leaves_takes_and_a_movie(small: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simulate("smoke", out=tmp_path / "takes", takes=2, frames=3, watcher=Lines(sys.stdout))
    assert "replate train smoke --takes" in capsys.readouterr().out
    with open_source(str(tmp_path / "takes/smoke.mp4")) as movie:
        assert len(movie.frames) == 3 and movie.read(movie.frames[0]).pixels.shape[:2] == (64, 96)
    with pytest.raises(UsageError, match="'water' cannot be simulated; known are fire, smoke"):
        simulate("water", out=tmp_path, watcher=Watcher())
