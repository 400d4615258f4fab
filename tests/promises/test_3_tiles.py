"""Promise 3: tiled and untiled results agree to 1e-4 in the generator's own space."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plates import plate, read, write
from replate.catalogue import shipped
from replate.color import transform

from .conftest import burn, burning, shine, style


def in_generator_space(path: Path) -> np.ndarray:
    return transform("ACEScg", "ACEScct").forward(np.ascontiguousarray(read(path)[0][..., :3]))


@pytest.mark.parametrize("tile", ["64", "96", "160"])
def test_tiled_equals_untiled(tmp_path: Path, generator: str, tile: str) -> None:
    source = str(write(tmp_path / "in.exr", plate(203, 331), formats=("float",) * 4))
    style(source, tmp_path / "off.exr", generator, tile="off", color_space="ACEScg")
    style(source, tmp_path / "tiled.exr", generator, tile=tile, color_space="ACEScg")
    assert np.abs(in_generator_space(tmp_path / "off.exr") - in_generator_space(tmp_path / "tiled.exr")).max() <= 1e-4


@pytest.mark.parametrize("path", shipped("style"), ids=lambda path: path.stem)
def test_shipped_generators(tmp_path: Path, path: Path) -> None:
    source = str(write(tmp_path / "in.exr", plate(333, 517), formats=("float",) * 4))
    style(source, tmp_path / "off.exr", str(path), tile="off", color_space="ACEScg")
    style(source, tmp_path / "tiled.exr", str(path), tile="192", color_space="ACEScg")
    assert np.abs(in_generator_space(tmp_path / "off.exr") - in_generator_space(tmp_path / "tiled.exr")).max() <= 1e-4


@pytest.mark.parametrize("tile", ["64", "160"])
def test_fire_in_tiles(tmp_path: Path, tile: str) -> None:
    """The generator of a fire works on heat and smoke as they are, so its own space is theirs, and light follows."""
    shot = burning(tmp_path / "in", plate="blank:160x108")
    for name, size in (("off", "off"), ("tiled", tile)):
        burn(shot, tmp_path / f"{name}.%04d.exr", frames="1010", tile=size)
    assert np.abs(read(tmp_path / "off.1010.exr")[0] - read(tmp_path / "tiled.1010.exr")[0]).max() <= 1e-4


def test_light_in_tiles(tmp_path: Path) -> None:
    """Light reaches across the picture, so its generator sees all of it, whatever tiles are asked for."""
    source = str(write(tmp_path / "in.exr", plate(203, 331), formats=("float",) * 4))
    for name, size in (("off", "off"), ("tiled", "64")):
        shine(source, tmp_path / f"{name}.exr", tile=size)
    assert np.array_equal(read(tmp_path / "off.exr")[0], read(tmp_path / "tiled.exr")[0])
    assert not np.array_equal(read(tmp_path / "off.exr")[0], read(source)[0])
