"""Real trainings, seconds long."""

from __future__ import annotations

import math
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from replate.errors import Cancelled, ReplateError, UsageError
from replate.network.onnxfile import read_card
from replate.news.dialects import Lines
from replate_training import checkpoint
from replate_training.judging.losses import charbonnier
from replate_training.loop import live
from replate_training.loop.run import Run
from replate_training.loop.trainer import Trainer
from replate_training.material.data import Material, Style
from replate_training.material.pairs import Pairs, PairSource
from replate_training.recipe import Recipe, Schedule


def trainer(recipe: Recipe, pairs: Pairs, out: Path, style: Style | None = None, **facts: Any) -> Trainer:
    return Trainer(recipe, run(out, **facts), material(recipe, pairs, style))


def run(out: Path, **facts: Any) -> Run:
    return Run(out=out, **{"steps": 12, "device": "cpu", "precision": "fp32", **facts})


def material(recipe: Recipe, pairs: Pairs, style: Style | None = None, **fields: Any) -> Material:
    source = PairSource(
        pairs=pairs,
        count=recipe.batch,
        crop=recipe.crop,
        margin=recipe.margin,
        stops=4.0,
        style=style,
        share=0.5,
    )
    return Material(source=source, held=pairs.examples(), shown=pairs.examples(), **fields)


