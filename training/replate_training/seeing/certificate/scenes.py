"""Before and after: the pictures of a certificate, as data URIs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...checkpoint import Trained
from ...judging.metrics import any_size
from ...material.data import Batch
from ...space import to_codes

__all__ = ["Scene", "View", "data_uri", "scene"]

_WIDEST = 1280  # pixels of a whole picture on the page
_CROP = (240, 320)  # its height and width


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One state of a picture: "plate", "target", "result" or "confidence"; whole, and a crop at 1:1."""

    name: str
    whole: str
    crop: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An example in all its views. `mark` is where the crop lies: left, top, width, height in percent of the whole;
    `crop` its width in pixels."""

    width: int
    height: int
    crop: int
    mark: tuple[float, float, float, float]
    views: tuple[View, ...]


def scene(trained: Trained, example: Batch) -> Scene:
    """An example as the look treats it; the crop is where the result has most detail."""
    shown = dict(_views(trained, example))
    height, width = shown["result"].shape[-2:]
    top, left, size_y, size_x = _busiest(shown["result"])
    window = (..., slice(top, top + size_y), slice(left, left + size_x))
    views = (View(name=name, whole=_jpeg(codes), crop=_png(codes[window])) for name, codes in shown.items())
    return Scene(
        width=width,
        height=height,
        crop=size_x,
        mark=(100 * left / width, 100 * top / height, 100 * size_x / width, 100 * size_y / height),
        views=tuple(views),
    )


def data_uri(kind: str, content: bytes) -> str:
    """A file inside of a page."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _views(trained: Trained, example: Batch) -> Iterator[tuple[str, Tensor]]:
    """Display codes 0..1, 3 x H x W, of every picture that there is. Noise and hints are no pictures."""
    inputs = [each.float() for each in example.inputs]
    with torch.no_grad():
        result = any_size(trained.generator(), trained.multiple)(*inputs)
        if inputs[0].shape[1] in (1, 3):
            yield "plate", _codes(inputs[0], trained.space)
        if example.target is not None:
            yield "target", _codes(example.target.float(), trained.space)
        yield "result", _codes(result, trained.space)
        if critic := trained.discriminator():
            confidence: Callable[..., Tensor] = critic.confidence
            yield "confidence", any_size(confidence, critic.multiple)(result)[0].expand(3, -1, -1)


def _codes(picture: Tensor, space: str) -> Tensor:
    return to_codes(picture[0].expand(3, -1, -1), space)


def _busiest(codes: Tensor) -> tuple[int, int, int, int]:
    """Top, left, height and width of the window of the crop's size that has most detail."""
    high, wide = (min(side, whole) for side, whole in zip(_CROP, codes.shape[-2:], strict=True))
    grey = codes.mean(0, keepdim=True)[None]
    # Roots, so that fine texture all over wins against one hard edge.
    detail = F.avg_pool2d((grey - F.avg_pool2d(grey, 5, 1, 2)).abs().sqrt(), (high, wide), stride=8)[0, 0]
    row, column = divmod(int(detail.argmax()), detail.shape[1])
    return 8 * row, 8 * column, high, wide


def _jpeg(codes: Tensor) -> str:
    pixels = _pixels(codes)
    shrink = min(1.0, _WIDEST / pixels.shape[1])
    if shrink < 1:
        pixels = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return data_uri("image/jpeg", cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes())


def _png(codes: Tensor) -> str:
    return data_uri("image/png", cv2.imencode(".png", _pixels(codes))[1].tobytes())


def _pixels(codes: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """8-bit BGR, as OpenCV writes it."""
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = (
        (codes * 255).round().byte().permute(1, 2, 0).flip(-1).contiguous().numpy()
    )
    return pixels
