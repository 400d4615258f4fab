"""Foreign ONNX files of every odd shape, and the sidecar that corrects what was guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from nets import Net, foreign, tiny_style
from replate.card import Card
from replate.color import transform
from replate.errors import GeneratorError, OutputError, UsageError
from replate.generator import Generator
from replate.inspection import inspect, report, sidecar_of, write_sidecar


def facts(path: Path) -> dict[str, tuple[str, bool]]:
    return {fact.entry: (fact.value, fact.sure) for fact in inspect(path).facts}


CASES: list[tuple[dict[str, Any], dict[str, tuple[str, bool]]]] = [
    (
        {},
        {
            "input.layout": ("NCHW", True),
            "input.channels": ("RGB", False),
            "fit": ("tile", True),
            "size": ("any", True),
        },
    ),
    ({"layout": "NHWC"}, {"input.layout": ("NHWC", True)}),
    ({"half": True}, {"multiple": ("1", True)}),
    ({"channels": 1}, {"input.channels": ("L", True)}),
    ({"multiple": 6}, {"multiple": ("6", True), "overlap": ("6", True)}),
    ({"multiple": 16}, {"multiple": ("16", True)}),
    ({"scale": 1 / 127.5, "offset": -1.0}, {"input.range": ("0..255", True)}),
    ({"scale": 2.0, "offset": -1.0}, {"input.range": ("0..1", True)}),
    ({"size": (96, 128)}, {"size": ("128x96", True), "fit": ("tile", True), "overlap": ("1", True)}),
]


@pytest.mark.parametrize(("given", "expected"), CASES, ids=lambda each: str(each))
def test_what_is_inferred(tmp_path: Path, given: dict[str, Any], expected: dict[str, tuple[str, bool]]) -> None:
    path = foreign(tmp_path / "net.onnx", **given)
    assert expected.items() <= facts(path).items()
    rgb = np.random.default_rng(0).random((53, 47, 3), dtype=np.float32)
    generator = Generator.load(path, device="cpu")
    made, _ = generator.apply(rgb, transform=transform("srgb_texture", generator.card.space))
    assert made.shape == rgb.shape and made[1:-1, 1:-1].std() < rgb.std()


@pytest.mark.parametrize("size", [None, (96, 128)])
def test_whole_image_statistics_run_untiled_with_the_reason(tmp_path: Path, size: tuple[int, int] | None) -> None:
    path = foreign(tmp_path / "net.onnx", statistics=True, size=size)
    generator = Generator.load(path, device="cpu")
    how = "resized to 128x96" if size else "in one piece"
    assert generator.card.fit == "resize"
    assert f"net.onnx: every frame goes in {how}, untiled, because its InstanceNormalization" in generator.notes[0]
    assert "input.channels RGB" in generator.notes[1] and "net.card.json" in generator.notes[1]
    rgb = np.random.default_rng(0).random((150, 260, 3), dtype=np.float32)
    space = transform("srgb_texture", generator.card.space)
    whole, tiled = (generator.apply(rgb, transform=space, tile=tile)[0] for tile in ("off", 64))
    assert np.array_equal(whole, tiled)


def test_statistics_that_no_operator_names_are_found_by_trial(tmp_path: Path) -> None:
    net = Net()
    mean = net.add("MatMul", net.constant(np.ones((1, 1, 64, 64)) / 64), "x")
    net.add("Add", "x", net.add("MatMul", mean, net.constant(np.ones((1, 1, 64, 64)) / 64)), name="y")
    path = net.save(tmp_path / "net.onnx", [("x", (1, 3, 64, 64))], [("y", (1, 3, 64, 64))])
    assert "its pixels depend on the whole picture" in inspect(path).card.reason


def test_the_range_of_an_activation_is_evidence(tmp_path: Path) -> None:
    net = Net()
    spread = net.add("Mul", net.add("Tanh", net.add("Sub", "x", net.constant(110.0))), net.constant(150.0))
    net.add("Add", spread, net.constant(np.float32([103.9, 116.8, 123.7]).reshape(3, 1, 1)), name="y")
    path = net.save(tmp_path / "net.onnx", [("x", (1, 3, "H", "W"))], [("y", (1, 3, "H", "W"))])
    found = facts(path)
    assert found["input.range"] == found["output.range"] == ("0..255", True)


def test_subtracted_means_tell_the_order(tmp_path: Path) -> None:
    net = Net()
    mean = net.constant(np.float32([0.406, 0.456, 0.485]).reshape(1, 3, 1, 1))
    net.add("Sigmoid", net.add("Sub", "x", mean), name="y")
    path = net.save(tmp_path / "net.onnx", [("x", (1, 3, "H", "W"))], [("y", (1, 3, "H", "W"))])
    assert facts(path)["input.channels"] == ("BGR", True)


def test_names_are_no_proof(tmp_path: Path) -> None:
    found = facts(foreign(tmp_path / "bgr_255.onnx", names=("bgr255", "out")))
    assert found["input.channels"] == ("RGB", False) and found["input.range"] == ("0..1", False)


def test_declared_metadata_is_believed(tmp_path: Path) -> None:
    path = foreign(tmp_path / "net.onnx")
    model = onnx.load(path)
    helper.set_model_props(model, {"Image.BitmapPixelFormat": "Bgr8"})
    onnx.save(model, path)
    assert facts(path)["input.channels"] == ("BGR", True)


def test_what_makes_no_picture_is_refused_in_a_sentence(tmp_path: Path) -> None:
    def saved(name: str, op: str, source: tuple[Any, ...], result: tuple[Any, ...], **attributes: Any) -> Path:
        net = Net()
        net.add(op, "x", name="y", **attributes)
        return net.save(tmp_path / f"{name}.onnx", [("x", *source)], [("y", *result)])

    free, fixed = ("N", 3, "H", "W"), (1, 3, 64, 64)
    refused = {
        saved("classes", "GlobalAveragePool", (fixed,), ((1, 3, 1, 1),)): "makes no picture: its output 'y' is 1x3x1x1",
        saved("pooled", "AveragePool", (free,), (free,), kernel_shape=[2, 2], strides=[2, 2]): "gives no picture",
        saved("bytes", "Identity", (fixed, TensorProto.UINT8), (fixed, TensorProto.UINT8)): "1x3x64x64 uint8",
        saved("sound", "Identity", ((1, 16000),), ((1, 16000),)): "'x' of 1x16000 float",
    }
    for path, words in refused.items():
        with pytest.raises(GeneratorError) as caught:
            inspect(path)
        assert words in str(caught.value) and str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_second_input_is_refused_by_name(tmp_path: Path) -> None:
    net = Net()
    net.add("Add", "x", "weight", name="y")
    path = net.save(tmp_path / "net.onnx", [("x", (1, 3, "H", "W")), ("weight", (1,))], [("y", (1, 3, "H", "W"))])
    with pytest.raises(GeneratorError, match="takes 'x', 'weight', not one picture"):
        inspect(path)


def test_a_partial_sidecar_wins(tmp_path: Path) -> None:
    path = foreign(tmp_path / "net.onnx", size=(96, 128), statistics=True)
    sidecar_of(path).write_text('{"fit": "tile", "overlap": 8, "inputs": [{"channels": "BGR", "high": 255}]}')
    card = inspect(path).card
    assert (card.fit, card.overlap, card.size) == ("tile", 8, (96, 128))
    assert (card.inputs[0].channels, card.inputs[0].high, card.inputs[0].name) == ("BGR", 255, "in:0")
    assert "net.card.json says so" in report(inspect(path))
    assert "in tiles, as its sidecar says, though its InstanceNormalization" in inspect(path).notes[0]
    generator = Generator.load(path, device="cpu")
    rgb = np.random.default_rng(0).random((150, 260, 3), dtype=np.float32)
    assert generator.apply(rgb, transform=transform("srgb_texture", card.space))[0].shape == rgb.shape


def test_a_wrong_sidecar_is_named(tmp_path: Path) -> None:
    path = foreign(tmp_path / "net.onnx")
    for text, word in (
        ("{", "cannot be read"),
        ('{"multipel": 8}', "multipel"),
        ("[]", "no card"),
        ('{"multiple": "eight"}', "multiple"),
        ('{"multiple": 0}', "multiple"),
        ('{"inputs": {"channels": "BGR"}}', "inputs"),
        ('{"inputs": ["BGR"]}', "inputs"),
        ('{"size": [720]}', "size"),
    ):
        sidecar_of(path).write_text(text)
        with pytest.raises(GeneratorError, match=rf"net\.card\.json.*{word}"):
            inspect(path)


def test_the_channel_order_of_the_input_holds_for_the_output(tmp_path: Path) -> None:
    path = foreign(tmp_path / "net.onnx")
    sidecar_of(path).write_text('{"inputs": [{"channels": "BGR"}]}')
    assert inspect(path).card.outputs[0].channels == "BGR", "else red and blue would be swapped"
    sidecar_of(path).write_text('{"inputs": [{"channels": "BGR"}], "outputs": [{"channels": "RGB"}]}')
    assert inspect(path).card.outputs[0].channels == "RGB"


def test_the_written_sidecar_reads_back_and_is_not_overwritten(tmp_path: Path) -> None:
    path = foreign(tmp_path / "net.onnx", multiple=4)
    inferred = inspect(path).card
    written = write_sidecar(path)
    assert json.loads(written.read_text())["inputs"][0]["channels"] == "RGB"
    assert inspect(path).card == inferred
    assert inspect(path).notes == (), "what a person wrote down is no guess"
    with pytest.raises(OutputError, match="exists already"):
        write_sidecar(path)


def test_a_file_with_a_card_is_taken_at_its_word(tmp_path: Path) -> None:
    path = tiny_style(tmp_path / "tiny.onnx")
    finding = inspect(path)
    with pytest.raises(UsageError, match="its own card"):
        write_sidecar(path)
    assert finding.facts == () and finding.card.multiple == 8 and '"name": "tiny"' in report(finding)


def test_the_preview_is_not_printed(tmp_path: Path) -> None:
    path = tiny_style(tmp_path / "tiny.onnx", card=Card(name="tiny", preview="/9j/" * 1000))
    assert "a picture of 3000 bytes" in report(inspect(path)) and "/9j/" not in report(inspect(path))


EXPECTED = {
    "fns_mosaic_bgr_720": ("BGR", (720, 720), "InstanceNormalization"),
    "fns_udnie_rgb_256": ("RGB", (256, 256), "ReduceMean"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_networks_from_elsewhere_run_at_1080p(shared: Path, name: str) -> None:
    order, size, operator = EXPECTED[name]
    generator = Generator.load(shared / "data" / "onnx" / f"{name}.onnx", device="cpu")
    card = generator.card
    assert (card.inputs[0].channels, card.inputs[0].high, card.size, card.fit) == (order, 255, size, "resize")
    assert operator in generator.notes[0]
    y, x = np.mgrid[0:1080, 0:1920].astype(np.float32)
    rgb = np.stack([x / 1920, y / 1080, ((x // 120 + y // 120) % 2)], -1)
    rgb[:100, :100] = 9.0
    made, _ = generator.apply(rgb, transform=transform("lin_rec709", card.space))
    assert made.shape == rgb.shape and np.isfinite(made).all()
    assert np.abs(made - rgb)[200:].mean() > 0.02
    assert made[10:90, 10:90].min() >= 8.0, "light above 1 is carried past the network"
