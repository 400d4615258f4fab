"""A fill meets the plate around a hole without a step, and takes nothing in that does not belong there."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replate.removal.pyramid import pyramid_fill
from replate.removal.seamless import inner_weight, joined, levelled, missing_grain

Array = npt.NDArray[np.float32]
SIZE = (240, 320)
ACTOR = 0.8  # brightness of what is removed


def scene() -> Array:
    """Soft colours and an edge."""
    coarse = np.random.default_rng(2).uniform(0.25, 0.5, (4, 5, 3)).astype(np.float32)
    light: Array = cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    light[150:] += 0.1
    return light


def grain(seed: int, amplitude: float = 0.01) -> Array:
    return (amplitude * np.random.default_rng(seed).normal(size=(*SIZE, 3))).astype(np.float32)


def oval(soft: float = 0) -> Array:
    hole = np.zeros(SIZE, np.float32)
    cv2.ellipse(hole, (150, 120), (75, 55), 20, 0, 360, 1.0, -1)
    return cv2.GaussianBlur(hole, (0, 0), soft)[..., None] if soft else hole[..., None]


def shot(clean: Array, hole: Array) -> Array:
    """The scene with somebody in it, and grain."""
    return clean + (hole > 0) * (ACTOR - clean) + grain(1)


def slope() -> Array:
    """Light that falls off to one side."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    fall: Array = (0.15 * (x / SIZE[1] - 0.5) + 0.1 * (y / SIZE[0] - 0.5))[..., None]
    return fall


def membrane(plate: Array, fill: Array, hole: Array) -> Array:
    """The textbook's: every pixel along the border is believed."""
    inside = (hole > 0).astype(np.uint8)
    ring = (cv2.dilate(inside, np.ones((3, 3), np.uint8))[..., None] - inside).astype(np.float32)
    return fill + pyramid_fill(np.where(ring > 0, plate - fill, 0).astype(np.float32), 1 - ring)


def error(result: Array, truth: Array, hole: Array, deepest: int = 6) -> float:
    """Of what is left when grain is averaged away, within some pixels of the border."""
    inside = (hole > 0).astype(np.float32)
    weight = cv2.GaussianBlur(inside[..., 0], (0, 0), 3)[..., None]
    smooth = cv2.GaussianBlur((result - truth) * inside, (0, 0), 3) / np.maximum(weight, 1e-3)
    rim = (inside[..., 0] > 0) & (cv2.distanceTransform(inside[..., 0].astype(np.uint8), cv2.DIST_L2, 5) <= deepest)
    return float(np.sqrt(np.square(smooth[rim]).mean()))


class TestLevelled:
    @pytest.mark.parametrize("off", [np.float32(0.08), -slope(), 2 * slope()], ids=["exposure", "falloff", "vignette"])
    def test_a_step_goes(self, off: Array) -> None:
        clean, hole = scene(), oval()
        plate, fill = shot(clean, hole), clean + off + grain(2)
        result = levelled(plate, fill, hole, reach=100)
        assert error(result, clean, hole) < 0.1 * error(fill, clean, hole)
        assert error(result, clean, hole, 999) < 0.4 * error(fill, clean, hole, 999)

    def test_without_a_step_nothing_changes_but_by_what_grain_leaves(self) -> None:
        clean, hole = scene(), oval()
        fill = clean + grain(2)
        change = levelled(shot(clean, hole), fill, hole, reach=100) - fill
        assert np.abs(change[hole[..., 0] > 0]).max() < 0.004  # a plain membrane brings in several times as much
        assert np.abs((membrane(shot(clean, hole), fill, hole) - fill)[hole[..., 0] > 0]).max() > 0.012

    def test_an_edge_beside_its_place_does_not_bleed(self) -> None:
        clean, hole = scene(), oval()
        moved = np.roll(clean, 3, axis=0)
        plate, fill = shot(clean, hole), moved + 0.03 + grain(2)
        result, textbook = levelled(plate, fill, hole, reach=100), membrane(plate, fill, hole)
        assert error(result, moved, hole) < 0.6 * error(textbook, moved, hole)

    def test_somebody_beside_the_hole_does_not_bleed(self) -> None:
        clean, hole = scene(), oval()
        plate = shot(clean, hole)
        plate[80:140, 215:260] = np.where(hole > 0, plate, 4.0)[80:140, 215:260]
        fill = clean + 0.03 + grain(2)
        result, textbook = levelled(plate, fill, hole, reach=100), membrane(plate, fill, hole)
        assert error(result, clean, hole) < 0.004 < 0.1 < error(textbook, clean, hole)

    def test_far_inside_one_side_counts_less(self) -> None:
        hole, fill = np.zeros((300, 700, 1), np.float32), np.zeros((300, 700, 3), np.float32)
        hole[50:250, 50:650] = 1
        plate = fill.copy()
        plate[:, :200] = 0.03
        near, far = (levelled(plate, fill, hole, reach=reach)[150, :, 0] for reach in (30, 1000))
        assert near[52] > 0.022 and far[52] > 0.022
        assert near[110] < 0.6 * far[110] and (near[110:] < 0.02).all()
        assert np.abs(np.diff(near[50:650])).max() < 0.002

    def test_a_fill_that_is_known_inside_alone_stays(self) -> None:
        fill = np.where(oval() > 0, scene(), np.float32(np.nan))
        assert levelled(shot(scene(), oval()), fill, oval(), reach=50) is fill

    def test_what_is_not_finite_does_not_count(self) -> None:
        clean, hole = scene(), oval()
        plate, fill = shot(clean, hole), clean + 0.05
        expected = levelled(plate, fill, hole, reach=80)
        plate[120, 228], plate[60:62, 130], plate[120, 150] = np.nan, np.inf, np.nan
        found = levelled(plate, fill, hole, reach=80)
        assert np.abs(found - expected)[hole[..., 0] > 0].max() < 2e-3


