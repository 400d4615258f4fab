"""The feature loss, with an invented SqueezeNet: the real one's shapes, random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper

from replate.errors import InputError
from replate_training.judging.features import Features

FIRES = (
    (64, 16, 64),
    (128, 16, 64),
    (128, 32, 128),
    (256, 32, 128),
    (256, 48, 192),
    (384, 48, 192),
    (384, 64, 256),
    (512, 64, 256),
)


def squeezenet(path: Path) -> Path:
    random, shapes = np.random.default_rng(1), [(64, 3, 3, 3)]
    for inputs, squeezed, expanded in FIRES:
        shapes += [(squeezed, inputs, 1, 1), (expanded, squeezed, 1, 1), (expanded, squeezed, 3, 3)]
    nodes, weights = [], []
    for index, shape in enumerate(shapes):
        scale = np.sqrt(2 / np.prod(shape[1:]))
        weights.append(numpy_helper.from_array((scale * random.standard_normal(shape)).astype(np.float16), f"w{index}"))
        weights.append(numpy_helper.from_array(np.zeros(shape[0], np.float16), f"b{index}"))
        nodes.append(helper.make_node("Conv", [f"x{index}", f"w{index}", f"b{index}"], [f"x{index + 1}"]))
    onnx.save(helper.make_model(helper.make_graph(nodes, "squeezenet", [], [], weights)), path)
    return path


def test_distance_grows_with_the_difference_and_ignores_exposure(tmp_path: Path) -> None:
    features = Features(squeezenet(tmp_path / "net.onnx"))
    picture, noise = 0.4 + 0.1 * torch.rand(1, 3, 64, 64), 0.1 * torch.randn(1, 3, 64, 64)
    assert float(features(picture, picture)) == 0
    assert float(features(picture + 0.3 * noise, picture)) < float(features(picture + noise, picture))
    near = features(picture + noise + 0.2, picture + 0.2)
    assert float(near) == pytest.approx(float(features(picture + noise, picture)), rel=1e-3)


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "junk.onnx").write_bytes(b"junk")
    with pytest.raises(InputError, match="cannot be read"):
        Features(tmp_path / "junk.onnx")
    onnx.save(helper.make_model(helper.make_graph([], "empty", [], [])), tmp_path / "empty.onnx")
    with pytest.raises(InputError, match="too few convolutions"):
        Features(tmp_path / "empty.onnx")
