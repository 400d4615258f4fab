"""The samples of a video frame as one array, and back.

Planes are read and written as they lie in memory; swscale is asked only for formats that interleave their samples, to
take them apart. Chroma is not left to it, because PyAV cannot tell it where the samples lie.

Chroma siting (ITU-T H.273, figures 4 and 10): in 4:2:2 and 4:2:0 a chroma sample lies on the left one of the two
columns that share it; in JPEG and MPEG-1 between them. In 4:2:0 it lies between the two rows.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["pack", "planar", "shared_by", "unpack"]

Array = npt.NDArray[Any]

# Width and height of the luma that one chroma sample covers.
_SUBSAMPLING = {(1, 1): "444", (2, 1): "422", (2, 2): "420", (1, 2): "440", (4, 1): "411", (4, 4): "410"}
_PLANAR = re.compile(r"(yuvj?|yuva|gbra?|gray)(4\d\d)?p?(\d+(le)?|f32le)?")


def planar(frame: av.VideoFrame) -> av.VideoFrame:
    """The frame with a plane of its own for each component; raises ValueError for a format that has no such equal."""
    name = _planar_name(frame.format)
    # Several threads garble some of these formats (y210, xv30, ... in FFmpeg 8.1).
    return frame if name == frame.format.name else frame.reformat(format=name, threads=1)


def unpack(frame: av.VideoFrame, *, centred: bool = False) -> Array:
    """H x W x C float32 codes of a planar frame, its components in order: Y' or Y'CbCr or RGB, and alpha.

    Chroma is interpolated linearly; `centred` says that it lies between the columns.
    """
    size, shared = (frame.width, frame.height), shared_by(frame.format.name)
    planes = [_rows(frame, index).astype(np.float32) for index in range(len(frame.format.components))]
    # PyAV calls a plane chroma only where it is smaller than luma.
    wide = [
        _widened(plane, size, shared, centred=centred) if component.is_chroma else plane
        for plane, component in zip(planes, frame.format.components, strict=True)
    ]
    return np.asarray(cv2.merge(wide)).reshape(frame.height, frame.width, -1)


def pack(codes: Array, pixel_format: str) -> av.VideoFrame:
    """A frame of the planar `pixel_format` from H x W x C codes within its range; chroma is left-sited."""
    height, width, _ = codes.shape
    frame, shared = av.VideoFrame(width, height, pixel_format), shared_by(pixel_format)
    for index, component in enumerate(frame.format.components):
        plane = codes[..., index]
        _rows(frame, index)[:] = np.rint(_narrowed(plane, shared) if component.is_chroma else plane)
    return frame


@functools.cache
def shared_by(pixel_format: str) -> tuple[int, int]:
    """How many columns and rows share a chroma sample."""
    kind = av.VideoFormat(pixel_format, 16, 16)
    return 16 // kind.chroma_width(16), 16 // kind.chroma_height(16)


@functools.cache
def _is_planar(name: str) -> bool:
    return bool(_PLANAR.fullmatch(name))


def _planar_name(kind: av.VideoFormat) -> str:
    """The format with a plane for each component that holds the same samples."""
    if _is_planar(kind.name):
        return str(kind.name)
    if kind.name.startswith(("xyz", "bayer")):
        raise ValueError(f"its samples are stored as {kind.name}, which is neither Y'CbCr nor RGB")
    parts = kind.components
    bits = max(part.bits for part in parts)
    depth = "f32le" if "f16" in kind.name or "f32" in kind.name else f"{bits}le" if bits > 8 else ""
    alpha = "a" if kind.has_palette or any(part.is_alpha for part in parts) else ""
    if kind.is_rgb or kind.has_palette or len(parts) == 2:
        return f"gbr{alpha}p{depth}"
    if len(parts) == 1:
        return f"gray{depth}"
    return f"yuv{alpha}{_SUBSAMPLING[shared_by(kind.name)]}p{depth}"


def _rows(frame: av.VideoFrame, index: int) -> Array:
    """The samples of a component as they lie in the frame: height x width, writable."""
    component = frame.format.components[index]
    plane = frame.planes[component.plane]
    if plane.line_size < 0:
        raise ValueError("its rows are stored bottom up")
    kind = {8: np.uint8, 32: np.float32}.get(component.bits, np.uint16 if component.bits > 8 else np.uint8)
    rows = np.frombuffer(plane, kind).reshape(component.height, -1)
    return rows[:, : component.width]


def _widened(plane: Array, size: tuple[int, int], shared: tuple[int, int], *, centred: bool) -> Array:
    """A chroma plane interpolated to (width, height)."""
    across, down = shared
    x, y = (across - 1) / 2 if centred else 0.0, (down - 1) / 2
    # Where a pixel looks for its sample: column (i - x) / across, row (j - y) / down.
    place = np.array([[1 / across, 0, -x / across], [0, 1 / down, -y / down]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(plane, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _narrowed(plane: Array, shared: tuple[int, int]) -> Array:
    """A chroma plane averaged: over three columns around the left one of two, and over two rows."""
    across, down = shared
    columns, rows = np.array([0.25, 0.5, 0.25] if across == 2 else [0, 1, 0]), np.full(down, 1 / down)
    smooth = cv2.sepFilter2D(plane, -1, columns, rows, anchor=(1, 0), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth[::down, ::across])
