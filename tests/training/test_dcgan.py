"""Noise to picture: a real training, seconds long, rendered as a plate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from plates import bits, read
from replate.errors import UsageError
from replate.job import Job
from replate.news.progress import Watcher
from replate.params import Curve
from replate.render import render
from replate_export import export
from replate_export.convert import to_onnx
from replate_export.half import to_half
from replate_export.module import Exportable
from replate_export.parity import HALF_BOUND, parity
from replate_training import checkpoint
from replate_training.loop.run import Run
from replate_training.loop.trainer import Trainer
from replate_training.material.data import Dice, dice
from replate_training.material.drawn import Drawn, diversity
from replate_training.material.site import Site
from replate_training.networks import Architecture
from replate_training.recipe import Recipe
from replate_training.recipes.dcgan import RECIPE


def tiny(folder: Path, out: Path, *, size: int = 32) -> tuple[Recipe, Trainer]:
    critic = replace(RECIPE.adversary.critic, options={**RECIPE.adversary.critic.options, "width": 4})  # type: ignore[union-attr]
    recipe = replace(
        RECIPE,
        data=Drawn(noise=16),
        generator=Architecture(family="dcgan", options={"noise": 16, "width": 4}),
        adversary=replace(RECIPE.adversary, critic=critic),  # type: ignore[type-var]
        batch=4,
    )
    material = recipe.data(Site(recipe=recipe, folder=out, say=lambda _: None), pictures=[folder], size=size)
    recipe = recipe.fitted(material)
    return recipe, Trainer(recipe, Run(out=out, steps=10, device="cpu", precision="fp32"), material)


@pytest.fixture
def trained(folder: Path, tmp_path: Path) -> Path:
    """The folder of a training of ten steps."""
    _, trainer = tiny(folder, tmp_path / "run")
    trainer.run(Watcher())
    return tmp_path / "run"


def at(step: int) -> Dice:
    return lambda stream: dice(1, step, stream)


def test_a_training_leaves_previews_and_a_measured_diversity(trained: Path) -> None:
    final = checkpoint.load(trained / "final.ckpt")
    assert final.kind == "effect"
    assert final.generator_network.options["size"] == 32
    assert final.metrics["diversity"] > 0
    (sheet,) = (trained / "previews").glob("*.png")
    import cv2

    assert cv2.imread(str(sheet)).shape == (4 * 32, 8 * 32, 3)


def test_both_sides_learn_from_the_first_step(folder: Path, tmp_path: Path) -> None:
    _, trainer = tiny(folder, tmp_path)
    assert trainer.learner.game is not None
    filters = [
        each
        for side in (trainer.learner.network, trainer.learner.game.network)
        for each in side.parameters()
        if each.ndim > 1
    ]
    before = [each.detach().clone() for each in filters]
    assert {"adversary", "critic", "critic_real", "critic_made"} == set(trainer.advance())
    assert not any(torch.equal(a, b) for a, b in zip(before, filters, strict=True))


def test_a_resumed_training_ends_in_the_same_weights(folder: Path, tmp_path: Path) -> None:
    _, straight = tiny(folder, tmp_path / "a")
    _, first = tiny(folder, tmp_path / "b")
    for _ in range(4):
        straight.advance()
    first.advance()
    first.save()
    _, second = tiny(folder, tmp_path / "b")
    second.restore(checkpoint.read(tmp_path / "b" / "state.ckpt"))
    for _ in range(3):
        second.advance()
    ours, theirs = second.learner.network.state_dict(), straight.learner.network.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_training_of_another_size_is_not_resumed(folder: Path, tmp_path: Path) -> None:
    _, first = tiny(folder, tmp_path)
    _, second = tiny(folder, tmp_path, size=64)
    with pytest.raises(UsageError, match=r"has options .*'size': 32.*, not .*'size': 64"):
        second.restore(first.state())


def test_what_is_real_is_a_function_of_the_step(folder: Path, tmp_path: Path) -> None:
    _, trainer = tiny(folder, tmp_path)
    source = trainer.material.source
    batch = source.batch(at(3))
    assert batch.inputs[0].shape == (4, 16)
    assert torch.equal(source.real(batch, at(3)), source.real(batch, at(3)))
    assert not torch.equal(source.real(batch, at(3)), source.real(batch, at(4)))


def test_a_trained_generator_renders_as_a_plate(trained: Path, tmp_path: Path) -> None:
    (exported,) = export(trained / "final.ckpt", tmp_path / "faces.onnx")
    assert exported.card.size == (32, 32)
    assert exported.card.input("confidence") is None
    assert exported.parity["result"] < 1e-4
    render_of = _renderer(exported.path, tmp_path)
    still = render_of("still", "1-2", 7.5)
    assert np.array_equal(bits(still[0]), bits(still[1]))
    moving = render_of("moving", "1-3", Curve(((1, 7), (3, 8))))
    assert np.array_equal(bits(moving[1]), bits(still[0]))
    assert len({frame.tobytes() for frame in moving}) == 3
    alone = render_of("alone", "2", Curve(((1, 7), (3, 8))))
    assert np.array_equal(bits(alone[0]), bits(moving[1]))


def _renderer(generator: Path, folder: Path) -> Callable[..., list[np.ndarray]]:
    def render_of(name: str, frames: str, seed: float | Curve) -> list[np.ndarray]:
        output = folder / name / "%04d.exr"
        job = Job(
            node="effect",
            inputs={"plate": "blank:40x30"},
            output=str(output),
            frames=frames,
            generator=str(generator),
            params={"seed": seed},
        )
        assert not render(job).failed
        return [read(path)[0] for path in sorted(output.parent.glob("*.exr"))]

    return render_of


def test_a_half_precision_twin_is_half_as_large() -> None:
    torch.manual_seed(1)
    network = Architecture(family="dcgan", options={"noise": 16, "size": 32, "width": 16}).build()
    module = Exportable(network)
    full = to_onnx(module)
    half = to_half(full, learnt=dict(module.named_parameters()))
    assert half.ByteSize() < 0.55 * full.ByteSize()
    assert parity(module, half)["result"] < HALF_BOUND


def test_a_picture_does_not_depend_on_those_beside_it() -> None:
    network = Architecture(family="dcgan", options={"noise": 16, "size": 32, "width": 4}).build()
    z = torch.randn(3, 16, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(network(z)[1:2], network(z[1:2]))


def test_a_generator_starts_without_a_grid_and_without_a_frame() -> None:
    """Every pixel of an untrained generator is as bright and as lively as any other."""
    torch.manual_seed(1)
    network = Architecture(family="dcgan", options={"noise": 32, "size": 32, "width": 8}).build()
    with torch.no_grad():
        made = network(torch.randn(512, 32))
    energy = (made - made.mean(0)).square().mean((0, 1))
    phases = torch.stack([energy[i::2, j::2].mean() for i in (0, 1) for j in (0, 1)])
    rim = torch.cat([energy[0], energy[-1], energy[:, 0], energy[:, -1]]).mean()
    assert phases.max() < 1.5 * phases.min()
    assert 0.5 < float(rim / energy[4:-4, 4:-4].mean()) < 2


def test_diversity_is_nought_for_one_picture() -> None:
    one = torch.full((1, 3, 8, 8), 0.4)
    assert diversity(one.repeat(4, 1, 1, 1)) == pytest.approx(0, abs=1e-6)
    assert diversity(torch.cat([one, one + 0.1])) > 0.05


def test_a_size_that_no_network_has_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="size must be one of 32, 64, 128, not 50"):
        tiny(folder, tmp_path, size=50)
