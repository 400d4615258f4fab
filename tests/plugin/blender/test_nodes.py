"""The nodes render what the command line renders, however they are fed and whoever bakes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest

from nets import faces
from plates import read, write, write_shot

from .conftest import Blender, Shot, pictures

Same = Callable[[str, dict[int, np.ndarray]], None]
LOOK = ("--set", "mix=0.8", "--set", "strength=0@1,1@3")


def test_style_with_keyframes(blender: Blender, shot: Shot, same: Same, tmp_path: Path) -> None:
    """On the way of a background render, baked before it, or by the strict one; from the file, or of what Blender
    computes."""
    routes = ["file", "file, bake", "file, strict", "tap", "tap, bake"]
    told = blender.run("style", plate=shot.plate, look=shot.look, output=f"{tmp_path}/", routes=routes)
    wanted = {
        kind: shot.told("style", f"{tmp_path.name}-{kind}", "--generator", shot.look, *LOOK, plate=plate)
        for kind, plate in (("file", shot.plate), ("tap", _twice(shot.plate, tmp_path)))
    }
    for route in routes:
        kind = route.partition(",")[0]
        same(f"{tmp_path}/{route}/o.%04d.exr", wanted[kind])
        assert told[route] == {"told": "", "tapped": 3 if kind == "tap" else 0}


def _twice(plate: str, folder: Path) -> str:
    """A plate, twice as bright, in 32 bits."""
    (folder / "twice").mkdir()
    for frame, pixels in pictures(plate, "plate").items():
        pixels[..., :3] *= 2
        write(folder / "twice" / f"plate.{frame:04d}.exr", pixels, formats=["float"] * 4)
    return str(folder / "twice" / "plate.%04d.exr")


def test_removal_looks_around_what_blender_computes(blender: Blender, shot: Shot, same: Same, tmp_path: Path) -> None:
    """A farm's chunk, and a frame that was baked alone, are what all of the shot gives."""
    plate, mask = write_shot(tmp_path / "long", range(1, 6), formats=["float"] * 4), _mattes(tmp_path)
    output = str(tmp_path / "out" / "o.")
    blend = str(tmp_path / "shot.blend")
    told = blender.run("removal", plate=plate, mask=mask, output=output, blend=blend)
    assert told == {"told": [""]}
    words = ("--mask", mask, "--set", "reach=2")
    same(f"{output}%04d.exr", shot.told("removal", tmp_path.name, *words, plate=_twice(plate, tmp_path)))


def _mattes(folder: Path) -> str:
    """A square that wanders over the plate, as a picture."""
    (folder / "mask").mkdir()
    for frame in range(1, 6):
        matte = np.zeros((48, 64, 4), np.float32)
        matte[10:20, 5 * frame : 5 * frame + 8, :] = 1
        write(folder / "mask" / f"mask.{frame:04d}.exr", matte, formats=["float"] * 4)
    return str(folder / "mask" / "mask.%04d.exr")


def test_effect_over_nothing(blender: Blender, shot: Shot, same: Same, tmp_path: Path) -> None:
    """With a generator of one's own, whose knobs are found in a folder."""
    (tmp_path / "looks").mkdir()
    look, mask = str(faces(tmp_path / "looks" / "faces.onnx")), _mattes(tmp_path)
    output = str(tmp_path / "out" / "o.")
    assert blender.run("effect", look=look, mask=mask, output=output) == {"told": [""]}
    words = ("--generator", look, "--mask", mask, "--set", "seed=0@1,2@3", "--frames", "1-3")
    same(f"{output}%04d.exr", shot.told("effect", tmp_path.name, *words, plate="blank:64x48"))


def test_removal_in_a_scene_that_cycles_renders(blender: Blender, shot: Shot, same: Same, tmp_path: Path) -> None:
    """What is handed over is what Blender renders, vectors by their names; what comes back is the command line's."""
    output, cache = f"{tmp_path}/", tmp_path / "cache"
    told = blender.run("scene", mask=_mattes(tmp_path), output=output, cache=str(cache))
    assert told["told"] == [""]
    assert told["rendered"] and told["at frame 2"] and told["another name"] and not told["larger cube"]
    plate, mask, vectors = (
        str(cache / told["place"] / name / f"{name}.%04d.exr") for name in ("plate", "mask", "vectors")
    )
    plain, handed = pictures(f"{output}plain/o.%04d.exr"), pictures(plate, "plate")
    assert all(np.array_equal(handed[frame], pixels) for frame, pixels in plain.items())
    assert set(read(vectors % 2)[1].channelnames) == {"Vector.X", "Vector.Y", "Vector.Z", "Vector.W"}
    assert np.abs(read(vectors % 2)[0]).max() > 0.5, "the cube moves"
    words = ("--mask", mask, "--vectors", vectors, "--set", "reach=1")
    same(f"{output}removed/o.%04d.exr", shot.told("removal", f"{tmp_path.name}-told", *words, plate=plate))


