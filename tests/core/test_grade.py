"""The grade that a generator sees the plate through: what it is, that it comes off, that it costs nothing unused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nets import Net, foreign, identity, tiny_style
from replate.card import Card, Port
from replate.color import Transform, convert, transform
from replate.frame import Frame
from replate.generator import Generator
from replate.network import gradegraph, graph
from replate.network.loading import load
from replate.network.onnxfile import read_card, write_card
from replate.nodes import Engine, Style
from replate.nodes.grading import GRADE_PARAMS
from replate.params import Curve, resolve
from replate.picture.grade import Grade

GRADES = [
    Grade(exposure=3.0),
    Grade(exposure=-5.0, saturation=0.4),
    Grade(gamma=2.2),
    Grade(gamma=0.7, saturation=2.0),
    Grade(grey=1.0),
    Grade(exposure=1.0, gamma=1.4, saturation=0.25, grey=0.5),
]
EXTREMES = [Grade(exposure=-16.0), Grade(exposure=16.0), Grade(gamma=0.2, saturation=4.0), Grade(gamma=5.0)]
WEIGHTS = np.array([0.2126, 0.7152, 0.0722])


def light(height: int = 40, width: int = 56) -> np.ndarray:
    """Scene-linear, 1e-3 .. 1e3, a few stops apart within a pixel, some values below 0."""
    random = np.random.default_rng(5)
    values = 10 ** random.uniform(-3, 3, (height, width, 1)) * random.uniform(0.1, 1, (height, width, 3))
    return np.where(random.random((height, width, 3)) < 0.02, -0.01, values).astype(np.float32)


def scene(height: int = 40, width: int = 56) -> np.ndarray:
    """Scene-linear as a camera sees it: eight stops, colours half a stop from grey."""
    random = np.random.default_rng(6)
    values = 0.18 * 2 ** (random.uniform(-4, 4, (height, width, 1)) + random.uniform(-0.5, 0.5, (height, width, 3)))
    return values.astype(np.float32)


def graded(rgb: np.ndarray, grade: Grade) -> np.ndarray:
    """What the network is to see of ACEScg light, as the definition says, in ACEScct; float64."""
    from replate.color.curves import CANDIDATES

    curve = next(each for each in CANDIDATES if getattr(each, "lin_offset", None) == 0)  # ACEScct
    x = 2.0**grade.exposure * rgb.astype(np.float64)
    x = grade.saturation * x + (1 - grade.saturation) * (x @ WEIGHTS)[..., None]
    x = np.sign(x) * np.abs(x) ** (1 / grade.gamma)
    seen = curve.encode(x)
    return seen - grade.grey * (seen - curve.encode((x @ WEIGHTS)[..., None]))


def eye(path: Path) -> Generator:
    """A generator whose confidence map is the green that it sees, so that a test can look through it."""
    net = Net()
    net.add("Identity", "plate", name="result")
    net.add("Slice", "plate", *(net.constant([n], np.int64) for n in (1, 2, 1)), name="confidence")
    ports = Port(name="result", role="result"), Port(name="confidence", role="confidence", channels="L")
    card = Card(name="eye", inputs=(Port(name="plate", role="plate"),), outputs=ports)
    picture = ("N", 3, "H", "W")
    outputs = [("result", picture), ("confidence", ("N", 1, "H", "W"))]
    return Generator.load(net.save(path, [("plate", picture)], outputs, card=card), device="cpu")


@pytest.mark.parametrize("grade", GRADES, ids=str)
@pytest.mark.parametrize("fused", [True, False])
def test_the_network_sees_what_the_definition_says(tmp_path: Path, grade: Grade, fused: bool) -> None:
    space = transform("ACEScg")
    _, seen = eye(tmp_path / "eye.onnx").apply(
        light(), transform=space if fused else replace(space, fused=None), grade=grade
    )
    assert seen is not None
    expected = graded(light(), grade)[..., 1:2]
    np.testing.assert_allclose(seen, expected.clip(0, 1), atol=1e-4)
    assert np.mean((expected > 0) & (expected < 1)) > 0.1, "the test looks at nothing"


@pytest.mark.parametrize("grade", [*GRADES, *EXTREMES], ids=str)
@pytest.mark.parametrize("space", ["ACEScg", "lin_rec709", "ACES2065-1", "ACEScct", "srgb_texture"])
def test_what_the_generator_leaves_alone_comes_back(tmp_path: Path, space: str, grade: Grade) -> None:
    generator = Generator.load(identity(tmp_path / "same.onnx"), device="cpu")
    plate = convert(light(), "lin_rec709", space)
    there = transform(space)
    for way in (there, replace(there, fused=None)):
        made, _ = generator.apply(plate, transform=way, grade=grade)
        back, before = (convert(each, space, "ACEScg") for each in (made, plate))
        size = np.abs(before).max(axis=-1, keepdims=True)
        assert (np.abs(back - before) / size).max() < 1e-4


@pytest.mark.parametrize("grade", GRADES, ids=str)
@pytest.mark.parametrize("space", ["ACEScg", "lin_rec709", "srgb_texture", "ACEScct"])
def test_fused_equals_plain(tmp_path: Path, space: str, grade: Grade) -> None:
    generator = Generator.load(tiny_style(tmp_path / "tiny.onnx", change=0.03, confidence=True), device="cpu")
    plate = convert(scene(), "lin_rec709", space)
    alpha = np.random.default_rng(1).uniform(0.1, 1, (*plate.shape[:2], 1)).astype(np.float32)
    there = transform(space)
    for options in ({}, {"alpha": alpha, "weight": alpha[..., 0], "strength": 1.3}):
        rgb = plate * alpha if options else plate
        made, trust = generator.apply(rgb, transform=there, grade=grade, **options)  # type: ignore[arg-type]
        plain, plain_trust = generator.apply(rgb, transform=replace(there, fused=None), grade=grade, **options)  # type: ignore[arg-type]
        lights = [convert(each, space, "ACEScg") for each in (made, plain)]
        size = np.abs(lights).max(axis=(0, -1))[..., None]
        assert (np.abs(lights[0] - lights[1]) / size).max() <= 1e-4
        assert trust is not None and plain_trust is not None and np.abs(trust - plain_trust).max() <= 1e-4
        assert np.abs(made - rgb).max() > 1e-3, "the generator does something"


def test_a_grade_that_does_nothing_is_not_there(tmp_path: Path) -> None:
    path = tiny_style(tmp_path / "tiny.onnx")
    card = read_card(path)
    assert card is not None
    assert graph.Parts(**gradegraph.steps(Grade())) == graph.Parts()
    assert gradegraph.numbers(Grade(), transform("ACEScg").within) == {}
    generator = Generator.load(path, device="cpu")
    plain, _ = generator.apply(light(), transform=transform("lin_rec709"))
    same, _ = generator.apply(light(), transform=transform("lin_rec709"), grade=Grade())
    assert plain.tobytes() == same.tobytes()
    assert len(generator._runner._programs) == 1
    names = {each.name for each in graph.stages(load(path), card, graph.Parts())[0].graph.input}
    assert names == {graph.PLATE}


def test_keyframes_need_no_new_session(tmp_path: Path) -> None:
    generator = Generator.load(identity(tmp_path / "same.onnx"), device="cpu")
    style = Style(Engine(generator=generator))
    keyed = {param.name: Curve(((1, param.minimum or 0.0), (9, param.maximum or 1.0))) for param in GRADE_PARAMS}
    for number in range(2, 9):
        frame = Frame.of(light(), "RGB", number=number, space="ACEScg")
        style.process({"plate": {0: frame}}, resolve(Style.params, keyed, number))
    assert len(generator._runner._programs) == 1


def test_strength_scales_the_change_behind_the_grade(tmp_path: Path) -> None:
    """At strength 0 the plate itself, at 0.5 half of the change that the network makes to the graded picture."""
    generator, grade = Generator.load(tiny_style(tmp_path / "tiny.onnx"), device="cpu"), GRADES[-1]
    space, plate = transform("ACEScg"), scene()
    full, half = (generator.apply(plate, transform=space, grade=grade, strength=s)[0] for s in (1.0, 0.5))
    changes = [graded(each, replace(grade, grey=0)) - graded(plate, replace(grade, grey=0)) for each in (full, half)]
    np.testing.assert_allclose(changes[1], changes[0] / 2, atol=1e-4)
    none, _ = generator.apply(plate, transform=space, grade=grade, strength=0)
    assert none.tobytes() == plate.tobytes()


@given(st.sampled_from(GRADES))
def test_untouched_pixels_keep_their_bits(tmp_path_factory: pytest.TempPathFactory, grade: Grade) -> None:
    generator = Generator.load(tiny_style(tmp_path_factory.mktemp("net") / "tiny.onnx"), device="cpu")
    plate, alpha = light(), np.ones((40, 56, 1), np.float32)
    plate[3, 4], plate[5, 6, 1] = np.nan, np.inf
    plate[20:24], alpha[20:24] = 0, 0
    weight = np.zeros((40, 56, 1), np.float32)
    weight[:30] = 0.7
    made, _ = generator.apply(plate, transform=transform("ACEScg"), grade=grade, alpha=alpha, weight=weight)
    still = (weight[..., 0] == 0) | (alpha[..., 0] == 0) | ~np.isfinite(plate).all(axis=-1)
    assert made[still].tobytes() == plate[still].tobytes()
    assert np.abs(made[~still] - plate[~still]).max() > 0


def test_a_soft_edge_gets_the_colour_of_the_solid_thing(tmp_path: Path) -> None:
    """Premultiplied light is divided before it is graded: alpha shows in the result only as a factor."""
    generator = Generator.load(identity(tmp_path / "same.onnx"), device="cpu")
    net = Generator.load(tiny_style(tmp_path / "tiny.onnx", multiple=1), device="cpu")
    grade = Grade(exposure=2, gamma=1.5, saturation=0.5)
    plate = np.full((32, 32, 3), [0.4, 0.2, 0.1], np.float32)
    alpha = np.tile(np.linspace(0.2, 1, 32, dtype=np.float32)[None, :, None], (32, 1, 1))
    for each in (generator, net):
        solid, _ = each.apply(plate, transform=transform("ACEScg"), grade=grade)
        soft, _ = each.apply(plate * alpha, alpha=alpha, transform=transform("ACEScg"), grade=grade)
        np.testing.assert_allclose(soft, solid * alpha, rtol=1e-4)


def blur_for_screens(path: Path) -> Generator:
    """A foreign 3 x 3 blur that knows 8-bit pictures and nothing above white."""
    foreign(path)
    ports = Port(name="in:0", role="plate"), Port(name="net/out", role="result")
    write_card(
        path, Card(name="blur", inputs=ports[:1], outputs=ports[1:], overlap=1, space="srgb_texture", clamp=True)
    )
    return Generator.load(path, device="cpu")


@pytest.mark.parametrize("fused", [True, False])
def test_exposure_lets_a_foreign_network_see_highlights(tmp_path: Path, fused: bool) -> None:
    """Grain between 4 and 8 in a lamp: a blur must take it away. Above white the network sees one flat 1 and the grain
    is carried past it; four stops down it is picture."""
    blur = blur_for_screens(tmp_path / "blur.onnx")
    there: Transform = transform("lin_rec709", blur.card.space)
    there = there if fused else replace(there, fused=None)
    lamp = np.random.default_rng(0).uniform(4, 8, (32, 32, 1)).astype(np.float32).repeat(3, axis=2)
    made = {stops: blur.apply(lamp, transform=there, grade=Grade(exposure=stops))[0] for stops in (0.0, -4.0)}
    grain = float(lamp.std())
    assert made[0.0].std() == pytest.approx(grain, rel=1e-4)
    assert made[-4.0].std() < 0.4 * grain
    assert made[-4.0].mean() == pytest.approx(lamp.mean(), rel=0.02)


@pytest.mark.parametrize("grade", GRADES, ids=str)
def test_light_beyond_a_clamping_network_is_carried_through_the_grade(tmp_path: Path, grade: Grade) -> None:
    blur = blur_for_screens(tmp_path / "blur.onnx")
    there = transform("lin_rec709", blur.card.space)
    flat = np.full((24, 24, 3), [90.0, 30.0, 6.0], np.float32)
    for way in (there, replace(there, fused=None)):
        made, _ = blur.apply(flat, transform=way, grade=grade)
        np.testing.assert_allclose(made, flat, rtol=1e-3)


def test_grey_lays_the_colour_back_over_what_was_made(tmp_path: Path) -> None:
    """A network that brightens by a stop in ACEScct, fed with grey: every channel of the plate is a stop brighter."""
    net, path = Net(), tmp_path / "stop.onnx"
    net.add("Add", "plate", net.constant(np.float32(1 / 17.52)), name="result")
    card = Card(name="stop", inputs=(Port(name="plate", role="plate"),), outputs=(Port(name="result", role="result"),))
    net.save(path, [("plate", ("N", 3, "H", "W"))], [("result", ("N", 3, "H", "W"))], card=card)
    plate = light().clip(0.1, 100)
    made, _ = Generator.load(path, device="cpu").apply(plate, transform=transform("ACEScg"), grade=Grade(grey=1))
    np.testing.assert_allclose(made, 2 * plate, rtol=1e-4)


def test_style_hands_its_parameters_on(tmp_path: Path) -> None:
    style = Style(Engine(generator=eye(tmp_path / "eye.onnx")))
    frame = Frame.of(light(), "RGB", space="ACEScg")
    settings: dict[str, Any] = {"confidence": True, "input.exposure": 2.0, "input.grey": 0.25}
    settings |= {"input.gamma": 1.3, "input.saturation": 0.8}
    result = style.process({"plate": {0: frame}}, resolve(Style.params, settings, 0))
    grade = Grade(exposure=2.0, gamma=1.3, saturation=0.8, grey=0.25)
    np.testing.assert_allclose(result.pixels[..., 3], graded(light(), grade)[..., 1].clip(0, 1), atol=1e-4)
    assert Grade.of(resolve(Style.params, {}, 0)) == Grade()
