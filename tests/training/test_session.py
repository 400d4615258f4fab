"""The command, end to end on a folder of small pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
import torch
import typer
from typer.testing import CliRunner

from replate.errors import InputError, UsageError
from replate_training import checkpoint, session
from replate_training.cli import train
from replate_training.recipe import Recipe, find_recipe, recipe_names
from replate_training.session import Request, pick_device, pick_precision

from .conftest import scene

app = typer.Typer()
app.command()(train)


@pytest.fixture
def tiny(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setattr(session, "find_recipe", lambda name: recipe)
    return recipe


def command(*words: object) -> None:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.mark.usefixtures("tiny")
def test_train_and_go_on(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("tiny", "--content", folder, "--style", folder, "--out", out, "--precision", "fp32")
    command(*words, "--steps", 2, "--licence", "stills=CC0")
    trained = checkpoint.load(out / "final.ckpt")
    assert trained.steps == 2
    assert [(item.name, item.licence, item.files) for item in trained.data] == [("stills", "CC0", 3)] * 2
    command(*words, "--steps", 4, "--resume")
    assert checkpoint.load(out / "final.ckpt").steps == 4


@pytest.mark.usefixtures("tiny")
def test_the_card_s_command_names_no_folders_of_this_machine(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["train", "tiny", "--content", str(folder), "--resume", "--licence", "stills=CC0, or so"]
    monkeypatch.setattr("sys.argv", ["replate", *words])
    session.run(Request(recipe="tiny", out=tmp_path, content=(folder,), steps=1, precision="fp32"))
    command = checkpoint.load(tmp_path / "final.ckpt").command
    assert command == "replate train tiny --content stills --licence 'stills=CC0, or so'"


@pytest.mark.usefixtures("tiny")
def test_a_training_is_not_overwritten_and_not_invented(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no training in"):
        session.run(Request(recipe="tiny", out=tmp_path, content=(folder,), steps=1, resume=True))
    (tmp_path / "state.ckpt").write_bytes(b"")
    with pytest.raises(UsageError, match=r"already a training in .* --resume"):
        session.run(Request(recipe="tiny", out=tmp_path, content=(folder,), steps=1))


@pytest.mark.usefixtures("tiny")
def test_pictures_that_are_all_too_small(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    cv2.imwrite(str(tmp_path / "small" / "a.png"), scene(40, 40))
    with pytest.raises(InputError, match="no plate has 80 pixels"):
        session.run(Request(recipe="tiny", out=tmp_path / "out", content=(tmp_path / "small",), steps=1))


def test_recipes_are_found_by_name() -> None:
    assert {"painted", "silver"} <= set(recipe_names())
    assert find_recipe("silver").title == "Silver"
    with pytest.raises(UsageError, match="did you mean 'painted'"):
        find_recipe("paintd")


def test_devices_and_precisions(recipe: Recipe) -> None:
    assert pick_device("cpu") == "cpu"
    assert pick_precision("auto", "cpu", recipe) in ("fp32", "bf16")
    with pytest.raises(UsageError, match="precision 'fp8' is not known"):
        pick_precision("fp8", "cpu", recipe)
    if not torch.cuda.is_available():
        with pytest.raises(UsageError, match="'cuda' is not available"):
            pick_device("cuda")
