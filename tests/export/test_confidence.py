"""The discriminator's opinion as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
import torch.nn.functional as F
from torch import Tensor

from replate_export import export
from replate_training import checkpoint
from replate_training.checkpoint import Network
from replate_training.networks import Critic, fold

from .looks import SMALL, look, network


def pictures(count: int, side: int) -> Tensor:
    """Smooth pictures, N x 3 x side x side."""
    return F.interpolate(torch.rand(count, 3, 4, 4), size=(side, side), mode="bicubic")


def spoil(picture: Tensor) -> Tensor:
    return picture + 0.2 * torch.randn_like(picture)


def taught_critic() -> Network:
    """A critic that has learnt in a few steps that noise is not real."""
    torch.manual_seed(0)
    critic = Critic(width=4).train()
    optimiser = torch.optim.Adam(critic.parameters(), lr=0.01)
    for _ in range(40):
        real = pictures(4, 32)
        loss = F.softplus(-critic(real)).mean() + F.softplus(critic(spoil(real))).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return Network(family="patch", options={"width": 4}, weights=fold(critic).state_dict())


def test_confidence_falls_where_the_picture_is_spoiled(tmp_path: Path) -> None:
    generator = network("residual", **SMALL)
    generator.weights["last.weight"].zero_()  # a generator that changes nothing
    generator.weights["last.bias"].zero_()
    checkpoint.save(look(generator_network=generator, critic_network=taught_critic()), tmp_path / "final.ckpt")
    (exported,) = export(tmp_path / "final.ckpt", tmp_path / "same.onnx")
    plate = pictures(1, 128)
    plate[..., :64, 64:] = spoil(plate[..., :64, 64:])
    session = ort.InferenceSession(str(exported.path), providers=["CPUExecutionProvider"])
    result, confidence = session.run(["result", "confidence"], {"plate": plate.numpy()})
    np.testing.assert_array_equal(result, plate.numpy())
    spoiled, clean = confidence[0, 0, 8:56, 72:120], confidence[0, 0, 72:120, 8:56]
    assert np.median(spoiled) < np.median(clean) - 0.2
    assert spoiled.max() < np.median(clean)
