"""The detail of fire and smoke: what it is learnt from, what holds by construction, a training from end to end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fires import fire
from replate.effects.refining import FINER
from replate.generator import Generator
from replate.news.progress import Watcher
from replate.nodes import Engine
from replate.nodes.effect_field import FieldEffect
from replate_export import export
from replate_export.module import Exportable
from replate_export.receptive import receptive_radius
from replate_training import checkpoint, recipes
from replate_training.filters import blur
from replate_training.judging.lesson import Attempt
from replate_training.judging.refined import Refined, figures, lively, power
from replate_training.loop.run import Run
from replate_training.loop.trainer import Trainer
from replate_training.material import carrying, flames
from replate_training.material.carrying import rendered, simulated
from replate_training.material.data import dice
from replate_training.material.flames import Flames
from replate_training.material.flowing import Clip, FlowSource, Moving, coarsened, in_line
from replate_training.material.site import Site
from replate_training.networks import Architecture, build
from replate_training.networks.refine import _sharp, _twice
from replate_training.recipe import Recipe
from replate_training.simulation.scenes import SCENES, Grid
from replate_training.simulation.takes import Take, record

SMALL = {"half": 8, "quarter": 8, "dilations": (1,), "fine": 1, "full": 4}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One small example to measure figures on, and little that is rendered."""
    monkeypatch.setattr(carrying, "_ROOM", Grid(depth=1, height=160, width=128))
    monkeypatch.setattr(flames, "_EXAMPLES", 1)
    monkeypatch.setattr(flames, "_SIDE", 96)


def random(step: int = 0, *, seed: int = 1) -> Callable[[str], torch.Generator]:
    return partial(dice, seed, step)


def drifting(*, right: float = 3.0, moments: int = 5) -> Clip:
    """Soft spots that drift to the right by whole samples."""
    spots = blur(torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(1)), 2.0)
    spots = 3 * (spots - spots.mean())
    spots[:, :2] = (spots[:, :2] + 0.3).clamp(min=0)
    planes = torch.cat([spots.roll(round(right * each), -1) for each in range(moments)])
    flow = torch.tensor([right, 0.0]).view(1, 2, 1, 1).expand(moments, 2, 48, 64)
    return Clip(planes.half(), flow.half(), fine=True)


@pytest.fixture
def source() -> FlowSource:
    clip = drifting()
    return FlowSource(simulated=[clip], rendered=[replace(clip, fine=False)], count=4, crop=64, margin=8)


@pytest.fixture
def net() -> nn.Module:
    torch.manual_seed(3)
    return build("refine", SMALL).eval()


def test_the_flow_brings_three_moments_into_line(source: FlowSource) -> None:
    before, now, after = in_line(*_whole(drifting()), 16).chunk(3, 1)
    for other in (before, after):
        assert (other - now).abs().max() < 2e-3
    flow = 0 * _whole(drifting())[1]
    assert (in_line(_whole(drifting())[0], flow, 16).chunk(3, 1)[0] - now).abs().mean() > 0.01


def _whole(clip: Clip) -> tuple[Tensor, Tensor]:
    return clip.planes[:3].float(), nn.functional.interpolate(clip.flow[1:2].float(), size=(96, 128))


def test_simulations_are_made_coarse_as_the_renderer_enlarges() -> None:
    fine = torch.rand(1, 1, 64, 48, generator=torch.Generator().manual_seed(1))
    small = nn.functional.avg_pool2d(blur(fine, 3.0), FINER)[0, 0].numpy()
    enlarged = cv2.resize(small, (48, 64), interpolation=cv2.INTER_CUBIC)
    np.testing.assert_allclose(coarsened(fine, 3.0)[0, 0].numpy(), enlarged, atol=1e-4)


def test_a_batch_is_a_function_of_the_step_and_half_of_it_has_a_truth(source: FlowSource) -> None:
    batch, again = source.batch(random(3)), source.batch(random(3))
    assert torch.equal(batch.inputs[0], again.inputs[0]) and batch.known == 2
    assert not torch.equal(batch.inputs[0], source.batch(random(4)).inputs[0])
    (coarse,), fine = batch.inputs, batch.target
    assert fine is not None and coarse.shape == fine.shape == (12, 3, 64, 64)
    assert (coarse - fine)[:6, :2].abs().mean() > 0.01 and torch.equal(coarse[6:], fine[6:])
    assert torch.equal(coarse[:, 2], fine[:, 2])
    assert source.real(batch, random(3)).shape == batch.judged(fine, 8).shape == (4, 6, 48, 48)


def test_triples_of_a_batch_are_in_line_whether_mirrored_or_not(source: FlowSource) -> None:
    for step in range(4):
        real = source.real(source.batch(random(step)), random(step))
        assert (real[:, :2] - real[:, 2:4]).abs().mean() < 0.02 < real[:, 2:4].std()


