"""Grain is measured as it was laid over a plate, and made with the same strength, spectrum and colour."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replate.frame import Window
from replate.picture.noise import field
from replate.removal.grain import Grain
from replate.removal.granularity import measure_grain

Array = npt.NDArray[np.float32]
SIZE = (540, 960)
BANDS = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2]
KINDS = ["white", "soft", "softer", "tinted", "debayered"]


def scene(seed: int = 3) -> Array:
    """Soft light without grain, 0.1 to 0.6."""
    coarse = np.random.default_rng(seed).uniform(0.15, 0.55, (4, 6, 3)).astype(np.float32)
    light: Array = cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    return light


def grain(kind: str, seed: int = 1) -> Array:
    """Noise of variance 1."""
    noise = np.random.default_rng(seed).normal(size=(*SIZE, 3)).astype(np.float32)
    blurs = {"soft": (0.7, 0.7, 0.7), "softer": (1.4, 1.4, 1.4), "debayered": (1, 0.5, 1)}.get(kind, ())
    for channel, sigma in enumerate(blurs):
        noise[..., channel] = cv2.GaussianBlur(noise[..., channel], (0, 0), sigma)
    if kind in ("tinted", "debayered"):
        noise = noise @ np.array([[1.2, -0.3, 0.1], [0.5, 1, -0.1], [0.2, -0.4, 1.3]], np.float32).T
    even: Array = noise / noise.std(axis=(0, 1))
    return even


def spectrum(noise: Array) -> Array:
    """Power in rings of frequency, bands x 3."""
    window = np.outer(np.hanning(noise.shape[0]), np.hanning(noise.shape[1]))[..., None]
    power = np.abs(np.fft.fft2(noise * window, axes=(0, 1))) ** 2
    cycles = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, noise.shape[:2]), indexing="ij"))
    rings = pairwise(BANDS)
    return np.array([power[(low <= cycles) & (cycles < high)].mean(axis=0) for low, high in rings])


def everywhere() -> Array:
    return np.ones((*SIZE, 1), np.float32)


def box() -> Array:
    hole = np.zeros((*SIZE, 1), np.float32)
    hole[120:420, 300:660] = 1
    return hole


class TestMeasured:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("amplitude", [0.002, 0.05])
    def test_what_is_made_is_like_the_plates(self, kind: str, amplitude: float) -> None:
        clean, noise, hole = scene(), amplitude * grain(kind), box()
        measured = measure_grain(np.where(hole > 0, np.float32(0.4), clean + noise), 1 - hole)
        made = (measured.over(clean, hole, frame=7) - clean)[120:420, 300:660]
        true = noise[120:420, 300:660]
        assert np.allclose(made.std(axis=(0, 1)), true.std(axis=(0, 1)), rtol=0.07)
        own, found = spectrum(true), spectrum(made)
        assert (np.abs(found - own) < np.maximum(0.25 * own, 0.02 * own.max())).all()
        likeness = [np.corrcoef(each.reshape(-1, 3).T) for each in (made, true)]
        assert np.abs(likeness[0] - likeness[1]).max() < 0.06

    def test_strength_follows_brightness_in_each_channel(self) -> None:
        clean = scene()
        true = 0.02 * np.exp(-3 * clean) * np.array([0.5, 1, 2], np.float32)
        found = measure_grain(clean + true * grain("soft"), everywhere()).strength(clean)
        assert np.median(np.abs(found / true - 1)) < 0.05
        assert np.abs(found / true - 1).max() < 0.3

    def test_light_of_a_sensor_has_one_strength_at_all_stops(self) -> None:
        """So it halves with every stop of a log space, and what lies between two known stops is in proportion."""
        clean = scene()
        true, known = 0.01 * np.exp2((0.3 - clean) * 17.52), ((clean < 0.3) | (clean > 0.38)).all(axis=-1)[..., None]
        found = measure_grain((clean + true * grain("white")).astype(np.float32), known.astype(np.float32))
        ratio = (found.strength(clean) / true)[(clean > 0.26) & (clean < 0.43)]
        assert abs(np.median(ratio) - 1) < 0.05 and np.abs(ratio - 1).max() < 0.15

    @pytest.mark.parametrize("precision", [np.float32, np.float16])
    @pytest.mark.parametrize("texture", ["weave", "grass"])
    def test_rendered_plates_have_none(self, texture: str, precision: type) -> None:
        y, x = np.mgrid[: SIZE[0], : SIZE[1]]
        weave = 0.05 * np.sign(np.sin(0.7 * x) * np.sin(0.9 * y))[..., None]
        fine = weave if texture == "weave" else 0.03 * grain("soft")
        inside = (np.hypot(x - 500, y - 270) < 150)[..., None]
        for ground in (scene(), np.full_like(scene(), 0.4)):
            plate = (ground + inside * (fine + 0.2 * np.sin(y / 90)[..., None])).astype(precision).astype(np.float32)
            measured = measure_grain(plate, everywhere())
            assert not measured.present
            assert np.array_equal(measured.over(plate, everywhere()), plate)

    def test_what_is_in_the_picture_is_not_grain(self) -> None:
        clean, true = scene(), 0.004
        lines = cv2.resize(np.random.default_rng(5).random((54, 48, 1)), (480, 540), interpolation=cv2.INTER_NEAREST)
        clean[:, :480] += 0.3 * lines[..., None].astype(np.float32)
        found = measure_grain(clean + true * grain("soft"), everywhere()).strength(scene())
        assert np.allclose(np.median(found, axis=(0, 1)), true, rtol=0.1)

    def test_bars_and_clipped_light_do_not_hide_it(self) -> None:
        plate = np.minimum(1.5 * scene() + 0.1 + 0.01 * grain("soft"), 0.7)
        plate[:80] = plate[-80:] = 0.0729
        found = measure_grain(plate, everywhere()).strength(np.full((1, 2, 3), [[[0.45], [0.6]]], np.float32))
        assert np.allclose(found, 0.01, rtol=0.15)

    def test_one_channel_may_have_none(self) -> None:
        noise = 0.01 * grain("white")
        noise[..., 2] = 0
        found = measure_grain(scene() + noise, everywhere()).strength(scene()).mean(axis=(0, 1))
        assert np.allclose(found, [0.01, 0.01, 0], rtol=0.05, atol=1e-6)

    def test_another_frame_tells_grain_from_texture(self) -> None:
        texture = scene() + 0.05 * grain("soft", 9)
        plate, aligned = (texture + 0.01 * grain("white", seed) for seed in (1, 2))
        alone, both = (measure_grain(plate, everywhere(), aligned=each) for each in (None, aligned))
        assert both.strength(texture).mean() == pytest.approx(0.01, rel=0.03)
        assert alone.strength(texture).mean() > 0.03
        assert not measure_grain(texture, everywhere(), aligned=texture).present

    def test_only_what_is_known_counts(self) -> None:
        plate, hole = scene() + 0.01 * grain("white"), box()
        broken = plate.copy()
        broken[hole[..., 0] > 0] = np.random.default_rng(0).normal(0, 9, (300 * 360, 3))
        broken[:40, :40], broken[500, 900] = np.nan, np.inf
        known = 1 - hole
        known[:64, :64] = known[480:, 860:] = 0
        found, expected = measure_grain(broken, known), measure_grain(plate, known)
        assert np.array_equal(found.strength(plate), expected.strength(plate))
        assert found.filters.tobytes() == expected.filters.tobytes()

    @given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 4), st.data())
    @settings(max_examples=30)
    def test_any_plate_gives_something_finite(
        self, height: int, width: int, channels: int, data: st.DataObject
    ) -> None:
        random = np.random.default_rng(data.draw(st.integers(0, 99)))
        plate = random.normal(data.draw(st.floats(-1, 60)), 0.01, (height, width, channels)).astype(np.float32)
        plate[random.random((height, width)) < data.draw(st.sampled_from([0, 0.001, 0.5]))] = np.nan
        known = (random.random((height, width, 1)) >= data.draw(st.sampled_from([0, 0.001, 1]))).astype(np.float32)
        measured = measure_grain(plate, known)
        assert np.isfinite(measured.filters).all()
        assert np.isfinite(measured.over(np.nan_to_num(plate), 1 - known)).all()


class TestOver:
    measured = measure_grain(scene() + 0.01 * grain("debayered"), everywhere())

    @given(st.integers(-300, 300), st.integers(-300, 300), st.integers(-5, 2000), st.integers(-5, 5), st.data())
    @settings(max_examples=25)
    def test_a_pixels_grain_belongs_to_its_place(
        self, x: int, y: int, frame: int, seed: int, data: st.DataObject
    ) -> None:
        """A part of the picture, alone, gets the same bits."""
        picture, how = scene()[:260, :300], {"frame": frame, "seed": seed}
        missing = np.random.default_rng(0).choice([0, 0.3, 1], (260, 300, 1)).astype(np.float32)
        whole = self.measured.over(picture, missing, origin=(x, y), **how)
        top, left = data.draw(st.integers(0, 200)), data.draw(st.integers(0, 200))
        part = np.s_[top : top + 50, left : left + 70]
        alone = self.measured.over(picture[part], missing[part], origin=(x + left, y + top), **how)
        assert alone.tobytes() == np.ascontiguousarray(whole[part]).tobytes()

    def test_bits_stay_where_nothing_is_missing(self) -> None:
        plate = scene()
        plate[5, 5], plate[200, 400] = np.nan, np.inf
        result = self.measured.over(plate, box())
        outside = box()[..., 0] == 0
        assert result[outside].tobytes() == plate[outside].tobytes()
        assert (np.isfinite(result).sum() == np.isfinite(plate).sum()) and (result != plate)[300, 500].all()

    def test_only_missing_variance_is_added(self) -> None:
        picture, noise = scene(), 0.01 * grain("debayered", 4)
        kept = 0.36
        result = self.measured.over(picture + kept**0.5 * noise, (1 - kept) * everywhere())
        assert np.allclose((result - picture).std(axis=(0, 1)), 0.01, rtol=0.03)

    def test_amount_scales(self) -> None:
        picture = scene()
        once, twice, none = (self.measured.over(picture, everywhere(), amount=each) - picture for each in (1, 2, 0))
        assert np.allclose(twice, 2 * once, atol=1e-6) and not none.any()

    def test_frames_and_seeds_have_nothing_in_common(self) -> None:
        picture = scene()
        frames = [(1, 0), (2, 0), (1, 1), (2, 1), (1001, 0)]
        many = [self.measured.over(picture, everywhere(), frame=f, seed=s) - picture for f, s in frames]
        likeness = np.corrcoef([each[..., 1].ravel() for each in many])
        assert np.abs(likeness - np.eye(len(many))).max() < 0.02

    def test_no_grain_is_none(self) -> None:
        picture = scene()
        assert np.array_equal(Grain.none(3).over(picture, everywhere()), picture)


class TestField:
    def test_numbers_are_normal_and_independent(self) -> None:
        numbers = field(Window(-200, -100, 400, 300), frame=3, seed=9).reshape(-1, 4)
        assert np.abs(numbers.mean(axis=0)).max() < 0.01 and np.abs(numbers.std(axis=0) - 1).max() < 0.01
        assert np.abs((numbers**4).mean(axis=0) - 3).max() < 0.1
        assert np.abs(np.corrcoef(numbers.T) - np.eye(4)).max() < 0.01

    def test_neighbours_frames_and_seeds_have_nothing_in_common(self) -> None:
        window, numbers = Window(0, 0, 400, 300), field(Window(0, 0, 400, 300))[..., 0]
        others = [
            field(window, frame=1),
            field(window, seed=1),
            field(Window(1, 0, 400, 300)),
            field(Window(0, 1, 400, 300)),
        ]
        for other in others:
            assert abs(np.corrcoef(numbers.ravel(), other[..., 0].ravel())[0, 1]) < 0.015

    def test_the_bits_are_pcg4d_as_published(self) -> None:
        bits = pcg4d(3, -5, 7, 11)
        uniform = [((each >> 8) + 0.5) / 2**24 for each in bits]
        radius, angle = np.sqrt(-2 * np.log(uniform[::2])), 2 * np.pi * np.array(uniform[1::2])
        expected = np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1).ravel()
        assert np.allclose(field(Window(3, -5, 1, 1), frame=7, seed=11)[0, 0], expected, atol=1e-5)


def pcg4d(*numbers: int) -> list[int]:
    """Jarzynski and Olano's listing, one number at a time."""
    v = [(each * 1664525 + 1013904223) % 2**32 for each in numbers]
    for turn in range(2):
        for i, (a, b) in enumerate([(1, 3), (2, 0), (0, 1), (1, 2)]):
            v[i] = (v[i] + v[a] * v[b]) % 2**32
        v = [each ^ each >> 16 for each in v] if turn == 0 else v
    return v
