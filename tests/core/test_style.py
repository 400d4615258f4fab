"""The Style node: masks, grey plates, layers, and neighbours blended without state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nets import tiny_style
from plates import bits, plate
from replate.color import transform
from replate.errors import InputError
from replate.frame import Frame, Window
from replate.generator import Generator
from replate.nodes import Engine, Style
from replate.params import Curve, resolve
from replate.picture.alpha import STRAIGHT
from replate.picture.compositing import Light


@pytest.fixture
def style(tmp_path: Path) -> Style:
    path = tiny_style(tmp_path / "tiny.onnx", change=0.3, confidence=True)
    return Style(Engine(generator=Generator.load(path)))


def frame(number: int = 1, *, channels: str = "RGBA", dtype: Any = np.float32, **fields: Any) -> Frame:
    pixels = plate(48, 64, frame=number, channels=len(channels)).astype(dtype)
    return Frame.of(pixels, channels, number=number, space="ACEScg", **fields)


def values(**given: Any) -> dict[str, Any]:
    return resolve(Style.params, given, 1)


def test_a_half_plate_stays_half(style: Style) -> None:
    result = style.process({"plate": {0: frame(dtype=np.float16)}}, values())
    assert result.pixels.dtype == np.float16
    assert np.isfinite(result.pixels).all()


def test_a_grey_plate_stays_grey(style: Style) -> None:
    grey = Frame.of(plate(48, 64)[..., :1], "Y", space="ACEScg")
    result = style.process({"plate": {0: grey}}, values())
    assert result.channels == ("Y",)
    assert not np.array_equal(result.pixels, grey.pixels)


def test_a_plate_without_colour_is_refused(style: Style) -> None:
    depth = Frame.of(plate(48, 64)[..., :1], "Z", space="ACEScg", number=7)
    with pytest.raises(InputError, match=r"frame 7.*only Z"):
        style.process({"plate": {0: depth}}, values())


def test_confidence_becomes_a_layer(style: Style) -> None:
    result = style.process({"plate": {0: frame(formats=("half",) * 4)}}, values(confidence=True))
    assert result.channels == ("R", "G", "B", "A", "replate.confidence")
    layer = result.pixels[..., 4]
    assert layer.min() >= 0 and layer.max() <= 1 and layer.std() > 0
    assert "replate.confidence" not in style.process({"plate": {0: frame()}}, values()).channels


def test_confidence_comes_with_steady_too(style: Style) -> None:
    shots = {"plate": {offset: frame(offset) for offset in (-1, 0, 1)}}
    alone = style.process({"plate": {0: frame(0)}}, values(confidence=True)).pixels[..., 4]
    assert np.array_equal(style.process(shots, values(confidence=True, steady=0.5)).pixels[..., 4], alone)


def test_a_layer_that_cannot_be_made_is_told(style: Style, tmp_path: Path) -> None:
    card = style.engine.generator.card
    assert not Style.notes(card, {"confidence": True})
    assert "replate.confidence" in Style.notes(replace(card, outputs=card.outputs[:1]), {"confidence": True})[0]


def test_steady_lines_up_windows_that_move(style: Style) -> None:
    """A renderer's data window follows the object, so neighbours are neither of one size nor in one place."""
    big = plate(60, 80)
    shots = {}
    for offset, (x, y, width, height) in {-1: (0, 0, 72, 56), 0: (8, 8, 64, 48), 1: (16, 0, 64, 60)}.items():
        cut = big[y : y + height, x : x + width]
        window = Window(x, y, width, height)
        where = {"data_window": window, "display_window": Window(0, 0, 80, 60)}
        shots[offset] = Frame(pixels=cut, channels=tuple("RGBA"), number=offset, space="ACEScg", **where)
    alone = style.process({"plate": {0: shots[0]}}, values()).pixels
    result = style.process({"plate": shots}, values(steady=1.0)).pixels
    assert result.shape == (48, 64, 4)
    assert np.abs(result - alone)[16:-16, 16:-16].mean() < 0.1 * np.abs(alone - shots[0].pixels).mean()


@pytest.mark.parametrize("origin", [(3, 5), (8, 16), (-3, 21)])
def test_the_result_stays_where_it_is_when_the_data_window_moves(style: Style, origin: tuple[int, int]) -> None:
    """A part of the picture, rendered alone, is that part of the whole result beyond the generator's reach (24)."""
    x, y = origin
    big = Window(-8, 0, 160, 120)
    whole = Frame(
        pixels=plate(120, 160),
        channels=tuple("RGBA"),
        data_window=big,
        display_window=Window(0, 0, 150, 120),
        space="ACEScg",
    )
    part = Window(x, y, 100, 90)
    window = part.slices_in(big)
    cut = replace(whole, pixels=whole.pixels[window], data_window=part)
    inner = (slice(33, -33), slice(33, -33))
    results = [style.process({"plate": {0: each}}, values(confidence=True)).pixels for each in (whole, cut)]
    assert results[1].shape == (90, 100, 5)
    assert np.allclose(results[0][window][inner], results[1][inner], atol=1e-5, rtol=1e-5)


def test_beyond_a_grown_and_feathered_mask_the_plate_keeps_its_bits(style: Style) -> None:
    matte = np.zeros((48, 64, 1), np.float32)
    matte[:, :20] = 1
    shaped = values(**{"mask.grow": 3.5, "mask.feather": 8.0})
    result = style.process({"plate": {0: frame()}, "mask": {0: Frame.of(matte, "Y")}}, shaped).pixels
    assert np.array_equal(bits(result[:, 28:]), bits(frame().pixels[:, 28:]))
    whole = style.process({"plate": {0: frame()}}, values()).pixels
    assert np.allclose(result[:, :19], whole[:, :19], atol=1e-6)
    assert (result[:, 19:28, :3] != frame().pixels[:, 19:28, :3]).mean() > 0.5


