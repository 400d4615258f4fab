"""Jobs of fire: what is read for a frame, held, and said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fires import HEIGHT, WIDTH, matte
from nets import torn
from plates import read, write_mask, write_shot
from replate.card import Card
from replate.errors import UsageError
from replate.job import Job
from replate.nodes.effect_field import FieldEffect
from replate.params import Curve
from replate.plan import prepare
from replate.render import render
from replate.window import WindowReader

Array = npt.NDArray[Any]


def test_the_window_is_as_long_as_anything_is_seen() -> None:
    given = {param.name: param.default for param in FieldEffect.params} | {"life": 4.0, "linger": 6.0}
    assert FieldEffect.offsets(given) == tuple(range(-18, 1))
    assert FieldEffect.offsets({**given, "speed": 0.5})[0] == -36
    assert FieldEffect.offsets({**given, "life": Curve(((1, 1.0), (5, 10.0)))})[0] == -30
    assert FieldEffect.offsets({**given, "speed": Curve(((1, 2.0), (5, 0.5)))})[0] == -36


def test_a_long_memory_is_said() -> None:
    given = {param.name: param.default for param in FieldEffect.params}
    assert not FieldEffect.notes(Card(name="x"), given)
    assert "of 841 frames" in FieldEffect.notes(Card(name="x"), {**given, "speed": 0.05})[0]


def render_fire(folder: Path, *, output: str = "out.%04d.exr", **given: Any) -> Any:
    """A job: fire over a shot, from a still emitter."""
    names = ("tile", "threads", "color_space", "overwrite", "projection", "missing")
    options = {"device": "cpu"} | {name: given.pop(name) for name in names if name in given}
    inputs = {name: given.pop(name) for name in ("plate", "mask", "holdout") if name in given}
    frames = given.pop("frames", "")
    params = {"scale": 0.2, "life": 4.0, "linger": 4.0} | {name.replace("_", "."): each for name, each in given.items()}
    generator = torn(folder / "torn.onnx", card=Card(name="torn"))
    job = Job(
        node="effect",
        inputs=inputs,
        output=str(folder / output),
        frames=frames,
        generator=str(generator),
        params=params,
        options=options,
    )
    report = render(job)
    assert not report.failed, report.failed
    return report


def test_a_job_makes_it_over_a_shot_and_over_nothing(tmp_path: Path) -> None:
    shot, mask = write_shot(tmp_path / "in", [1, 2, 3]), write_mask(tmp_path / "m.exr", matte()[44:92, 50:114])
    render_fire(tmp_path, plate=shot, mask=mask)
    render_fire(tmp_path, plate="blank:64x48@24", mask=mask, frames="2", output="alone.%04d.exr")
    over, alone = (read(tmp_path / name)[0] for name in ("out.0002.exr", "alone.0002.exr"))
    assert over.max() > 4 and alone.max() > 4
    assert alone[..., 3].max() > 0.3 and not alone[:3, :3].any()


def test_an_emitter_sequence_is_read_over_its_window(tmp_path: Path) -> None:
    """Before its first frame the first is held: what a drawn matte does, not what files happen to lie there."""
    folder = tmp_path / "m"
    folder.mkdir()
    for number in range(5, 12):
        write_mask(folder / f"{number:04d}.exr", np.roll(matte()[44:92, 50:114], number - 8, axis=1))
    given = {"plate": "blank:64x48", "mask": str(folder / "%04d.exr")}
    render_fire(tmp_path, **given, frames="5-11")
    render_fire(tmp_path, **given, frames="11,8,5", output="some.%04d.exr")
    for number in (5, 8, 11):
        assert np.array_equal(read(tmp_path / f"out.{number:04d}.exr")[0], read(tmp_path / f"some.{number:04d}.exr")[0])


def test_mattes_are_held_small_and_a_still_is_held_once(tmp_path: Path) -> None:
    """A window of them would fill the memory, whole."""
    folder = tmp_path / "m"
    folder.mkdir()
    for number in range(1, 4):
        write_mask(folder / f"{number:04d}.exr", np.ones((64, 96)))
    for mask, held in ((str(folder / "%04d.exr"), 3), (str(folder / "0001.exr"), 1)):
        inputs, generator = {"plate": "blank:96x64", "mask": mask}, str(torn(tmp_path / "torn.onnx"))
        job = Job(node="effect", inputs=inputs, output=str(tmp_path / "o.%04d.exr"), frames="3", generator=generator)
        with prepare(job) as plan:
            reader = WindowReader(plan)
            shots = reader.read(3)
            assert {frame.pixels.shape for frame in shots["mask"].values()} == {(32, 48, 1)}
            assert len({id(frame) for frame in shots["mask"].values()}) == held
            assert all(name == "mask" for name, _ in reader.frames)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "needs the input 'mask': the emitter"),
        ({"loop": 20.0, "rise": Curve(((1, 1.0), (5, 10.0)))}, "a loop needs the same rise all the time"),
        ({"speed": 0.0}, "speed"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, given: dict[str, Any], words: str) -> None:
    mask = {"mask": write_mask(tmp_path / "m.exr", matte())} if given else {}
    with pytest.raises(UsageError, match=words):
        render_fire(tmp_path, plate=f"blank:{WIDTH}x{HEIGHT}", frames="1", **mask, **given)


def test_a_holdout_for_pictures_from_noise_is_refused(tmp_path: Path) -> None:
    from test_effect import faces

    still = write_mask(tmp_path / "m.exr", matte())
    job = Job(
        node="effect",
        inputs={"plate": f"blank:{WIDTH}x{HEIGHT}", "holdout": still},
        output=str(tmp_path / "o.exr"),
        frames="1",
        generator=str(faces(tmp_path / "faces.onnx")),
    )
    with pytest.raises(UsageError, match="no input 'holdout'"):
        render(job)
