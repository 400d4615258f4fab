"""The perceptual distance, against the formula of torchmetrics and on the real network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchmetrics.functional.image import lpips

from replate_training.filters import blur
from replate_training.judging.perceptual import Perceptual
from replate_training.space import from_display, to_display, to_log

from .test_features import squeezenet


@pytest.fixture
def codes() -> tuple[Tensor, Tensor]:
    """Two pictures as they are shown, 2 x 3 x 72 x 90 in 0..1."""
    generator = torch.Generator().manual_seed(3)
    real = blur(torch.rand(2, 3, 72, 90, generator=generator), 2.0).clamp(0, 1)
    return real, (real + 0.1 * torch.randn(real.shape, generator=generator)).clamp(0, 1)


class _Reference(lpips._LPIPS):
    """torchmetrics' LPIPS around another network, every linear layer a mean."""

    def __init__(self, measured: Perceptual, monkeypatch: pytest.MonkeyPatch) -> None:
        class Net(nn.Module):
            def __init__(self, **options: Any) -> None:
                super().__init__()

            def forward(self, picture: Tensor) -> list[Tensor]:
                return list(measured.network.activations(picture))

        monkeypatch.setattr(lpips, "SqueezeNet", Net)
        super().__init__(pretrained=False, net="squeeze")
        for layer in self.lins:
            nn.init.constant_(layer.model[-1].weight, 0.5 / len(self.lins))
        self.scaling_layer = nn.Identity()


def test_it_is_lpips_with_equal_weights(
    tmp_path: Path, codes: tuple[Tensor, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = Perceptual(squeezenet(tmp_path / "net.onnx"))
    reference = _Reference(measured, monkeypatch)
    pictures = [to_log(from_display(each)) for each in codes]
    mean = torch.tensor([104.0, 117.0, 123.0]).view(3, 1, 1)
    bgr = [255 * to_display(each).flip(1) - mean for each in pictures]
    with torch.no_grad():
        assert float(measured(*pictures)) == pytest.approx(float(reference(*bgr).mean()), rel=1e-4)


def test_the_real_network_orders_what_it_sees(shared: Path, codes: tuple[Tensor, Tensor]) -> None:
    distance = Perceptual(shared / "data" / "features" / "squeezenet1.1_fp16.onnx")
    real = to_log(from_display(codes[0]))
    noise = torch.randn(real.shape, generator=torch.Generator().manual_seed(1))
    assert float(distance(real, real)) == 0
    for spoiled in ([real + size * noise for size in (0.01, 0.03, 0.1)], [blur(real, s) for s in (1.0, 2.0, 4.0)]):
        apart = [float(distance(each, real)) for each in spoiled]
        assert 0 < apart[0] < apart[1] < apart[2] < 1
    assert float(distance(real + 0.003, real)) < float(distance(real + 0.1 * noise, real))