@pytest.mark.parametrize("kind", SCENES)
def test_rendered_clips_hold_what_the_node_shows_its_network(kind: str) -> None:
    clips, again = (rendered(kind, recipes.find(kind).defaults, seed=1, moments=3) for _ in range(2))
    for clip, same in zip(clips, again, strict=True):
        assert torch.equal(clip.planes, same.planes) and not clip.fine
        heat, smoke, noise = clip.planes.float().unbind(1)
        assert heat.min() >= 0 and smoke.min() >= 0 and (heat + smoke).max() > 0.05
        assert abs(float(noise.mean())) < 0.2 and 0.7 < float(noise.std()) < 1.3
        still = _error(clip, 0.0)
        assert _error(clip, 1.0) < 0.5 * still


def _error(clip: Clip, share: float) -> float:
    """How unlike consecutive moments' noise is, if its flow is followed by a share."""
    flow = share * nn.functional.interpolate(clip.flow[1:2].float(), size=clip.planes.shape[-2:], mode="bilinear")
    before, now, _ = in_line(clip.planes[:3, 2:].float(), flow, 24).chunk(3, 1)
    return float((before - now).square().mean())


def test_noise_is_carried_by_the_simulated_air() -> None:
    (take,) = record([replace(SCENES["fire"], lift=0.0)], grid=Grid(depth=4, height=96, width=96), frames=7)
    clip = simulated(take, {"life": 14.0}, seed=1)
    assert len(clip.planes) == len(take.heat) - 15
    noise = clip.planes[:, 2].float()
    assert abs(float(noise.mean())) < 0.3 and 0.7 < float(noise.std()) < 1.3
    assert _error(clip, 1.0) < 0.4 * _error(clip, 0.0)


@torch.no_grad()
def test_where_there_is_nothing_nothing_is_made(net: nn.Module) -> None:
    x = torch.rand(1, 3, 64, 64)
    x[:, :2, :, 20:50] = 0
    made = net(x)
    assert (made[:, :2, :, 20:50] == 0).all() and (made >= 0).all() and (made[:, 2] == 0).all()
    assert made[:, :2, :, :20].min() > 0


@torch.no_grad()
def test_before_it_learns_it_lets_the_noise_bite(net: nn.Module) -> None:
    x = torch.full((2, 3, 32, 32), 0.5)
    x[1, 2] = -0.5
    more, less = net(x)[:, :2].mean((2, 3))
    assert (more > 1.2 * less).all()


def test_what_enlarging_dims_is_given_back_and_what_is_even_stays() -> None:
    waves = torch.cos(0.3 * 2 * torch.pi * torch.arange(96))  # 7 samples long when they are enlarged
    blurred = _twice(waves[None, None, None].expand(1, 1, 8, 96))
    given = _sharp(blurred)[..., 20:-20]
    assert 1.2 * blurred[..., 20:-20].square().mean() < given.square().mean() < 1.1 * waves.square().mean()
    assert torch.allclose(_sharp(torch.full((1, 2, 8, 8), 0.7)), torch.tensor(0.7))


