"""Never a silently wrong frame, nothing lost by a cancel, and files that open anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from plates import write_shot

from .conftest import Blender, Shot, pictures

Same = Callable[[str, dict[int, np.ndarray]], None]


def is_error(pixels: np.ndarray) -> bool:
    """Stripes of pure magenta and black, and nothing else."""
    colours = {tuple(pixel) for pixel in pixels.reshape(-1, 4).tolist()}
    return colours == {(1.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0)}


@pytest.fixture
def damaged(tmp_path: Path) -> str:
    """A shot whose second frame is cut short."""
    plate = write_shot(tmp_path / "damaged", range(1, 4))
    second = Path(plate % 2)
    second.write_bytes(second.read_bytes()[:400])
    return plate


def test_a_frame_that_fails_cannot_be_overlooked(
    blender: Blender, shot: Shot, same: Same, damaged: str, tmp_path: Path
) -> None:
    """The render goes on, as Blender does; the others are right, the frame is striped, and the log counts it."""
    output = str(tmp_path / "out" / "o.")
    done = blender.run("broken", fails=True, plate=damaged, look=shot.look, output=output, strict=False)
    assert done.returncode == 0, done.stderr
    found = pictures(f"{output}%04d.exr")
    wanted = shot.told("style", tmp_path.name, "--generator", shot.look)
    assert is_error(found[2])
    assert all(np.array_equal(found[frame], wanted[frame]) for frame in (1, 3))
    assert "Error: Replate: frame 2 is an error picture" in done.stderr
    assert "Error: Replate: 1 frames are error pictures" in done.stderr
    assert Path(damaged % 2).name in done.stderr


def test_a_strict_render_writes_no_wrong_frame(blender: Blender, shot: Shot, damaged: str, tmp_path: Path) -> None:
    """It ends where a frame cannot be made, and where one that was made is not there any more."""
    output = str(tmp_path / "out" / "o.")
    done = blender.run("broken", fails=True, plate=damaged, look=shot.look, output=output, strict=True)
    assert done.returncode != 0
    first, _, second = done.stderr.partition("Traceback")
    assert first.startswith("first Error: Replate: ") and Path(damaged % 2).name in first
    assert "has no result for frame 2; bake it; the render ends before frame 2" in second
    assert [path.name for path in sorted((tmp_path / "out").glob("*"))] == ["o.0001.exr"]
    wanted = shot.told("style", tmp_path.name, "--generator", shot.look, "--frames", "1")
    assert np.array_equal(pictures(f"{output}%04d.exr")[1], wanted[1])


def test_a_node_that_cannot_work_says_why(blender: Blender, shot: Shot, tmp_path: Path) -> None:
    reasons = {"plate": "Style has no plate", "generator": "look.onnx", "driver": "'Mix' is moved by a driver"}
    told = blender.run("unfinished", plate=shot.plate, look=shot.look, output=f"{tmp_path}/")
    for what, reason in reasons.items():
        said, label, red = told[what]
        assert reason in said and label and said.startswith(label) and red
        assert is_error(pictures(f"{tmp_path}/{what}/o.%04d.exr")[1])


def test_cancel_keeps_what_is_finished(blender: Blender, shot: Shot, tmp_path: Path) -> None:
    plate = write_shot(tmp_path / "long", range(1, 41), size=(96, 128))
    told = blender.run("cancelled", plate=plate, look=shot.look)
    assert told["done"] == ["CANCELLED"] and 0 < told["results"] < 40
    assert told["again"] == ["FINISHED"] and told["all"] == 40


def test_what_was_baked_before_the_first_save_goes_along(
    blender: Blender, empty: Blender, shot: Shot, same: Same, tmp_path: Path
) -> None:
    """Else it would end with the session, and a Blender without the add-on would render black."""
    blend = str(tmp_path / "shöt.blend")
    told = blender.run("unsaved", plate=shot.plate, look=shot.look, output=f"{tmp_path}/before/o.", blend=blend)
    assert told["told"] == "" and told["picture"].startswith(str(tmp_path / "replate"))
    wanted = pictures(f"{tmp_path}/before/o.%04d.exr")
    empty.run("reopened", blend=blend, output=str(tmp_path / "without" / "o."), addon=False)
    same(f"{tmp_path}/without/o.%04d.exr", wanted)


def test_a_file_opens_with_and_without_the_add_on(
    blender: Blender, empty: Blender, shot: Shot, same: Same, tmp_path: Path
) -> None:
    """Baked frames render in a Blender that never heard of it, and what was set outlives being saved there."""
    blend, route = str(tmp_path / "shot.blend"), "tap, bake"
    blender.run("style", plate=shot.plate, look=shot.look, output=f"{tmp_path}/", routes=[route], blend=blend)
    wanted = pictures(f"{tmp_path}/{route}/o.%04d.exr")
    for name, where in (("without", empty), ("with", blender)):
        again = str(tmp_path / name / "o.")
        told = where.run("reopened", blend=blend, output=again, addon=name == "with")
        same(f"{again}%04d.exr", wanted)
    assert told["mix"] == pytest.approx(0.8)
    assert told["keys"] == [[1.0, 0.0], [3.0, 1.0]]
    assert told["told"] == [""]
