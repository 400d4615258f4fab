"""Pictures from noise, laid over plates and over nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nets import FACES, faces, identity
from plates import bits, plate, read, write, write_mask, write_shot
from replate.card import Card, Port
from replate.color import transform
from replate.errors import GeneratorError, ReplateError, UsageError
from replate.generator import Generator
from replate.job import Job
from replate.params import Curve
from replate.picture.noise import noise
from replate.render import render

LENGTH, SIDE = FACES.inputs[0].length, FACES.size[0]


@pytest.fixture
def generator(tmp_path: Path) -> Path:
    return faces(tmp_path / "faces.onnx")


def effect(folder: Path, generator: Path | str, *, source: str = f"blank:{SIDE}x{SIDE}", **given: Any) -> Path:
    """Render into `folder`; `mask`, `frames` and job options by name, everything else is a parameter."""
    options = {name: given.pop(name) for name in ("color_space",) if name in given}
    inputs = {"plate": source} | ({"mask": str(given.pop("mask"))} if "mask" in given else {})
    frames, output = given.pop("frames", "1-3"), str(folder / given.pop("name", "%04d.exr"))
    params = {name.replace("_", "."): value for name, value in given.items()}
    job = Job(
        node="effect",
        inputs=inputs,
        output=output,
        frames=frames,
        generator=str(generator),
        params=params,
        options={"device": "cpu", **options},
    )
    report = render(job)
    assert not report.failed, report.failed
    return folder


def frames(folder: Path) -> list[np.ndarray]:
    return [read(path)[0] for path in sorted(folder.glob("*.exr"))]


def made(generator: Path, seed: float, **how: Any) -> np.ndarray:
    """The picture of a seed in ACEScg, by NumPy: H x W x 3 of half precision."""
    weights = np.random.default_rng(3).normal(0, 0.03, (LENGTH, 3 * SIDE * SIDE)).astype(np.float32)
    log = (noise(seed, LENGTH, **how) @ weights).reshape(3, SIDE, SIDE).transpose(1, 2, 0) + np.float32(0.4)
    light: np.ndarray = transform("ACEScct", "ACEScg").forward(np.ascontiguousarray(log))
    return light


@pytest.mark.parametrize("opset", [17, 18])
def test_whole_seeds_give_the_pictures_of_their_noise(tmp_path: Path, opset: int) -> None:
    generator = faces(tmp_path / "faces.onnx", opset=opset)
    keys = Curve(((1, 0), (2, 1), (3, 2)), "hold")
    pictures = frames(effect(tmp_path / "out", generator, seed=keys))
    for seed, picture in enumerate(pictures):
        np.testing.assert_allclose(picture[..., :3], made(generator, seed), rtol=2e-3, atol=1e-4)
        assert (picture[..., 3] == 1).all()
    assert np.abs(pictures[0] - pictures[1]).mean() > 0.01


def test_a_still_seed_stands_still(tmp_path: Path, generator: Path) -> None:
    first, *others = frames(effect(tmp_path / "out", generator, seed=7.25))
    assert all(np.array_equal(bits(first), bits(other)) for other in others)


def test_a_keyed_seed_moves_smoothly(tmp_path: Path, generator: Path) -> None:
    keys = Curve(((1, 3), (9, 4)))
    pictures = frames(effect(tmp_path / "out", generator, seed=keys, frames="1-9"))
    steps = [float(np.abs(b - a).mean()) for a, b in pairwise(pictures)]
    assert min(steps) > 0 and max(steps) < 2.5 * min(steps)
    assert max(steps) < 0.5 * float(np.abs(pictures[0] - pictures[-1]).mean())


def test_chunks_are_the_whole(tmp_path: Path, generator: Path) -> None:
    keys = Curve(((1, 0.5), (6, 4.75)), "smooth")
    whole = frames(effect(tmp_path / "whole", generator, seed=keys, frames="1-6"))
    for chunk in ("4-6", "2", "1,3"):
        effect(tmp_path / "chunks", generator, seed=keys, frames=chunk)
    parts = frames(tmp_path / "chunks")
    assert all(np.array_equal(bits(a), bits(b)) for a, b in zip(whole, parts, strict=True))


def test_variety_nought_is_one_picture(tmp_path: Path, generator: Path) -> None:
    keys = Curve(((1, 0), (3, 40)))
    pictures = frames(effect(tmp_path / "out", generator, seed=keys, variety=0))
    assert all(np.array_equal(pictures[0], other) for other in pictures)
    np.testing.assert_allclose(pictures[0][..., :3], made(generator, 5, variety=0), rtol=2e-3)


def test_at_its_own_size_a_picture_is_not_resampled(generator: Path) -> None:
    network, space = Generator.load(generator, device="cpu"), transform("ACEScct", "ACEScct")
    z = noise(4, LENGTH)
    result = network.apply(np.zeros((SIDE, SIDE, 3), np.float32), transform=space, noise=z)[0]
    weights = np.random.default_rng(3).normal(0, 0.03, (LENGTH, 3 * SIDE * SIDE)).astype(np.float32)
    np.testing.assert_allclose(result.transpose(2, 0, 1).ravel(), (z @ weights)[0] + 0.4, atol=1e-6)


def test_the_plate_stays_bit_equal_where_the_mask_is_black(tmp_path: Path, generator: Path) -> None:
    shot = write_shot(tmp_path / "shot", [1, 2, 3])
    matte = np.zeros((48, 64), np.float32)
    matte[:, 32:] = 1
    mask = write_mask(tmp_path / "mask.exr", matte)
    before = frames(tmp_path / "shot")
    after = frames(effect(tmp_path / "out", generator, source=shot, mask=mask, seed=2))
    for a, b in zip(before, after, strict=True):
        assert np.array_equal(bits(a[:, :32]), bits(b[:, :32]))
        assert np.abs(a[:, 33:, :3].astype(np.float32) - b[:, 33:, :3]).mean() > 0.01


def test_mix_nought_leaves_everything(tmp_path: Path, generator: Path) -> None:
    shot = write_shot(tmp_path / "shot", [1])
    effect(tmp_path / "out", generator, source=shot, mix=0, frames="1")
    assert np.array_equal(bits(frames(tmp_path / "shot")[0]), bits(frames(tmp_path / "out")[0]))


def test_it_lies_over_a_plate_as_porter_and_duff_say(tmp_path: Path, generator: Path) -> None:
    below = plate(SIDE, SIDE)
    below[..., 3] = 0.5
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "0001.exr", below)
    source = str(tmp_path / "in" / "%04d.exr")
    (result,) = frames(effect(tmp_path / "out", generator, source=source, mix=0.25, frames="1", color_space="ACEScg"))
    expected = below[..., :3] + 0.25 * (made(generator, 0) - below[..., :3])
    np.testing.assert_allclose(result[..., :3], expected, rtol=4e-3, atol=2e-3)
    np.testing.assert_allclose(result[..., 3], 0.625, atol=1e-3)


def test_it_covers_the_display_window_of_a_smaller_plate(tmp_path: Path, generator: Path) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "0001.exr", plate(4, 6), origin=(5, 3), display=(0, 0, SIDE, SIDE))
    source = str(tmp_path / "in" / "%04d.exr")
    (result,) = frames(effect(tmp_path / "out", generator, source=source, frames="1", color_space="ACEScg"))
    np.testing.assert_allclose(result[..., :3], made(generator, 0), rtol=4e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("source", "words"),
    [("blank:16", "write blank:WIDTHxHEIGHT"), ("blank:0x9", "write blank:"), ("blank:70000x9", "write blank:")],
)
def test_a_wrong_blank_plate_is_told(tmp_path: Path, generator: Path, source: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        effect(tmp_path, generator, source=source)


def test_a_blank_plate_needs_frames(tmp_path: Path, generator: Path) -> None:
    with pytest.raises(UsageError, match="has no frames of its own; say which to make"):
        effect(tmp_path, generator, frames="")


def test_a_blank_plate_has_the_frame_rate_that_it_names(tmp_path: Path, generator: Path) -> None:
    effect(tmp_path / "out", generator, source=f"blank:{SIDE}x{SIDE}@23.976", frames="1")
    assert read(tmp_path / "out" / "0001.exr")[1]["FramesPerSecond"] == (24000, 1001)


def test_without_a_generator_it_is_fire_and_wants_an_emitter(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs the input 'mask': the emitter"):
        effect(tmp_path, "")


def test_a_generator_that_needs_a_plate_is_refused(tmp_path: Path) -> None:
    generator = identity(tmp_path / "plain.onnx", card=Card(name="plain", kind="effect"))
    with pytest.raises(UsageError, match="'plain' takes no noise"):
        effect(tmp_path, generator)


@pytest.mark.parametrize(
    "wrong", [{"size": None}, {"kind": "style"}, {"fit": "tile"}, {"inputs": (Port(name="z", role="noise"),)}]
)
def test_a_card_that_says_too_little_of_noise_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    generator = faces(tmp_path / "faces.onnx", card=replace(FACES, **wrong))
    with pytest.raises(GeneratorError, match="has a port of role 'noise'"):
        Generator.load(generator, device="cpu").check()


def test_a_job_keeps_its_blank_plate(tmp_path: Path) -> None:
    job = Job(node="effect", inputs={"plate": "blank:8x8"}, output="out.%04d.exr", frames="1")
    job.save(tmp_path / "job.json")
    assert Job.load(tmp_path / "job.json").inputs["plate"] == "blank:8x8"


def test_errors_are_ours(tmp_path: Path, generator: Path) -> None:
    with pytest.raises(ReplateError, match="variety"):
        effect(tmp_path, generator, variety=3)