@torch.no_grad()
def test_a_crop_with_overlap_equals_the_frame(net: nn.Module) -> None:
    radius = receptive_radius(Exportable(net))
    x, edge = torch.rand(1, 3, 256, 256), 8 * -(-radius // 8)
    whole, tile = net(x), net(x[..., 16:240, 24:248])
    inner = slice(edge, -edge)
    assert radius < 96
    assert (tile[..., inner, inner] - whole[..., 16:240, 24:248][..., inner, inner]).abs().max() < 1e-5


@torch.no_grad()
def test_critics_judge_detail_and_not_how_much_there_is() -> None:
    torch.manual_seed(1)
    critic = build("flow", {"width": 4}).eval()
    planes = 5 * (1 + 0.3 * torch.randn(1, 6, 64, 64))
    logits = critic(planes)
    assert logits.shape == (1, 2, 8, 8)
    dense = planes.clone()
    dense[:, 1::2] *= 3
    torch.testing.assert_close(critic(dense), logits, atol=0.02, rtol=0.02)
    assert (critic(blur(planes, 2.0)) - logits).abs().max() > 0.02


@torch.no_grad()
def test_the_critic_of_stills_sees_the_middle_alone() -> None:
    torch.manual_seed(1)
    critic, planes = build("flow", {"width": 4}).eval(), torch.rand(1, 6, 64, 64)
    other = planes.clone()
    other[:, :2] = other[:, :2].flip(-1)
    assert torch.equal(critic(other)[:, 0], critic(planes)[:, 0])
    assert not torch.equal(critic(other)[:, 1], critic(planes)[:, 1])


def test_the_lesson_is_nought_for_the_truth_and_lessens(source: FlowSource, net: nn.Module) -> None:
    batch, lesson = source.batch(random()), Refined(pixels=1, edges=1, texture=1, kept=0)
    assert batch.target is not None
    assert all(
        float(each) == pytest.approx(0, abs=1e-6) for each in lesson(_attempt(net, batch, batch.target)).values()
    )
    adam, losses = torch.optim.Adam(net.parameters(), 3e-3), []
    for _ in range(25):
        loss = torch.stack(list(Refined()(_attempt(net, batch, net(batch.inputs[0]))).values())).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.9 * losses[0]


def _attempt(net: nn.Module, batch: Moving, result: Tensor) -> Attempt:
    return Attempt(generator=net, batch=batch, result=result, margin=8, features=lambda a, b: a.mean(), random=random())


def test_figures_know_the_truth_the_coarse_and_the_restless(source: FlowSource) -> None:
    batch = replace(source, crop=96, stride=1, plain=True, rendered=()).batch(random())
    examples = [batch.triple(index) for index in range(4)]
    truths = iter([each.target for each in examples])
    truth = figures(lambda x: next(truths), examples)
    for name in ("spectrum_fine", "spectrum_middle", "sharpness", "flow_error"):
        assert truth[name] == pytest.approx(1)
    assert truth["plain_spectrum_middle"] < 0.2 and truth["plain_sharpness"] < 0.7
    chance = torch.Generator().manual_seed(1)
    restless = figures(lambda x: x * (1 + 0.3 * torch.rand(x.shape, generator=chance)), examples)
    assert restless["flow_error"] > 3
    assert lively(truth) > lively({**truth, "spectrum_fine": 0.25}) > lively(restless)


def test_power_is_found_in_its_octave() -> None:
    wave = torch.sin(2 * torch.pi * 0.2 * torch.arange(96.0)).expand(1, 1, 96, 96)
    assert power(wave, (0.125, 0.25)) > 100 * power(wave, (0.25, 0.5))


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small takes of fire, doubled in size so that crops fit."""
    folder = tmp_path_factory.mktemp("takes")
    scenes = [replace(SCENES["fire"], seed=seed, soft=8.0) for seed in (1, 2)]
    for index, take in enumerate(record(scenes, grid=Grid(depth=4, height=112, width=104), frames=7)):
        larger = (each.repeat_interleave(2, -1).repeat_interleave(2, -2) for each in (take.heat, take.smoke, take.flow))
        Take(*larger).save(folder / f"fire_{index:04d}.npz")
    return folder


def tiny(takes: Path, out: Path) -> tuple[Recipe, Trainer]:
    base = recipes.find("fire")
    assert base.adversary is not None
    recipe = replace(
        base,
        data=Flames(kind="fire", scenes=1, noises=1),
        generator=Architecture(family="refine", options=SMALL),
        adversary=replace(base.adversary, critic=Architecture(family="flow", options={"width": 4})),
        crop=64,
        margin=8,
    )
    site = Site(recipe=recipe, folder=out, say=lambda _: None)
    material = recipe.data(site, takes=takes, triples=2)
    return recipe, Trainer(recipe, Run(out=out, steps=5, device="cpu", precision="fp32"), material)


def test_a_training_leaves_a_generator_that_burns_in_the_node(takes: Path, tmp_path: Path) -> None:
    _, trainer = tiny(takes, tmp_path / "run")
    trainer.run(Watcher())
    assert len(list((tmp_path / "run/previews").glob("*.png"))) == 1
    final = checkpoint.load(tmp_path / "run/final.ckpt")
    assert (final.kind, final.family, final.space) == ("effect", "field", "Raw")
    assert {"spectrum_fine", "flow_error", "sharpness"} <= set(final.metrics)
    (exported,) = export(tmp_path / "run/final.ckpt", tmp_path / "fire.onnx")
    assert exported.parity["result"] < 1e-4 and exported.card.family == "field" and exported.card.space == "Raw"
    generator = Generator.load(tmp_path / "fire.onnx", device="cpu", threads=1)
    burning = fire(FieldEffect(Engine(generator=generator)))
    assert burning.pixels.max() > 1 and (burning.pixels[:8] == 0).all()


def test_a_resumed_training_ends_in_the_same_weights(takes: Path, tmp_path: Path) -> None:
    _, straight = tiny(takes, tmp_path / "a")
    _, first = tiny(takes, tmp_path / "b")
    for _ in range(6):
        straight.advance()
    for _ in range(4):
        first.advance()
    first.save()
    _, second = tiny(takes, tmp_path / "b")
    second.restore(checkpoint.read(tmp_path / "b/state.ckpt"))
    for _ in range(2):
        second.advance()
    ours, theirs = second.learner.network.state_dict(), straight.learner.network.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_smoke_brings_its_own_settings_to_the_card(takes: Path) -> None:
    smoke = recipes.find("smoke")
    known = {param.name for param in FieldEffect.params}
    assert smoke.defaults and set(smoke.defaults) <= known
    assert smoke.generator == recipes.find("fire").generator