def same(a: Any, b: Any) -> bool:
    """Equal bit for bit, through dictionaries and lists."""
    if isinstance(a, Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def test_a_resumed_run_equals_an_undisturbed_one(
    recipe: Recipe, pairs: Pairs, style: Style, tmp_path: Path, watcher: Lines
) -> None:
    straight = trainer(recipe, pairs, tmp_path / "straight", style)
    straight.run(watcher)
    for stop in (2, 5, 9):  # while it is taught, while the critic warms up, while they play
        first = trainer(recipe, pairs, tmp_path / f"first{stop}", style)
        for _ in range(stop):
            first.advance()
        first.save()
        second = trainer(recipe, pairs, tmp_path / f"second{stop}", style)
        second.restore(checkpoint.read(tmp_path / f"first{stop}" / "state.ckpt"))
        second.run(watcher)
        ours, theirs = second.state(), straight.state()
        for part in ("step", "generator", "average", "optimiser", "game", "random"):
            assert same(ours[part], theirs[part]), f"{part} differs after a stop at step {stop}"


def test_a_look_that_is_watched_is_learnt_as_if_nobody_did(
    recipe: Recipe, pairs: Pairs, style: Style, tmp_path: Path, watcher: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "EVERY", 0.0)
    monkeypatch.setattr(live, "SHARE", math.inf)
    plain, watched = (trainer(recipe, pairs, tmp_path / str(on), style, live=on, steps=6) for on in (False, True))
    plain.run(watcher)
    seen = list[bytes]()
    monkeypatch.setattr(
        watched.feed, "take", lambda draw, take=watched.feed.take: seen.append(_now(watched)) or take(draw)
    )
    watched.run(watcher)
    assert same(watched.state()["generator"], plain.state()["generator"])
    assert len(seen) == len(set(seen)) == 6  # another one before every step
    card = read_card(tmp_path / "True" / "now.onnx")
    assert card is not None and card.kind == "style"
    assert not (tmp_path / "False" / "now.onnx").exists()


def _now(watched: Trainer) -> bytes:
    assert watched.live is not None and not watched.live.trouble
    return watched.live.look.read_bytes()


def test_a_look_that_cannot_be_shown_is_learnt_all_the_same(
    recipe: Recipe, pairs: Pairs, tmp_path: Path, watcher: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ReplateError("the disk is full")

    monkeypatch.setattr(live, "exporter", lambda: refuse)
    learner = trainer(recipe, pairs, tmp_path, steps=3, live=True)
    learner.run(watcher)
    assert learner.step == 3
    assert learner.live is not None and learner.live.trouble == "the disk is full"


def test_training_learns_the_teacher(recipe: Recipe, pairs: Pairs, tmp_path: Path, watcher: Lines) -> None:
    learner = trainer(replace(recipe, adversary=None, rate=3e-3), pairs, tmp_path, steps=80)
    plate, target = (torch.stack(list(side)).float() for side in (pairs.plates, pairs.targets))
    with torch.no_grad():
        before = float(charbonnier(learner.learner.network(plate), target))
        with torch.enable_grad():
            learner.run(watcher)
        assert float(charbonnier(learner.learner.network(plate), target)) < 0.75 * before


def test_what_a_training_leaves_behind(
    recipe: Recipe, pairs: Pairs, style: Style, tmp_path: Path, watcher: Lines
) -> None:
    data = (checkpoint.Data(name="stills", licence="CC0", files=4),)
    given = material(recipe, pairs, style, data=data)
    Trainer(recipe, run(tmp_path, seed=5), given).run(watcher)
    trained = checkpoint.load(tmp_path / "final.ckpt")
    assert (trained.recipe, trained.steps, trained.seed, trained.data) == ("tiny", 12, 5, data)
    assert trained.command.startswith("replate") and trained.seconds > 0
    assert {"psnr", "ssim", "sharpness", "exposure_error"} <= set(trained.metrics)
    plate = torch.rand(1, 3, 64, 72)
    critic = trained.discriminator()
    assert critic is not None and critic.confidence(trained.generator()(plate)).shape == (1, 1, 64, 72)
    assert (tmp_path / "losses.png").stat().st_size > 1000
    assert (tmp_path / "previews" / "000012.png").exists()
    assert any((tmp_path / "board").iterdir())


@pytest.mark.parametrize("objective", ["classic", "squares", "relativistic"])
def test_every_game_plays(objective: str, recipe: Recipe, pairs: Pairs, tmp_path: Path) -> None:
    assert recipe.adversary is not None
    adversary = replace(recipe.adversary, objective=objective, gamma=1.0 if objective == "relativistic" else 0.0)
    player = trainer(replace(recipe, adversary=adversary, schedule=Schedule(judge=0, play=0)), pairs, tmp_path)
    before = {name: value.clone() for name, value in player.learner.game.network.state_dict().items()}  # type: ignore[union-attr]
    terms = [player.advance() for _ in range(2)][-1]
    assert {"adversary", "critic", "pixels", "steady"} <= set(terms)
    assert not same(before, player.learner.game.network.state_dict())  # type: ignore[union-attr]


def test_the_generator_s_game_leaves_the_critic_alone(recipe: Recipe, pairs: Pairs, tmp_path: Path) -> None:
    player = trainer(recipe, pairs, tmp_path)
    assert player.learner.game is not None
    made = torch.rand(2, 3, 32, 32, requires_grad=True)
    player.learner.game.loss(torch.rand(2, 3, 32, 32), made).backward()
    assert made.grad is not None and made.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in player.learner.game.network.parameters())


def test_mixed_precision_trains(recipe: Recipe, pairs: Pairs, tmp_path: Path) -> None:
    assert recipe.adversary is not None
    mixed = replace(recipe, adversary=replace(recipe.adversary, gamma=1.0), schedule=Schedule(judge=0, play=0))
    player = trainer(mixed, pairs, tmp_path, precision="bf16")
    assert all(torch.isfinite(torch.tensor(value)) for value in player.advance().values())


def test_ctrl_c_keeps_what_is_there(
    recipe: Recipe, pairs: Pairs, tmp_path: Path, watcher: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner, before = trainer(recipe, pairs, tmp_path), signal.getsignal(signal.SIGINT)
    step = learner.advance

    def interrupted() -> dict[str, float]:
        if learner.step == 2:
            signal.raise_signal(signal.SIGINT)
        return step()

    monkeypatch.setattr(learner, "advance", interrupted)
    with pytest.raises(Cancelled, match=r"at step 3; go on with --resume"):
        learner.run(watcher)
    assert checkpoint.read(tmp_path / "state.ckpt")["step"] == 3
    assert checkpoint.load(tmp_path / "final.ckpt").steps == 3
    assert signal.getsignal(signal.SIGINT) is before


def test_budgets(recipe: Recipe, pairs: Pairs, tmp_path: Path, watcher: Lines) -> None:
    with pytest.raises(UsageError, match="--steps or --minutes"):
        trainer(recipe, pairs, tmp_path, steps=None)
    assert trainer(replace(recipe, minutes=5.0), pairs, tmp_path, steps=None).facts.minutes == 5
    assert trainer(replace(recipe, minutes=5.0), pairs, tmp_path).facts.minutes is None
    short = trainer(recipe, pairs, tmp_path, steps=10_000, minutes=0.005)
    short.run(watcher)
    assert 0 < short.step < 10_000 and short.progress == 1


def test_the_state_of_another_training_is_refused(recipe: Recipe, pairs: Pairs, tmp_path: Path) -> None:
    state = trainer(recipe, pairs, tmp_path).state()
    with pytest.raises(UsageError, match="has recipe tiny, not other"):
        trainer(replace(recipe, name="other"), pairs, tmp_path).restore(state)
    with pytest.raises(UsageError, match="has format None, not"):
        trainer(recipe, pairs, tmp_path).restore({"recipe": "tiny", "seed": 1, "step": 3})
    with pytest.raises(UsageError, match="has seed 1, not 2"):
        trainer(recipe, pairs, tmp_path, seed=2).restore(state)


def test_saving_leaves_the_networks_in_training_alone(recipe: Recipe, pairs: Pairs, tmp_path: Path) -> None:
    learner = trainer(replace(recipe, schedule=Schedule(judge=0, play=0)), pairs, tmp_path)
    learner.save()
    learner.advance()
    learner.save()
    assert recipe.generator.build().state_dict().keys() == learner.learner.network.state_dict().keys()