def test_one_node_over_another(blender: Blender, shot: Shot, same: Same, tmp_path: Path) -> None:
    output = str(tmp_path / "out" / "o.")
    assert blender.run("chain", plate=shot.plate, look=shot.look, output=output) == {"told": ["", ""]}
    shot.told("style", tmp_path.name, "--generator", shot.look)
    between = str(shot.folder / tmp_path.name / "o.%04d.exr")
    words = ("--generator", shot.look, "--set", "strength=0.5")
    same(f"{output}%04d.exr", shot.told("style", f"{tmp_path.name}-2", *words, plate=between))


def test_a_copy_is_a_node_of_its_own(blender: Blender, shot: Shot, same: Same, tmp_path: Path) -> None:
    output = str(tmp_path / "out" / "o.")
    told = blender.run("copies", plate=shot.plate, look=shot.look, output=output)
    assert told == {"trees": 2, "places": 2, "actions": 2, "told": ["", ""]}
    words = ("--generator", shot.look, "--set", "strength=0@1,1@3")
    same(f"{output}%04d.exr", shot.told("style", tmp_path.name, *words, plate=_twice(shot.plate, tmp_path)))


def test_a_node_inside_a_group(blender: Blender, shot: Shot, same: Same, tmp_path: Path) -> None:
    output = str(tmp_path / "out" / "o.")
    told = blender.run("nested", plate=shot.plate, look=shot.look, output=output)
    assert told["told"] == [""]
    assert "in a group that is used more than once" in told["twice"][0], "two pictures do not fit into one"
    for path in (tmp_path / "out").glob("o.twice.*"):
        path.unlink()
    words = ("--generator", shot.look)
    same(f"{output}%04d.exr", shot.told("style", tmp_path.name, *words, plate=_twice(shot.plate, tmp_path)))


@pytest.mark.parametrize("configuration", ["Blender's own", "a studio's"])
def test_colour_and_numbers_are_the_files(
    blender: Blender, shot: Shot, same: Same, tmp_path: Path, configuration: str
) -> None:
    """In Blender's own configuration and in one that $OCIO names for both."""
    plate, output = write_shot(tmp_path / "far", range(1001, 1004)), f"{tmp_path}/"
    studio = tmp_path / "config.ocio"
    studio.write_text(ocio.Config.CreateFromBuiltinConfig("cg-config-v2.1.0_aces-v1.3_ocio-v2.3").serialize())
    words = ["--generator", shot.look, "--set", "strength=0@1001,1@1003", "--color-space", "ACEScg"]
    words += ["--ocio", str(studio)] if configuration == "a studio's" else []
    shot.told("style", tmp_path.name, *words, plate=plate)
    given = {"OCIO": str(studio)} if configuration == "a studio's" else {}
    wanted = str(shot.folder / tmp_path.name / "o.%04d.exr")
    told = blender.run(
        "coloured", environment=given, plate=plate, look=shot.look, output=output, first=1001, wanted=wanted
    )
    assert told == {"told": [""]}
    same(f"{output}found/o.%04d.exr", pictures(f"{output}wanted/o.%04d.exr"))


def test_what_is_up_to_date(blender: Blender, shot: Shot) -> None:
    told = blender.run("stale", plate=shot.plate, look=shot.look)
    up = {name: [not said for said in each] for name, each in told.items()}
    old, fresh = [False] * 3, [True] * 3
    assert up == {
        "new": old,
        "baked": fresh,
        "upstream": old,
        "as before": fresh,
        "keyed": [True, False, False],
        "one baked": [True, True, False],
        "elsewhere": [True, True, False],
        "cleared": old,
    }
    assert told["new"][1] == "Style has no result for frame 2; bake it"
