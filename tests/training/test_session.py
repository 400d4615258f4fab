"""The command, end to end on a folder of small pictures."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
import torch
from typer.testing import CliRunner

from replate.errors import Cancelled, InputError, UsageError
from replate_training import checkpoint, recipes
from replate_training.cli import train
from replate_training.loop import session
from replate_training.loop.run import Run
from replate_training.loop.session import pick_device, pick_precision
from replate_training.loop.trainer import Trainer
from replate_training.recipe import Recipe

from .conftest import scene


@pytest.fixture
def tiny(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setattr(recipes, "find", lambda name: recipe)
    return recipe


def command(*words: object) -> str:
    """What it says."""
    result = CliRunner().invoke(train, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("tiny")
def test_train_and_go_on(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("tiny", "--content", folder, "--style", folder, "--out", out, "--precision", "fp32")
    command(*words, "--steps", 2, "--licence", "stills=CC0")
    trained = checkpoint.load(out / "final.ckpt")
    assert trained.steps == 2
    assert [(item.name, item.licence, item.files) for item in trained.data] == [("stills", "CC0", 3)] * 2
    said = command(*words, "--steps", 4, "--resume", "--progress", "openjd")
    assert "openjd_progress: 100.0\nopenjd_status: step 4 " in said
    assert checkpoint.load(out / "final.ckpt").steps == 4
    assert "in 4 steps" in (out / "certificate.html").read_text(encoding="utf-8")


def test_ctrl_c_leaves_a_certificate(
    recipe: Recipe, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Trainer, advance: Callable[[Trainer], Any] = Trainer.advance) -> Any:
        if self.step == 2:
            signal.raise_signal(signal.SIGINT)
        return advance(self)

    monkeypatch.setattr(Trainer, "advance", interrupted)
    with pytest.raises(Cancelled):
        session.run(recipe, Run(out=tmp_path, steps=9, precision="fp32"), {"content": [folder]})
    page = (tmp_path / "certificate.html").read_text(encoding="utf-8")
    assert "stopped by hand" in page and "PSNR as shown" in page


def test_the_card_s_command_names_no_folders_of_this_machine(
    tiny: Recipe, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["train", "tiny", "--content", str(folder), "--resume", "--licence", "stills=CC0, or so"]
    monkeypatch.setattr("sys.argv", ["replate", *words])
    session.run(tiny, Run(out=tmp_path, steps=1, precision="fp32"), {"content": [folder]})
    command = checkpoint.load(tmp_path / "final.ckpt").command
    assert command == "replate train tiny --content stills --licence 'stills=CC0, or so'"


def test_a_training_is_not_overwritten_and_not_invented(recipe: Recipe, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no training in"):
        session.run(recipe, Run(out=tmp_path, steps=1, resume=True), {"content": [folder]})
    (tmp_path / "state.ckpt").write_bytes(b"")
    with pytest.raises(UsageError, match=r"already a training in .* --resume"):
        session.run(recipe, Run(out=tmp_path, steps=1), {"content": [folder]})


def test_a_farm_begins_a_training_or_goes_on_with_it(tiny: Recipe, folder: Path, tmp_path: Path) -> None:
    for steps in (1, 3):
        request = Run(out=tmp_path, steps=steps, resume_or_begin=True, precision="fp32")
        session.run(tiny, request, {"content": [folder]})
        assert checkpoint.load(tmp_path / "final.ckpt").steps == steps


def test_pictures_that_are_all_too_small(recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    cv2.imwrite(str(tmp_path / "small" / "a.png"), scene(40, 40))
    with pytest.raises(InputError, match="no plate has 80 pixels"):
        session.run(recipe, Run(out=tmp_path / "out", steps=1), {"content": [tmp_path / "small"]})


def test_recipes_are_found_by_name() -> None:
    assert {"painted", "silver"} <= set(recipes.names())
    assert all(recipes.find(name).name == name for name in recipes.names())
    with pytest.raises(UsageError, match="did you mean 'painted'"):
        recipes.find("paintd")


def test_devices_and_precisions(recipe: Recipe) -> None:
    assert pick_device("cpu") == "cpu"
    inputs = (torch.rand(2, 3, 64, 64),)
    assert pick_precision("auto", "cpu", recipe.generator, inputs) in ("fp32", "bf16")
    with pytest.raises(UsageError, match="precision 'fp8' is not known"):
        pick_precision("fp8", "cpu", recipe.generator, inputs)
    if not torch.cuda.is_available():
        with pytest.raises(UsageError, match="'cuda' is not available"):
            pick_device("cuda")
