"""The fused graph computes what numpy and OpenColorIO compute, whatever the network's tensors look like."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from nets import foreign, identity, tiny_style
from replate.card import Card, Port
from replate.color import Transform, transform
from replate.color.curves import CANDIDATES, Curve, Linear
from replate.generator import Generator
from replate.network import graph
from replate.network.curvegraph import decode, encode
from replate.network.device import open_session
from replate.network.loading import load
from replate.network.onnxfile import read_card, write_card
from replate.network.onnxgraph import GraphWriter

SPACES = ["ACEScg", "lin_rec709", "srgb_texture", "ACEScct", "ACES2065-1"]


def picture(height: int = 50, width: int = 70) -> np.ndarray:
    """Display-referred, 0..1."""
    random = np.random.default_rng(3)
    return (random.random((height, width, 3)) * 0.5 + 0.5 * random.random((height, width, 1))).astype(np.float32)


def light(height: int = 50, width: int = 70) -> np.ndarray:
    """Scene-linear: eight stops of exposure, colours less wild than noise, a few values below 0."""
    random = np.random.default_rng(4)
    values = 0.18 * 2 ** (random.uniform(-4, 4, (height, width, 1)) + random.uniform(-1, 1, (height, width, 3)))
    return np.where(random.random((height, width, 3)) < 0.02, -0.01, values).astype(np.float32)


@pytest.mark.parametrize("curve", [each for each in CANDIDATES if not isinstance(each, Linear)], ids=repr)
def test_curves(curve: Curve) -> None:
    values = np.linspace(-0.2, 1.2, 2001, dtype=np.float32)
    for write, compute, x in ((decode, curve.decode, values), (encode, curve.encode, curve.decode(values))):
        g = GraphWriter("t/")
        name = write(g, curve, g.input("x", 1))
        g.output(name, 1)
        session = open_session(g.model(opset=17, ir_version=8).SerializeToString(), device="cpu")
        made, expected = session.run(None, {"x": x})[0], compute(x.astype(np.float64))
        assert np.abs((made - expected) / np.maximum(np.abs(expected), 1)).max() < 2e-6


@pytest.mark.parametrize("space", SPACES)
def test_fused_equals_plain(tmp_path: Path, space: str) -> None:
    generator = Generator.load(tiny_style(tmp_path / "tiny.onnx", change=0.03, confidence=True), device="cpu")
    fused = transform(space, "ACEScct")
    assert fused.fused is not None
    plate = picture() if space in ("srgb_texture", "ACEScct") else light()
    alpha = np.clip(1.3 * picture()[..., :1], 0.05, 1)
    given = {"alpha": alpha, "weight": picture()[..., 1:2], "strength": 1.3}
    for options in ({}, given):
        rgb = plate * alpha if options else plate
        made, trust = generator.apply(rgb, transform=fused, **options)
        plain, plain_trust = generator.apply(rgb, transform=replace(fused, fused=None), **options)
        forward = transform("ACEScg" if space == "ACEScct" else space, "ACEScct").forward
        assert np.abs(forward(made) - forward(plain)).max() <= 1e-4
        assert trust is not None and plain_trust is not None and np.abs(trust - plain_trust).max() <= 1e-4


@pytest.mark.parametrize("space", SPACES)
def test_a_network_that_does_nothing_changes_nothing(tmp_path: Path, space: str) -> None:
    generator = Generator.load(identity(tmp_path / "same.onnx"), device="cpu")
    plate = picture() if space in ("srgb_texture", "ACEScct") else light()
    made, _ = generator.apply(plate, transform=transform(space, "ACEScct"))
    np.testing.assert_allclose(made, plate, rtol=2e-5, atol=1e-5)


PORTS = [
    Port(name="in:0", role="plate"),
    Port(name="in:0", role="plate", channels="BGR", high=255.0),
    Port(name="in:0", role="plate", layout="NHWC", low=-1.0),
    Port(name="in:0", role="plate", layout="NHWC", channels="BGR", low=-1.0, high=1.0, half=True),
    Port(name="in:0", role="plate", channels="L"),
]


def described(path: Path, port: Port, **given: object) -> Path:
    """A blur of any port, described by its card."""
    foreign(path, layout=port.layout, half=port.half, channels=1 if port.channels == "L" else 3)
    result = replace(port, name="net/out", role="result")
    write_card(path, Card(name="blur", inputs=(port,), outputs=(result,), overlap=1, **given))  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize("port", PORTS, ids=str)
def test_ports(tmp_path: Path, port: Port) -> None:
    """A blur is linear and treats channels alike, so order, range and layout must not show."""
    import cv2

    generator = Generator.load(described(tmp_path / "net.onnx", port), device="cpu")
    plate = picture()
    made, _ = generator.apply(plate, transform=transform("ACEScct", "ACEScct"))
    grey = plate @ np.float32([0.2126, 0.7152, 0.0722])
    seen = np.repeat(grey[..., None], 3, axis=2) if port.channels == "L" else plate
    expected = cv2.blur(seen, (3, 3), borderType=cv2.BORDER_REFLECT_101)
    assert np.abs(made - expected).max() < (2e-3 if port.half else 1e-5)


def test_the_order_of_channels_reaches_the_network(tmp_path: Path) -> None:
    path = tiny_style(tmp_path / "rgb.onnx")
    card = read_card(path)
    assert card is not None
    plate = picture()
    straight, _ = Generator.load(path, device="cpu").apply(plate, transform=transform("ACEScct"))
    ports = [tuple(replace(port, channels="BGR") for port in ports) for ports in (card.inputs, card.outputs)]
    write_card(path, replace(card, inputs=ports[0], outputs=ports[1]))
    turned, _ = Generator.load(path, device="cpu").apply(plate[..., ::-1], transform=transform("ACEScct"))
    assert np.abs(straight - turned[..., ::-1]).max() < 1e-6


def test_light_that_a_clamping_network_cannot_see_is_carried_past_it(tmp_path: Path) -> None:
    port = Port(name="in:0", role="plate", high=255.0)
    generator = Generator.load(described(tmp_path / "net.onnx", port, space="srgb_texture", clamp=True), device="cpu")
    plate = np.full((32, 32, 3), 0.5, np.float32)
    plate[8:24, 8:24] = 6.0
    there = transform("lin_rec709", generator.card.space)
    for each in (there, replace(there, fused=None)):
        made, _ = generator.apply(plate, transform=each)
        np.testing.assert_allclose(made[14:18, 14:18], 6.0, rtol=1e-3)
        np.testing.assert_allclose(made[:4, :4], 0.5, rtol=1e-3)


@pytest.mark.parametrize("value", [-1.0, -1e3, -6e4, -1e8])
def test_a_pixel_far_below_black_does_no_harm_beyond_itself(tmp_path: Path, value: float) -> None:
    """To its neighbours it is no worse than a pixel a little below 0, and it keeps its own depth."""
    net = Generator.load(tiny_style(tmp_path / "tiny.onnx", change=0.3, multiple=1), device="cpu")
    plate = np.full((32, 32, 3), 0.18, np.float32)
    noisy, deep = plate.copy(), plate.copy()
    noisy[16, 16], deep[16, 16] = -0.11, value
    for way in (transform("ACEScg"), replace(transform("ACEScg"), fused=None)):
        expected, made = (net.apply(each, transform=way)[0] for each in (noisy, deep))
        assert made[16, 16] == pytest.approx(value + 0.11 + expected[16, 16], rel=1e-4, abs=1e-4)
        made[16, 16] = expected[16, 16]
        np.testing.assert_allclose(made, expected, rtol=1e-5)


def test_an_old_network_runs_between_two_halves_with_the_same_result(tmp_path: Path) -> None:
    path = tiny_style(tmp_path / "new.onnx", confidence=True)
    card, plate = read_card(path), light()
    assert card is not None
    model = load(path)
    assert len(graph.stages(model, card, graph.Parts())) == 1
    new, trust = Generator.load(path, device="cpu").apply(plate, transform=transform("ACEScg"), strength=0.7)
    model.opset_import[0].version = 13  # every operator of it meant the same then
    onnx.save(model, tmp_path / "old.onnx")
    assert len(graph.stages(model, card, graph.Parts())) == 3
    write_card(tmp_path / "old.onnx", card)
    old = Generator.load(tmp_path / "old.onnx", device="cpu").apply(plate, transform=transform("ACEScg"), strength=0.7)
    assert np.abs(old[0] - new).max() < 1e-5
    assert trust is not None and old[1] is not None and np.abs(old[1] - trust).max() < 1e-6


def test_a_space_that_no_curve_fits_still_renders(tmp_path: Path) -> None:
    class Squared(Transform):
        """Something that only functions can say."""

        def forward(self, rgb: np.ndarray) -> np.ndarray:
            return np.sqrt(np.maximum(rgb, 0))

        def inverse(self, rgb: np.ndarray) -> np.ndarray:
            return rgb * rgb

    generator = Generator.load(identity(tmp_path / "same.onnx"), device="cpu")
    plate = picture(33, 21)
    made, _ = generator.apply(plate, transform=Squared("a", "b", None), tile=64)
    np.testing.assert_allclose(made, plate, atol=1e-6)
