"""Panoramas: no seam, no pinch at the poles, and everything else as on a flat plate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nets import PICTURE, PLATE, RESULT, Net, tiny_style
from plates import bits, plate
from replate.card import Card
from replate.color import transform
from replate.errors import InputError
from replate.frame import Frame, Window
from replate.generator import Generator
from replate.nodes import Engine, Style
from replate.params import resolve
from replate.picture import panorama
from replate.picture.motion import flow, trust, warp
from replate.picture.sphere import Cap

HEIGHT, WIDTH = 96, 192
THIRD = WIDTH // 3  # a multiple of the network's step, 8
INSIDE = transform("ACEScct", "ACEScct")
LINEAR = transform("ACEScg", "ACEScct")


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    path = tiny_style(tmp_path_factory.mktemp("nets") / "tiny.onnx", change=0.3, confidence=True)
    return Generator.load(path, device="cpu")


def directions(height: int = HEIGHT) -> np.ndarray:
    """Unit vectors H x 2 H x 3 of a panorama's pixels; z points to the north pole."""
    colatitude = (np.arange(height)[:, None] + 0.5) / height * np.pi
    longitude = (np.arange(2 * height) + 0.5) / height * np.pi
    ring = np.sin(colatitude)
    return np.stack([ring * np.cos(longitude), ring * np.sin(longitude), np.cos(colatitude) + 0 * longitude], axis=-1)


def grainy(*, height: int = HEIGHT, width: int = WIDTH, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)


class TestRolled:
    """Turning the camera by a third changes nothing but where the picture begins."""

    @pytest.mark.parametrize("tile", ["off", "112"])
    def test_by_a_third_of_the_width(self, generator: Generator, tile: str) -> None:
        here = grainy()
        whole, trust = panorama.apply(generator, here, transform=INSIDE, tile=tile)
        rolled, rolled_trust = panorama.apply(generator, np.roll(here, THIRD, axis=1), transform=INSIDE, tile=tile)
        assert trust is not None and rolled_trust is not None
        assert np.abs(np.roll(whole, THIRD, axis=1) - rolled).max() <= 1e-4
        assert np.abs(np.roll(trust, THIRD, axis=1) - rolled_trust).max() <= 1e-4
        assert np.abs(whole - here).mean() > 0.05

    def test_with_alpha_and_a_matte(self, generator: Generator) -> None:
        random = np.random.default_rng(1)
        alpha = random.choice(np.float32([0, 0.3, 1]), (HEIGHT, WIDTH, 1))
        matte = random.choice(np.float32([0, 0.5, 1]), (HEIGHT, WIDTH, 1))
        light = grainy() * alpha
        results = []
        for columns in (0, THIRD):
            rgb, cover, weight = (np.roll(each, columns, axis=1) for each in (light, alpha, matte))
            made, trust = panorama.apply(generator, rgb, transform=LINEAR, alpha=cover, weight=weight, strength=0.7)
            assert np.array_equal(bits(made[weight[..., 0] == 0]), bits(rgb[weight[..., 0] == 0]))
            assert trust is not None and (trust[weight == 0] == 1).all()
            results.append(np.roll(made, -columns, axis=1))
        assert np.allclose(*results, atol=1e-4, rtol=1e-4)
        assert np.abs(results[0] - light).mean() > 0.02

    def test_tiles_do_not_show(self, generator: Generator) -> None:
        whole, tiled = (panorama.apply(generator, grainy(), transform=INSIDE, tile=tile)[0] for tile in ("off", "112"))
        assert np.abs(whole - tiled).max() <= 1e-4


