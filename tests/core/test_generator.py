"""A generator on a frame: what it must not touch, what does no harm, what happens when memory runs out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from nets import PICTURE, PLATE, RESULT, Net, identity, tiny_style
from replate.card import Card, Port
from replate.color import Transform, transform
from replate.errors import GeneratorError, InputError, MemoryLimitError, UsageError
from replate.generator import Generator
from replate.network import runner
from replate.network.onnxfile import read_card, write_card
from replate.network.program import Program
from replate.params import Param

SIZE = 83, 121


@pytest.fixture
def generator(tmp_path: Path) -> Generator:
    return Generator.load(tiny_style(tmp_path / "tiny.onnx", confidence=True), device="cpu")


@pytest.fixture(params=["fused", "plain"])
def space(request: pytest.FixtureRequest) -> Transform:
    found = transform("ACEScg", "ACEScct")
    return found if request.param == "fused" else replace(found, fused=None)


def plate() -> np.ndarray:
    random = np.random.default_rng(5)
    return (0.18 * 2 ** random.uniform(-3, 5, (*SIZE, 3))).astype(np.float32)


def bits(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pixels).view(np.uint32)


def test_weight_0_keeps_every_bit(generator: Generator, space: Transform) -> None:
    rgb, weight = plate(), np.zeros((*SIZE, 1), np.float32)
    weight[20:60, 30:90] = np.linspace(0, 1, 60)[:, None]
    made, trust = generator.apply(rgb, transform=space, weight=weight, tile=96)
    same = (bits(made) == bits(rgb)).all(axis=-1)
    assert same[weight[..., 0] == 0].all()
    assert same.mean() < 0.9
    assert trust is not None and (trust[weight == 0] == 1).all() and trust.min() < 1


@pytest.mark.parametrize("given", [{"weight": 0.0}, {"strength": 0.0}, {"weight": np.zeros(SIZE, np.float32)}])
def test_nothing_to_do_keeps_every_bit(generator: Generator, space: Transform, given: dict[str, Any]) -> None:
    rgb = plate()
    rgb[3, 4] = np.nan
    made, trust = generator.apply(rgb, transform=space, **given)
    assert made is not rgb and (bits(made) == bits(rgb)).all()
    assert trust is not None and (trust == 1).all()


def test_a_mix_lies_between(generator: Generator, space: Transform) -> None:
    rgb = plate()
    full, half = (generator.apply(rgb, transform=space, weight=weight)[0] for weight in (1.0, 0.5))
    np.testing.assert_allclose(half, (rgb + full) / 2, rtol=1e-4, atol=1e-5)
    flat = generator.apply(rgb, transform=space, weight=np.ones(SIZE, np.float32))[0]
    assert (bits(flat) == bits(full)).all()


def test_strength_scales_the_change_in_the_generators_space(generator: Generator) -> None:
    rgb, space = plate(), transform("ACEScg", "ACEScct")
    logs = [space.forward(generator.apply(rgb, transform=space, strength=each)[0]) for each in (0.5, 1.0, 2.0)]
    change = [log - space.forward(rgb) for log in logs]
    np.testing.assert_allclose(change[0], change[1] / 2, atol=1e-4)
    np.testing.assert_allclose(change[2], change[1] * 2, atol=1e-4)


def test_bad_pixels_keep_their_bits_and_do_no_harm(generator: Generator, space: Transform) -> None:
    clean, rgb = plate(), plate()
    rgb[10, 10], rgb[40, 50, 1], rgb[70, 100, 2], rgb[5, 90, 0] = np.nan, np.inf, -np.inf, 3e38
    rgb.view(np.uint32)[60, 20, 0] = 0x7FC12345  # a NaN with a payload
    before, _ = generator.apply(clean, transform=space)
    made, trust = generator.apply(rgb, transform=space)
    bad = ~(np.abs(rgb) < 1e30).all(axis=-1)
    assert bad.sum() == 5
    assert (bits(made)[bad] == bits(rgb)[bad]).all()
    assert np.isfinite(made[~bad]).all()
    log = [space.forward(each)[~bad] for each in (np.where(bad[..., None], 1, made).astype(np.float32), before)]
    assert np.abs(log[0] - log[1]).max() < 0.05
    assert trust is not None and np.isfinite(trust).all()


def test_the_map_is_made_on_request_and_changes_nothing_else(generator: Generator, space: Transform) -> None:
    rgb = plate()
    (made, trust), (alone, nothing) = (generator.apply(rgb, transform=space, confidence=each) for each in (True, False))
    assert trust is not None and nothing is None
    assert (bits(made) == bits(alone)).all()
    assert generator.apply(rgb, transform=space, weight=0.0, confidence=False)[1] is None


def test_a_plate_without_a_sound_pixel(generator: Generator, space: Transform) -> None:
    rgb = np.full((9, 7, 3), np.nan, np.float32)
    made, _ = generator.apply(rgb, transform=space)
    assert (bits(made) == bits(rgb)).all()


def test_premultiplied_light(generator: Generator, space: Transform) -> None:
    """An opaque picture behind a matte gives the opaque result behind the matte, and empty stays empty."""
    rgb, alpha = plate(), np.ones((*SIZE, 1), np.float32)
    alpha[:20], alpha[20:40], alpha[40, :] = 0, 0.25, 1e-30
    opaque, _ = generator.apply(rgb, transform=space)
    made, _ = generator.apply(rgb * (alpha > 1e-6) * alpha, transform=space, alpha=alpha)
    assert (bits(made[:20]) == 0).all()
    assert np.isfinite(made).all()
    np.testing.assert_allclose(made[72:], opaque[72:], rtol=1e-4)
    whole, _ = generator.apply(rgb * np.float32(0.25), transform=space, alpha=np.full((*SIZE, 1), 0.25, np.float32))
    np.testing.assert_allclose(whole, opaque * 0.25, rtol=2e-4, atol=1e-5)


def test_light_without_alpha_is_worked_on(generator: Generator, space: Transform) -> None:
    """A glow in front of nothing has colour but no alpha."""
    rgb, alpha = plate(), np.zeros((*SIZE, 1), np.float32)
    made, _ = generator.apply(rgb, transform=space, alpha=alpha)
    opaque, _ = generator.apply(rgb, transform=space)
    np.testing.assert_allclose(made, opaque, rtol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 3), (64, 65)])
def test_small_and_odd_frames(generator: Generator, space: Transform, size: tuple[int, int]) -> None:
    rgb = np.full((*size, 3), 0.18, np.float32)
    made, trust = generator.apply(rgb, transform=space)
    assert made.shape == rgb.shape and made.dtype == np.float32 and np.isfinite(made).all()
    assert trust is not None and trust.shape == (*size, 1)


def test_the_same_frame_has_the_same_bits_whatever_went_before(tmp_path: Path, space: Transform) -> None:
    path, rgb = tiny_style(tmp_path / "tiny.onnx", width=16), plate()
    first = Generator.load(path, device="cpu", threads=1)
    second = Generator.load(path, device="cpu", threads=2)
    made, _ = first.apply(rgb, transform=space)
    for other in (rgb[:40], rgb * 2, rgb[:, :9]):
        second.apply(np.ascontiguousarray(other), transform=space, strength=0.5)
    assert (bits(second.apply(rgb, transform=space)[0]) == bits(made)).all()


def test_empty_pictures_are_refused(generator: Generator) -> None:
    for shape in ((0, 4, 3), (4, 4, 1)):
        with pytest.raises(InputError, match="shape"):
            generator.apply(np.zeros(shape, np.float32), transform=transform("ACEScg"))


def controlled(path: Path) -> Path:
    """A generator that adds its control to the picture."""
    net = Net()
    net.add("Add", "plate", "glow", name="result")
    card = Card(
        name="glow",
        inputs=(PLATE, Port(name="glow", role="control")),
        outputs=(RESULT,),
        controls=(Param(name="glow", kind="float", default=0.1, minimum=0, maximum=1, help="How much is added."),),
    )
    return net.save(path, [("plate", PICTURE), ("glow", (1,))], [("result", PICTURE)], card=card)


def test_controls_reach_the_network(tmp_path: Path) -> None:
    generator = Generator.load(controlled(tmp_path / "glow.onnx"), device="cpu")
    rgb, space = np.full((5, 5, 3), 0.25, np.float32), transform("ACEScct", "ACEScct")
    assert generator.apply(rgb, transform=space)[0] == pytest.approx(0.35)
    assert generator.apply(rgb, transform=space, controls={"glow": 0.5})[0] == pytest.approx(0.75)
    with pytest.raises(UsageError, match="'glow' must be a number from 0 to 1"):
        generator.apply(rgb, transform=space, controls={"glow": 2})
    with pytest.raises(UsageError, match=r"'glov'.*'glow'"):
        generator.apply(rgb, transform=space, controls={"glov": 1})


def test_a_card_that_does_not_fit_its_network_is_refused(tmp_path: Path) -> None:
    path = identity(tmp_path / "same.onnx")
    card = read_card(path)
    assert card is not None
    wrong = {
        "role 'plate'": replace(card, inputs=()),
        "'picture'": replace(card, inputs=(Port(name="picture", role="plate"),)),
        "'mask'": replace(card, inputs=(PLATE, Port(name="mask", role="mask"))),
        "'glow'": replace(card, controls=(Param(name="glow", kind="float", default=0.0, help=""),)),
    }
    for word, broken in wrong.items():
        write_card(path, broken)
        with pytest.raises(GeneratorError, match=f"card of .*same.onnx .*{word}"):
            Generator.load(path, device="cpu").apply(plate(), transform=transform("ACEScg"))


def test_a_network_that_fails_is_told_with_its_file(tmp_path: Path) -> None:
    path = tiny_style(tmp_path / "tiny.onnx")
    card = read_card(path)
    assert card is not None
    write_card(path, replace(card, multiple=5, overlap=0))
    with pytest.raises(GeneratorError, match=r"tiny\.onnx cannot be run on a \d+x\d+ picture"):
        Generator.load(path, device="cpu").apply(plate(), transform=transform("ACEScg"))


class SmallMemory(Program):
    """Runs out above a number of pixels, as ONNX Runtime would say it."""

    pixels = 0

    def run(self, feeds: Any) -> dict[str, np.ndarray]:
        if feeds["replate/plate"][..., 0].size > self.pixels:
            raise RuntimeError("[ONNXRuntimeError] : 6 : Failed to allocate memory for requested buffer of size 99")
        return super().run(feeds)


def test_tiles_halve_until_they_fit(
    generator: Generator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rgb, space = np.tile(plate(), (4, 4, 1)), transform("ACEScg")
    whole, _ = generator.apply(rgb, transform=space, tile="off")
    generator._runner._programs.clear()
    monkeypatch.setattr(runner, "Program", SmallMemory)
    monkeypatch.setattr(SmallMemory, "pixels", 130 * 130)
    made, _ = generator.apply(rgb, transform=space)
    assert np.abs(space.forward(made) - space.forward(whole)).max() <= 1e-4
    assert [record.getMessage() for record in caplog.records] == [
        "'tiny' ran out of memory on cpu with 488x336 pixels at a time; trying tiles of 244",
        "'tiny' ran out of memory on cpu with 200x192 pixels at a time; trying tiles of 122",
    ]
    generator.apply(rgb, transform=space)
    generator.apply(rgb, transform=space, tile="off")
    assert len(caplog.records) == 2, "what did not fit is not tried again"


def test_too_little_memory_is_an_error_of_its_own(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "Program", SmallMemory)
    with pytest.raises(MemoryLimitError, match=r"'tiny' runs out of memory on cpu with \d+x\d+ .* smallest"):
        generator.apply(plate(), transform=transform("ACEScg"))


def test_a_gpu_too_small_gives_way_to_the_cpu(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    class SmallGpu(Program):
        def __init__(self, stages: Any, *, device: str, **how: Any) -> None:
            super().__init__(stages, device="cpu", **how)
            self.small = device != "cpu"

        def run(self, feeds: Any) -> dict[str, np.ndarray]:
            if self.small:
                raise RuntimeError("CUDA failure 2: out of memory")
            return super().run(feeds)

    monkeypatch.setattr(runner, "Program", SmallGpu)
    generator._runner.device, generator._runner._may_fall_back = "cuda:0", True
    made, _ = generator.apply(plate(), transform=transform("ACEScg"))
    assert generator.device == "cpu" and np.isfinite(made).all()


def test_what_the_file_says(tmp_path: Path) -> None:
    path = identity(tmp_path / "same.onnx")
    generator = Generator.load(path, device="cpu")
    assert generator.card == read_card(path) and generator.card.sha256 == generator.sha256
    assert (generator.device, generator.notes, generator.path) == ("cpu", (), path)
    assert onnx.load(path).opset_import[0].version == 17
