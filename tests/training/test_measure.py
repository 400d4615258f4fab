"""Measuring a finished look on a clip."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
import typer
from typer.testing import CliRunner

from replate.errors import InputError
from replate_training import checkpoint
from replate_training.measure import clip, measure
from replate_training.networks import Architecture

from .conftest import scene

OPTIONS = {"quarter": 8, "eighth": 8, "deep": 1, "fine": 1}


def test_a_look_is_measured_on_a_folder_of_frames(tmp_path: Path) -> None:
    frames = tmp_path / "walk"
    frames.mkdir()
    wide = scene(90, 200)
    for index in range(4):
        cv2.imwrite(str(frames / f"{index:04d}.png"), wide[:, 2 * index : 150 + 2 * index])
    tiny = Architecture(options=OPTIONS)
    weights = tiny.folded(tiny.build().state_dict()).state_dict()
    network = checkpoint.Network(family="residual", options=OPTIONS, weights=weights)
    checkpoint.save(checkpoint.Trained(recipe="tiny", generator_network=network), tmp_path / "final.ckpt")
    app = typer.Typer()
    app.command()(measure)
    result = CliRunner().invoke(
        app, [str(tmp_path / "final.ckpt"), str(frames), "--count", "3"], catch_exceptions=False
    )
    assert result.exit_code == 0 and result.output.startswith("walk") and "E_warp ratio" in result.output


def test_one_picture_is_no_clip(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "only.png"), scene(64, 64))
    with pytest.raises(InputError, match="is no clip"):
        clip(tmp_path, count=5)