@pytest.mark.parametrize(("height", "width"), [(96, 192), (60, 192)])
def test_the_edges_meet(generator: Generator, height: int, width: int) -> None:
    """At the equator the result is that of a flat picture in which the edges lie in the middle."""
    here = grainy(height=height, width=width)
    result, _ = panorama.apply(generator, here, transform=INSIDE)
    middle, _ = generator.apply(np.roll(here, width // 2, axis=1), transform=INSIDE)
    rows, columns = slice(height // 2 - 8, height // 2 + 8), slice(width // 2 - 64, width // 2 + 64)
    assert np.abs(np.roll(result, width // 2, axis=1) - middle)[rows, columns].max() <= 1e-5


class TestPoles:
    @pytest.fixture
    def blur(self, tmp_path: Path) -> Generator:
        """Adds a twentieth of the picture's Laplacian (a 3 x 3 stencil that is nearly the same in all directions)."""
        net = Net()
        stencil = np.float32([[1, 4, 1], [4, -20, 4], [1, 4, 1]]) / 6 / 20
        change = net.conv("plate", np.eye(3, dtype=np.float32)[:, :, None, None] * stencil)
        net.add("Add", "plate", change, name="result")
        card = Card(name="blur", inputs=(PLATE,), outputs=(RESULT,), overlap=2)
        path = net.save(tmp_path / "blur.onnx", [("plate", PICTURE)], [("result", PICTURE)], card=card)
        return Generator.load(path, device="cpu")

    @pytest.mark.parametrize("pole", [1, -1])
    def test_a_diffusion_is_that_of_the_sphere(self, blur: Generator, pole: int) -> None:
        """A Legendre polynomial about any axis is an eigenfunction of the sphere's Laplacian, value -l (l + 1)."""
        height, degree = 384, 80
        axis = np.array([0.6, 0.3, 0.742 * pole])
        wave = np.polynomial.legendre.Legendre.basis(degree)(directions(height) @ (axis / np.linalg.norm(axis)))
        here = np.repeat(0.4 + 0.3 * wave[..., None], 3, axis=-1).astype(np.float32)
        expected = -degree * (degree + 1) / 20 / (height / np.pi) ** 2 * 0.3 * wave
        flat, _ = blur.apply(here, transform=INSIDE)
        result, _ = panorama.apply(blur, here, transform=INSIDE)
        near = np.arange(height)[::pole] < height * 15 // 180
        errors = [np.abs((each - here)[near, :, 0] - expected[near]).mean() for each in (flat, result)]
        size = np.abs(expected[near]).mean()
        assert errors[0] > 0.5 * size
        assert errors[1] < 0.2 * size

    def test_detail_that_no_view_can_hold_stays(self, blur: Generator) -> None:
        """Grain in the first row is far finer than the sphere; it is neither softened nor changed."""
        here = np.full((96, 192, 3), 0.4, np.float32)
        here[0, ::2] += 0.1
        result, _ = panorama.apply(blur, here, transform=INSIDE)
        assert (result[0, ::2] - result[0, 1::2]).min() > 0.099

    @pytest.mark.parametrize("margin", [0, 16])
    @pytest.mark.parametrize("size", [(96, 192), (60, 120), (97, 194), (250, 500)])
    def test_what_a_cap_shows_comes_back_to_its_place(self, size: tuple[int, int], margin: int) -> None:
        height, width = size
        smooth = (directions(height) + 1).astype(np.float32)
        cap = Cap(width, height, np.radians(50), margin)
        views = cap.views(smooth[: cap.seen])
        assert len({view.shape for view in views}) == 1
        assert np.abs(cap.together(views) - smooth[: cap.rows]).max() < 4 / height

    def test_the_middle_of_a_third_runs_straight_down(self) -> None:
        cap = Cap(WIDTH, HEIGHT, np.radians(50), 8)
        marked = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        marked[10:, THIRD // 2 - 1 : THIRD // 2 + 1] = 1
        first, second, third = (view.sum(axis=(0, 2)) for view in cap.views(marked[: cap.seen]))
        assert abs(first.argmax() - (len(first) - 1) / 2) < 1
        assert second.max() < first.max() and np.allclose(second, third[::-1], atol=0.01 * first.max())


class TestUntouched:
    @given(seed=st.integers(0, 50))
    @settings(max_examples=8)
    def test_bits_stay(self, generator: Generator, seed: int) -> None:
        """Where the weight is 0, the plate is no number, or nothing is there: -0, NaN and inf included."""
        random = np.random.default_rng(seed)
        rgb, alpha = grainy(seed=seed), np.ones((HEIGHT, WIDTH, 1), np.float32)
        spots = random.random((HEIGHT, WIDTH))
        rgb[spots < 0.01] = random.choice(np.float32([np.nan, np.inf, -np.inf]), 1)
        rgb[(spots > 0.1) & (spots < 0.2)], alpha[(spots > 0.1) & (spots < 0.2)] = -0.0, 0
        weight = (random.random((HEIGHT, WIDTH, 1)) > 0.3).astype(np.float32)
        result, trust = panorama.apply(generator, rgb, transform=LINEAR, alpha=alpha, weight=weight)
        kept = (weight[..., 0] == 0) | ~np.isfinite(rgb).all(axis=-1) | (alpha[..., 0] == 0)
        assert trust is not None
        assert np.array_equal(bits(result[kept]), bits(rgb[kept]))
        assert (trust[kept] == 1).all()
        assert np.isfinite(result[~kept]).all()
        assert (result[~kept] != rgb[~kept]).any(axis=-1).mean() > 0.9

    @pytest.mark.parametrize("how", [{"weight": 0.0}, {"strength": 0.0}])
    def test_nothing_asked_for(self, generator: Generator, how: dict[str, float]) -> None:
        rgb = grainy()
        result, _ = panorama.apply(generator, rgb, transform=INSIDE, **how)
        assert np.allclose(result, rgb, atol=1e-6)
        if "weight" in how:
            assert np.array_equal(bits(result), bits(rgb))

    def test_an_even_weight_is_an_even_mix(self, generator: Generator) -> None:
        rgb = grainy()
        whole, half = (panorama.apply(generator, rgb, transform=INSIDE, weight=each)[0] for each in (1.0, 0.5))
        assert np.allclose(half, (whole + rgb) / 2, atol=1e-5)


def test_a_network_that_sees_the_whole_picture_gets_no_views(tmp_path: Path) -> None:
    card = Card(name="whole", fit="resize", size=(32, 64))
    generator = Generator.load(tiny_style(tmp_path / "whole.onnx", card=card), device="cpu")
    result, _ = panorama.apply(generator, grainy(), transform=INSIDE)
    assert result.shape == (HEIGHT, WIDTH, 3)
    assert np.isfinite(result).all()


class TestNode:
    @staticmethod
    def frame(number: int = 1, *, size: tuple[int, int] = (HEIGHT, WIDTH), **fields: Any) -> Frame:
        return Frame.of(plate(*size, frame=number), number=number, space="ACEScg", **fields)

    @staticmethod
    def redrawn(generator: Generator, shots: dict[int, Frame], **values: Any) -> Frame:
        style = Style(Engine(generator=generator, projection="equirect"))
        return style.process({"plate": shots}, resolve(Style.params, values, 1))

    def test_a_small_data_window_is_that_part_of_the_sphere(self, generator: Generator) -> None:
        """As if the rest had been written out as nothing."""
        window, display = Window(20, 10, 150, 60), Window(0, 0, WIDTH, HEIGHT)
        part = replace(self.frame(size=(60, 150)), data_window=window, display_window=display)
        pixels = np.zeros((HEIGHT, WIDTH, 4), np.float32)
        pixels[window.slices_in(display)] = part.pixels
        result = self.redrawn(generator, {0: part}, confidence=True)
        whole = self.redrawn(generator, {0: Frame.of(pixels, number=1, space="ACEScg")}, confidence=True)
        assert result.data_window == window
        assert np.array_equal(bits(result.pixels), bits(whole.pixels[window.slices_in(display)]))

    def test_pixels_beyond_the_sphere_are_refused(self, generator: Generator) -> None:
        wide = replace(self.frame(7), data_window=Window(-1, 0, WIDTH, HEIGHT))
        with pytest.raises(InputError, match=r"frame 7.*192x96.*--projection"):
            self.redrawn(generator, {0: wide})

    def test_half_a_sphere_is_told_once(self, generator: Generator, caplog: pytest.LogCaptureFixture) -> None:
        band = self.frame(3, size=(60, WIDTH))
        style = Style(Engine(generator=generator, projection="equirect"))
        for _ in range(2):
            style.process({"plate": {0: band}}, resolve(Style.params, {}, 1))
        assert [record.getMessage() for record in caplog.records] == [
            "frame 3: 192x60 is no whole sphere; its sides are joined, its poles stay stretched"
        ]

    def test_steady_has_no_seam(self, generator: Generator) -> None:
        """The whole shot turns across the edge; the steadied result there is as calm as elsewhere."""
        still = self.frame()
        turn = [np.roll(still.pixels, 4 * k, axis=1) for k in (-1, 0, 1)]
        shots = {k: Frame.of(each, number=5 + k, space="ACEScg") for k, each in zip((-1, 0, 1), turn, strict=True)}
        alone, steady = (self.redrawn(generator, shots, steady=amount).pixels for amount in (0.0, 1.0))
        change = np.abs(steady - alone)[HEIGHT // 3 : -HEIGHT // 3].mean(axis=(0, 2))
        assert change[[0, 1, -2, -1]].max() < 3 * change.mean()


class TestMotion:
    def test_leads_across_the_edge(self) -> None:
        there = (np.sin(9 * directions(128)) / 2 + 0.5).astype(np.float32)
        here = np.roll(there, -5, axis=1)
        forth, back = flow(here, there, around=True), flow(there, here, around=True)
        equator = slice(50, 78)
        assert np.abs(forth[equator][:, [0, 1, -2, -1], 0] - 5).max() < 0.5
        assert trust(forth, back, around=True)[equator][:, [0, 1, -2, -1]].mean() > 0.9
        assert trust(forth, back)[equator][:, -2:].max() == 0

    def test_a_picture_is_fetched_from_the_other_side(self) -> None:
        picture = grainy()
        motion = np.zeros((HEIGHT, WIDTH, 2), np.float32)
        motion[..., 0] = 7
        assert np.allclose(warp(picture, motion, around=True), np.roll(picture, -7, axis=1), atol=1e-6)
