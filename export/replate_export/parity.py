"""Does the ONNX file compute what the network computes?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
import onnxruntime as ort
import torch

from replate.errors import ReplateError

from .module import Exportable

__all__ = ["BOUND", "HALF_BOUND", "check", "open_session", "parity", "sizes"]

# In ACEScct one stop is 0.057: the float16 bound is a thirtieth of a stop at the worst pixel.
BOUND = 1e-4
HALF_BOUND = 2e-3


def sizes(multiple: int) -> tuple[tuple[int, int], ...]:
    """Five (height, width), odd multiples and the smallest possible among them."""
    steps = ((1, 1), (8, 8), (7, 13), (21, 5), (17, 30))
    return tuple((multiple * height, multiple * width) for height, width in steps)


def parity(module: Exportable, model: onnx.ModelProto) -> dict[str, float]:
    """Greatest absolute difference of each output from torch's, over all `sizes`."""
    session = open_session(model)
    worst = dict.fromkeys(module.outputs, 0.0)
    for number, (height, width) in enumerate(sizes(module.multiple)):
        inputs = {role: _input(module.shape(role, height, width), seed=number) for role in module.inputs}
        expected = [output.numpy() for output in module(*map(torch.from_numpy, inputs.values()))]
        found = session.run(list(module.outputs), inputs)
        for name, a, b in zip(module.outputs, expected, found, strict=True):
            # A NaN must not pass: it compares as neither greater nor smaller.
            difference = float(np.abs(a - b).max()) if a.shape == b.shape and np.isfinite(b).all() else np.inf
            worst[name] = max(worst[name], difference)
    return worst


def check(worst: Mapping[str, float], *, bound: float, what: object) -> None:
    """Raise ReplateError where a difference exceeds `bound`."""
    for name, difference in worst.items():
        if not difference <= bound:
            raise ReplateError(
                f"{what} was not written: its '{name}' differs from the network by {difference:.2g}, "
                f"more than {bound:g}; please report the checkpoint",
                path=what,
            )


def open_session(model: onnx.ModelProto) -> ort.InferenceSession:
    """A graph to run on the CPU, without remarks that nobody can act upon."""
    options = ort.SessionOptions()
    options.log_severity_level = 3
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _input(shape: tuple[int, ...], *, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A picture from deep shade to far above white (ACEScct -0.2 .. 1.3, broad shapes and noise), or noise alone."""
    random = np.random.default_rng(seed)
    if len(shape) != 4:
        return random.normal(size=shape).astype(np.float32)
    _, channels, height, width = shape
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None, :]
    broad = [np.sin(3 * random.normal() * x + 3 * random.normal() * y + random.normal()) for _ in range(channels)]
    noise = random.normal(size=(channels, height, width))
    picture = np.clip(0.5 + 0.5 * np.stack(broad) + 0.1 * noise, -0.2, 1.3)
    return np.ascontiguousarray(picture[None], np.float32)
