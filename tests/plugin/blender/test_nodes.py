"""The nodes render what the command line renders, however they are fed and whoever bakes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from plates import write

from .conftest import Blender, Shot, pictures

Same = Callable[[str, dict[int, np.ndarray]], None]
LOOK = ("--set", "mix=0.8", "--set", "strength=0@1,1@3")


@pytest.mark.parametrize("route", ["file", "file, bake", "tap", "tap, bake"])
def test_style_with_keyframes(blender: Blender, shot: Shot, same: Same, tmp_path: Path, route: str) -> None:
    """On the way of a background render, or baked before it; from the file, or of what Blender computes."""
    output = str(tmp_path / "out" / "o.")
    told = blender.run("style", plate=shot.plate, look=shot.look, output=output, route=route)
    plate = _twice(shot, tmp_path) if "tap" in route else shot.plate
    same(f"{output}%04d.exr", shot.told("style", tmp_path.name, "--generator", shot.look, *LOOK, plate=plate))
    assert told["told"] == [""]
    assert len(told["tapped"]) == (3 if "tap" in route else 0)


def _twice(shot: Shot, folder: Path) -> str:
    """The plate, twice as bright, in 32 bits."""
    (folder / "twice").mkdir(exist_ok=True)
    for frame, pixels in {n: p.copy() for n, p in pictures(shot.plate, "plate").items()}.items():
        pixels[..., :3] *= 2
        write(folder / "twice" / f"plate.{frame:04d}.exr", pixels, formats=["float"] * 4)
    return str(folder / "twice" / "plate.%04d.exr")