class TestJoined:
    def test_what_is_removed_does_not_shine_through_at_a_tight_hole(self) -> None:
        clean, hole = scene(), oval()
        plate, fill = shot(clean, hole), clean + grain(2)
        result = joined(plate, fill, inner_weight(plate, fill, hole, blend=12))
        assert np.abs(result - clean)[hole[..., 0] > 0].max() < 0.06

    @pytest.mark.parametrize("size", [(1, 1), (1, 30), (2, 2)])
    def test_nor_does_dust_that_is_smaller_than_the_blend(self, size: tuple[int, int]) -> None:
        clean, hole = scene(), np.zeros((*SIZE, 1), np.float32)
        hole[100 : 100 + size[0], 150 : 150 + size[1]] = 1
        plate, fill = np.where(hole > 0, clean + 0.25, clean) + grain(1), clean + grain(2)
        result = joined(plate, fill, inner_weight(plate, fill, hole, blend=12))
        assert np.array_equal(result[hole[..., 0] > 0], fill[hole[..., 0] > 0])

    def test_where_both_show_the_same_they_are_mixed(self) -> None:
        clean, hole = scene(), oval()
        plate, fill = clean + grain(1), clean + grain(2)
        weight = inner_weight(plate, fill, hole, blend=12)[..., 0]
        depth = cv2.distanceTransform(hole[..., 0].astype(np.uint8), cv2.DIST_L2, 5)
        means = [weight[(depth > low) & (depth <= low + 2)].mean() for low in (0, 3, 6, 9, 13)]
        assert means[0] < 0.2 and all(np.diff(means) > 0) and means[-1] == 1

    def test_a_mask_of_its_own_softness_is_kept(self) -> None:
        clean, hole = scene(), oval(soft=8)
        plate = clean + (ACTOR - clean) * hole
        weight = inner_weight(plate, clean, hole, blend=3)
        assert np.abs(weight - hole)[hole > 0.05].max() < 0.02 and (weight <= hole).all()

    def test_grain_that_mixing_takes_away_is_missing(self) -> None:
        weight = np.linspace(0, 1, SIZE[1], dtype=np.float32)[None, :, None] * np.ones((*SIZE, 1), np.float32)
        plate, fill, kept = grain(1), 0.5 * grain(2), 0.25
        mixed = joined(plate, fill, weight) + np.sqrt(missing_grain(weight, kept)) * grain(3)
        assert np.allclose(mixed.reshape(240, 8, 40, 3).std(axis=(0, 2)), 0.01, rtol=0.04)
        assert missing_grain(np.zeros(1)) == 0 and missing_grain(np.ones(1)) == 1 and missing_grain(np.ones(1), 1) == 0

    @given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 4), st.data())
    @settings(max_examples=80)
    def test_the_plate_keeps_its_bits_outside_any_hole(
        self, height: int, width: int, channels: int, data: st.DataObject
    ) -> None:
        random = np.random.default_rng(data.draw(st.integers(0, 99)))
        plate = random.normal(0.5, data.draw(st.sampled_from([0.01, 50])), (height, width, channels)).astype(np.float32)
        plate[random.random((height, width)) < data.draw(st.sampled_from([0, 0.2]))] = data.draw(
            st.sampled_from([np.nan, np.inf])
        )
        fill = random.normal(0.5, 0.1, plate.shape).astype(np.float32)
        hole = random.choice([0, 0.4, 1], (height, width, 1)).astype(np.float32)
        hole = data.draw(st.sampled_from([hole, 0 * hole, 0 * hole + 1]))
        hole[: data.draw(st.integers(0, height))] = 0
        level = levelled(plate, fill, hole, reach=data.draw(st.floats(0, 500)))
        weight = inner_weight(plate, level, hole, blend=data.draw(st.floats(0, 40)))
        result = joined(plate, level, weight)
        outside = hole[..., 0] == 0
        assert result[outside].tobytes() == plate[outside].tobytes()
        assert np.isfinite(level).all() and np.isfinite(result[~outside]).all()
        assert ((weight >= 0) & (weight <= hole)).all()
        if not outside.any():
            assert np.array_equal(level, fill) and np.array_equal(weight, hole)

    def test_as_many_threads_as_you_like(self) -> None:
        clean, hole, before = scene(), oval(), cv2.getNumThreads()
        plate, fill = shot(clean, hole), clean + 2 * slope()
        results = []
        try:
            for threads in (1, 2, 5):
                cv2.setNumThreads(threads)
                level = levelled(plate, fill, hole, reach=60)
                results.append(joined(plate, level, inner_weight(plate, level, hole, blend=9)).tobytes())
        finally:
            cv2.setNumThreads(before)
        assert len(set(results)) == 1
