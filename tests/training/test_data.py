"""Batches are functions of (seed, step); targets are made once."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from replate.errors import InputError
from replate_training.material.data import Batch, Style, dice
from replate_training.material.pairs import Pairs
from replate_training.material.teaching import teach


def draw(pairs: Pairs, step: int, *, stops: float = 4.0) -> Batch:
    return pairs.batch(count=3, crop=64, stops=stops, random=dice(1, step, "pairs"))


def test_a_batch_is_a_function_of_seed_and_step(pairs: Pairs) -> None:
    draw(pairs, 6)
    first, again, other = draw(pairs, 5), draw(pairs, 5), draw(pairs, 6)
    assert torch.equal(first.inputs[0], again.inputs[0])
    assert first.target is not None and again.target is not None and torch.equal(first.target, again.target)
    assert not torch.equal(first.inputs[0], other.inputs[0])
    assert first.inputs[0].shape == (3, 3, 64, 64) and first.inputs[0].dtype == torch.float32


def test_streams_of_one_step_differ() -> None:
    values = {
        float(torch.rand((), generator=dice(seed, step, stream)))
        for seed in (1, 2)
        for step in (1, 2)
        for stream in "ab"
    }
    assert len(values) == 8


def test_plate_and_target_are_cut_and_exposed_alike(plates: list[Tensor]) -> None:
    batch = draw(Pairs(plates, plates), 9)
    assert batch.target is not None and torch.equal(batch.inputs[0], batch.target)
    means = batch.target.mean(dim=(1, 2, 3))
    assert means.max() - means.min() > 0.02


def test_flat_style_crops_are_drawn_again() -> None:
    half_empty = torch.zeros(3, 64, 400).half()
    half_empty[..., 300:] = torch.rand(3, 64, 100).half()
    crops = Style([half_empty]).batch(count=8, crop=64, random=dice(1, 1, "style"))
    assert crops.shape == (8, 3, 64, 64)
    assert (crops.flatten(1).std(1) > 0.03).sum() >= 7


def test_targets_are_made_once(plates: list[Tensor], tmp_path: Path) -> None:
    calls = []

    def teacher(plate: Tensor) -> Tensor:
        calls.append(plate.shape)
        return plate * 0.5

    first = teach(plates, teacher, cache=tmp_path)
    again = teach(plates, teacher, cache=tmp_path)
    assert len(calls) == len(plates)
    assert all(torch.equal(a, b) for a, b in zip(first.targets, again.targets, strict=True))
    assert not list(tmp_path.glob("*.part"))


def test_a_damaged_target_is_named(plates: list[Tensor], tmp_path: Path) -> None:
    teach(plates[:1], torch.nn.Identity().forward, cache=tmp_path)
    path = next(tmp_path.glob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match=path.name):
        teach(plates[:1], torch.nn.Identity().forward, cache=tmp_path)
