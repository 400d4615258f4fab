"""The discriminator's opinion as a picture, from a training to an ONNX session."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from replate.news.progress import Watcher
from replate_export import Exported, export
from replate_training.filters import blur
from replate_training.judging.lesson import Paired
from replate_training.loop.run import Run
from replate_training.loop.trainer import Trainer
from replate_training.material.data import Material
from replate_training.material.pairs import Pairs, PairSource
from replate_training.networks import Architecture
from replate_training.recipe import Adversary, Recipe, Schedule

from .looks import SMALL


def smooth(seed: int, side: int = 96) -> Tensor:
    """A soft picture, 3 x side x side in ACEScct."""
    coarse = torch.rand(1, 3, 6, 6, generator=torch.Generator().manual_seed(seed))
    return 0.3 + 0.2 * F.interpolate(coarse, size=(side, side), mode="bicubic")[0]


def grainy(picture: Tensor, seed: int) -> Tensor:
    """The same as if on film: what this look should make of it."""
    return picture + 0.03 * torch.randn(picture.shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A look that came out of a training in which the critic learnt while the generator had no grain to show."""
    folder = tmp_path_factory.mktemp("grain")
    recipe = Recipe(
        name="grain",
        title="Grain",
        description="For tests.",
        data=lambda site: material,
        lesson=Paired(edges=0.0, steady=0.0),
        generator=Architecture(options=SMALL),
        adversary=Adversary(objective="hinge", rate=5e-3, critic=Architecture(family="patch", options={"width": 8})),
        schedule=Schedule(judge=0.0, play=1.0),
        crop=80,
        margin=8,
        batch=4,
        rate=1e-4,
    )
    plates = [smooth(seed) for seed in range(6)]
    pairs = Pairs([each.half() for each in plates], [grainy(each, seed).half() for seed, each in enumerate(plates)])
    material = Material(source=PairSource(pairs=pairs, count=4, crop=80, margin=8, stops=1.0))
    run = Run(out=folder, steps=60, device="cpu", precision="fp32")
    torch.set_num_threads(1)
    Trainer(recipe, run, material).run(Watcher())
    return export(folder / "final.ckpt", folder / "grain.onnx")[0]


def confidence(exported: Exported, plate: Tensor) -> NDArray[np.float32]:
    session = ort.InferenceSession(str(exported.path), providers=["CPUExecutionProvider"])
    picture: NDArray[np.float32] = session.run(["confidence"], {"plate": plate[None].numpy()})[0]
    return picture[0, 0]


def test_confidence_falls_where_the_result_was_spoiled_and_nowhere_else(exported: Exported) -> None:
    whole = grainy(smooth(70, 384), 71)
    spoiled = whole.clone()
    spoiled[:, 32:128, 224:352] = blur(whole[None], 3.0)[0, :, 32:128, 224:352]
    before, after = confidence(exported, whole), confidence(exported, spoiled)
    inside, margin = (slice(48, 112), slice(240, 336)), exported.card.overlap
    assert before.min() > 0.5  # grain that it never saw is real to it, everywhere
    assert np.median(after[inside]) < np.median(before[inside]) - 0.2
    assert after[inside].max() < 0.5
    far = np.ones_like(before, bool)
    far[: 128 + margin, 224 - margin :] = False
    assert far.any() and np.abs(before - after)[far].max() < 1e-5