def test_a_black_mask_is_told_once(style: Style, caplog: pytest.LogCaptureFixture) -> None:
    black = Frame.of(np.zeros((48, 64, 1), np.float32), "Y")
    for number in (7, 8):
        style.process({"plate": {0: frame(number)}, "mask": {0: black}}, values())
    assert [record.getMessage() for record in caplog.records] == [
        "frame 7: the mask is black all over, so the plate stays as it is"
    ]


def test_mix_and_strength(style: Style) -> None:
    whole = style.process({"plate": {0: frame()}}, values()).pixels
    half = style.process({"plate": {0: frame()}}, values(mix=0.5)).pixels
    assert np.allclose(half, (whole + frame().pixels) / 2, atol=1e-4, rtol=1e-4)
    weak = style.process({"plate": {0: frame()}}, values(strength=0.25)).pixels
    change = [np.abs(pixels - frame().pixels).mean() for pixels in (weak, whole)]
    assert 0 < change[0] < change[1]


class TestSteady:
    def test_needs_its_neighbours_only_when_on(self) -> None:
        assert Style.offsets({}) == Style.offsets({"steady": 0.0}) == (0,)
        assert Style.offsets({"steady": 0.5}) == Style.offsets({"steady": Curve(((1, 0), (9, 1)))}) == (-2, -1, 0, 1, 2)

    def test_a_still_shot_is_unchanged_by_it(self, style: Style) -> None:
        plates = {offset: frame(1) for offset in (-1, 0, 1)}
        alone = style.process({"plate": plates}, values()).pixels
        steady = style.process({"plate": plates}, values(steady=1.0)).pixels
        assert np.allclose(steady, alone, atol=2e-3, rtol=2e-3)

    def test_it_calms_noise(self, tmp_path: Path) -> None:
        """Five grainy takes of one picture: the steadied result is nearer to that of the clean picture, in stops."""
        # A mild net: the pixel-sized pattern of a strong random one would not survive any resampling.
        style = Style(Engine(generator=Generator.load(tiny_style(tmp_path / "mild.onnx", change=0.02))))
        rng = np.random.default_rng(0)
        clean = frame(1)
        clean.pixels[...] = np.abs(clean.pixels) + 0.1  # grain is small against the light, as in a plate
        grain = {k: clean.pixels + rng.normal(0, 0.01, clean.pixels.shape).astype(np.float32) for k in range(-2, 3)}
        plates = {k: Frame.of(pixels, "RGBA", number=10 + k, space="ACEScg") for k, pixels in grain.items()}

        def seen(plates: dict[int, Frame], amount: float) -> np.ndarray:
            result = style.process({"plate": plates}, values(steady=amount)).pixels
            return transform("ACEScg").forward(np.ascontiguousarray(result[..., :3]))

        target = seen({0: clean}, 0.0)
        errors = [np.abs(seen(plates, amount) - target).mean() for amount in (0.0, 1.0)]
        assert errors[1] < 0.7 * errors[0]

    def test_no_state(self, style: Style, tmp_path: Path) -> None:
        """In order, alone, and by a node that has seen nothing: the same bits."""
        shot = {number: frame(number) for number in range(1, 8)}

        def window(number: int) -> dict[int, Frame]:
            return {k: shot[number + k] for k in range(-2, 3) if number + k in shot}

        in_order = [style.process({"plate": window(n)}, values(steady=0.7)).pixels for n in shot]
        fresh = Style(Engine(generator=Generator.load(tmp_path / "tiny.onnx")))
        assert np.array_equal(bits(fresh.process({"plate": window(5)}, values(steady=0.7)).pixels), bits(in_order[4]))

    def test_a_look_is_made_once_however_mix_and_mask_are_keyed(
        self, style: Style, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made: list[int] = []
        apply = style.engine.generator.apply
        monkeypatch.setattr(style.engine.generator, "apply", lambda *args, **how: made.append(1) or apply(*args, **how))
        plates, mask = {k: frame(5 + k) for k in (-1, 0, 1)}, {0: Frame.of(np.ones((48, 64, 1), np.float32), "Y")}
        for amount in (0.2, 0.4, 0.6):
            keyed = values(steady=1.0, mix=amount, **{"mask.grow": -10 * amount})
            style.process({"plate": plates, "mask": mask}, keyed)
        assert len(made) == 3

    def test_the_mask_still_holds(self, style: Style) -> None:
        mask = Frame.of(np.zeros((48, 64, 1), np.float32), "Y")
        plates = {k: frame(5 + k) for k in (-1, 0, 1)}
        result = style.process({"plate": plates, "mask": {0: mask}}, values(steady=1.0))
        assert np.array_equal(bits(result.pixels), bits(plates[0].pixels))


def test_bits_are_kept_through_half(style: Style) -> None:
    """A NaN's payload, too."""
    pixels = np.arange(48 * 64 * 4, dtype=np.uint16).reshape(48, 64, 4).view(np.float16)
    wild = Frame.of(pixels, "RGBA", space="ACEScg")
    light = Light.of(wild)
    assert np.array_equal(bits(light.put_back(wild, light.rgb.copy()).pixels), bits(pixels))


def test_straight_colour_is_not_divided_by_alpha(style: Style) -> None:
    """A PNG's colour is already that of the solid thing."""
    solid = frame(dtype=np.float32)
    pixels = solid.pixels.copy()
    pixels[..., 3] = 0.5
    soft = replace(solid, pixels=pixels, metadata={STRAIGHT: 1})
    expected, result = (style.process({"plate": {0: each}}, values()).pixels for each in (solid, soft))
    assert np.array_equal(result[..., :3], expected[..., :3])
