"""Pictures that a network takes beside the plate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from nets import PICTURE, PLATE, RESULT, Net
from plates import plate, read, write
from replate.card import Card, Port
from replate.color import transform
from replate.frame import Window
from replate.generator import Generator
from replate.job import Job
from replate.picture import panorama
from replate.picture.guides import position
from replate.render import render


@pytest.fixture
def vignette(tmp_path: Path) -> Path:
    """A look that adds x to red and y to green, through a 5x5 blur, so that borders and tiles matter."""
    net = Net()
    spread = np.zeros((3, 2, 5, 5))
    spread[0, 0], spread[1, 1] = 1 / 25, 1 / 25
    net.add("Add", "plate", net.conv("position", spread), name="result")
    ports = (PLATE, Port(name="position", role="position", channels="XY"))
    card = Card(name="vignette", inputs=ports, outputs=(RESULT,), overlap=2, multiple=4)
    inputs: list[Any] = [("plate", PICTURE), ("position", ("N", 2, "H", "W"))]
    return net.save(tmp_path / "vignette.onnx", inputs, [("result", PICTURE)], card=card)


@pytest.fixture
def whitener(tmp_path: Path) -> Path:
    """A fill that adds the hole, through a 5x5 blur, to all three channels."""
    net = Net()
    net.add("Add", "plate", net.conv("hole", np.full((3, 1, 5, 5), 1 / 25)), name="result")
    ports = (PLATE, Port(name="hole", role="hole", channels="L"))
    card = Card(name="whitener", kind="removal", inputs=ports, outputs=(RESULT,), overlap=2, multiple=4)
    inputs: list[Any] = [("plate", PICTURE), ("hole", ("N", 1, "H", "W"))]
    return net.save(tmp_path / "whitener.onnx", inputs, [("result", PICTURE)], card=card)


def added(path: Path, *, size: tuple[int, int], guide: np.ndarray, tile: str = "off") -> np.ndarray:
    grey = np.full((*size, 3), 0.4, np.float32)
    generator = Generator.load(path, device="cpu")
    inside = transform("ACEScct", "ACEScct")
    return generator.apply(grey, transform=inside, guides={"position": guide}, tile=tile)[0] - grey


def test_position_runs_from_edge_to_edge_of_the_display_window() -> None:
    display = Window(10, 20, 4, 2)
    where = position(display, display)
    assert where.shape == (2, 4, 2)
    np.testing.assert_allclose(where[0, :, 0], [-0.75, -0.25, 0.25, 0.75])
    np.testing.assert_allclose(where[:, 0, 1], [-0.5, 0.5])


def test_overscan_goes_on_beyond_the_edges() -> None:
    display = Window(0, 0, 4, 2)
    wide = position(Window(-2, -1, 8, 4), display)
    np.testing.assert_array_equal(wide[1:3, 2:6], position(display, display))
    assert wide[0, 0, 0] < -1 < 1 < wide[-1, -1, 1]


def test_network_gets_its_guide_where_it_belongs(vignette: Path) -> None:
    window = Window(0, 0, 121, 83)
    guide = position(window, window)
    change = added(vignette, size=(83, 121), guide=guide)
    np.testing.assert_allclose(change[2:-2, 2:-2, :2], guide[2:-2, 2:-2], atol=1e-5)
    np.testing.assert_allclose(change[..., 2], 0, atol=1e-6)


def test_tiles_do_not_show_in_a_guide(vignette: Path) -> None:
    window = Window(0, 0, 121, 83)
    guide = position(window, window)
    whole, tiled = (added(vignette, size=(83, 121), guide=guide, tile=tile) for tile in ("off", "64"))
    np.testing.assert_allclose(whole, tiled, atol=1e-6)


def test_a_panorama_turns_its_guide_with_it(vignette: Path) -> None:
    window = Window(0, 0, 128, 64)
    guide, grey = position(window, window), np.full((64, 128, 3), 0.4, np.float32)
    generator = Generator.load(vignette, device="cpu")
    made = panorama.apply(generator, grey, transform=transform("ACEScct", "ACEScct"), guides={"position": guide})[0]
    np.testing.assert_allclose((made - grey)[..., 1], guide[..., 1], atol=0.05)


def test_node_tells_a_pixel_where_it_lies_in_the_display_window(vignette: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.exr", tmp_path / "out.exr"
    write(source, np.full_like(plate(40, 60), 1.0), formats=["float"] * 4, origin=(-10, 4), display=(0, 0, 48, 64))
    options = {"color_space": "ACEScg"}
    render(Job(node="style", inputs={"plate": str(source)}, output=str(out), generator=str(vignette), options=options))
    made = transform("ACEScg", "ACEScct").forward(read(out)[0][..., :3].astype(np.float32))
    expected = position(Window(-10, 4, 60, 40), Window(0, 0, 48, 64))
    light = transform("ACEScg", "ACEScct").forward(np.ones((1, 1, 3), np.float32))
    np.testing.assert_allclose((made - light)[2:-2, 2:-2, :2], expected[2:-2, 2:-2], atol=1e-3)


@pytest.mark.parametrize("tile", ["off", "64"])
def test_a_fill_is_told_where_the_hole_is(whitener: Path, tile: str) -> None:
    hole, grey = np.zeros((83, 121, 1), np.float32), np.full((83, 121, 3), 0.4, np.float32)
    hole[20:60, 30:90] = 1
    hole[60:70, 30:90] = 0.5
    generator, inside = Generator.load(whitener, device="cpu"), transform("ACEScct", "ACEScct")
    made = generator.apply(grey, transform=inside, guides={"hole": hole}, tile=tile)[0] - grey
    expected = cv2.blur(hole, (5, 5))[..., None]
    np.testing.assert_allclose(made, np.broadcast_to(expected, made.shape), atol=1e-5)


def test_without_a_hole_there_is_nothing_to_invent(whitener: Path) -> None:
    grey = np.full((83, 121, 3), 0.4, np.float32)
    made = Generator.load(whitener, device="cpu").apply(grey, transform=transform("ACEScct", "ACEScct"))[0]
    np.testing.assert_allclose(made, grey, atol=1e-6)


def test_chance_is_the_same_wherever_a_plate_is_cut(tmp_path: Path) -> None:
    net = Net()
    net.add("Add", "plate", "chance", name="result")
    ports = (PLATE, Port(name="chance", role="chance", channels="L"))
    card = Card(name="dust", kind="removal", inputs=ports, outputs=(RESULT,), multiple=4)
    inputs: list[Any] = [("plate", PICTURE), ("chance", ("N", 1, "H", "W"))]
    generator = Generator.load(net.save(tmp_path / "dust.onnx", inputs, [("result", PICTURE)], card=card), device="cpu")
    inside, grey = transform("ACEScct", "ACEScct"), np.full((83, 121, 3), 0.4, np.float32)
    whole, tiled = (generator.apply(grey, transform=inside, tile=tile)[0] - 0.4 for tile in ("off", "64"))
    part = generator.apply(grey[20:, 31:], transform=inside, origin=(31, 20))[0] - 0.4
    assert abs(whole.std() - 1) < 0.05 and abs(whole.mean()) < 0.05
    np.testing.assert_array_equal(whole, tiled)
    np.testing.assert_array_equal(whole[20:, 31:], part)
