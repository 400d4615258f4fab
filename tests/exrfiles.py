"""EXR files for tests, written by OpenEXR itself or byte by byte, so that Replate's own writer has no part in them."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenEXR

__all__ = ["ATTRIBUTES", "channels_of", "every_half", "every_kind", "write_luminance_chroma"]

Array = npt.NDArray[Any]

_PREVIEW = OpenEXR.PreviewImage(np.zeros((3, 5), dtype=[("r", "u1"), ("g", "u1"), ("b", "u1"), ("a", "u1")]))
_TILES = OpenEXR.TileDescription()
_TILES.xSize, _TILES.ySize = 16, 8

ATTRIBUTES: dict[str, Any] = {
    "anInt": -7,
    "aFloat": 0.1,
    "aDouble": np.array([0.1]),
    "aString": "Zoë, slate 7",
    "anEmptyString": "",
    "words": ["left", "", "right"],
    "floats": [0.5, -1e30],
    "v2i": np.array([-1, 2], np.int32),
    "v2f": np.array([0.5, np.inf], np.float32),
    "v2d": np.array([0.1, -0.2]),
    "v3i": np.array([1, 2, 3], np.int32),
    "v3f": np.array([1, 2, 3], np.float32),
    "v3d": np.array([0.1, 0.2, 0.3]),
    "m33f": np.arange(9, dtype=np.float32).reshape(3, 3),
    "m33d": np.arange(9, dtype=np.float64).reshape(3, 3) / 7,
    "worldToCamera": np.arange(16, dtype=np.float32).reshape(4, 4),
    "m44d": np.arange(16, dtype=np.float64).reshape(4, 4) / 7,
    "box2i": ((-1, -2), (3, 4)),
    "box2f": ((-1.5, -2.5), (3.5, 4.5)),
    "framesPerSecond": Fraction(24000, 1001),
    # 48/2: the same rate as 24/1, and yet another attribute.
    "unreduced": OpenEXR.OpaqueAttribute(struct.pack("<iI", 48, 2), "rational"),
    "timeCode": OpenEXR.TimeCode(1, 2, 3, 4, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8),
    "keyCode": OpenEXR.KeyCode(1, 2, 3, 4, 5, 4, 64),
    "chromaticities": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767),
    "adoptedNeutral": (0.32168, 0.33767),
    "originalDataWindow": ((0, 0), (9, 9)),
    "screenWindowCenter": (0.25, -0.5),
    "screenWindowWidth": 2.5,
    "pixelAspectRatio": 2.0,
    "envmap": OpenEXR.ENVMAP_CUBE,
    "preview": _PREVIEW,
    "bytes": OpenEXR.Bytes(b"\0\1\2", "a hint"),
    "studio/secret": OpenEXR.OpaqueAttribute(b"\0what\xff", "studioType"),
    "a name that is a good deal longer than thirty-one letters": "long",
}
"""One attribute of every type that OpenEXR's module can write, and one of a type that nobody knows."""


def every_half() -> Array:
    """256 x 256, every bit pattern of a half: signalling NaN, both infinities, both zeros."""
    return np.arange(65536, dtype=np.uint16).view(np.float16).reshape(256, 256)


def every_kind(path: Path) -> Path:
    """A file of three parts that has everything: see the test that reads it."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 2**32, (256, 256), dtype=np.uint32)
    display = {"displayWindow": ((0, 0), (199, 149)), "pixelAspectRatio": 2.0}
    shared = {**display, "chromaticities": ATTRIBUTES["chromaticities"]}
    tiled = {"type": OpenEXR.tiledimage, "tiles": _TILES, "lineOrder": OpenEXR.RANDOM_Y}
    beauty = {**ATTRIBUTES, **shared, **tiled, "dataWindow": ((-20, -30), (235, 225)), "view": "left"}
    depth = {**shared, "compression": OpenEXR.PIZ_COMPRESSION, "lineOrder": OpenEXR.DECREASING_Y, "note": "depth"}
    mixed = {**shared, "dataWindow": ((1000, 5), (1255, 260)), "compression": OpenEXR.ZIPS_COMPRESSION}
    parts = [
        OpenEXR.Part(depth, {"Z": codes[:150, :200].view(np.float32).copy()}, "depth"),
        OpenEXR.Part(beauty, {name: np.roll(every_half(), i, 0) for i, name in enumerate("RGBA")}, "beauty"),
        OpenEXR.Part(
            mixed, {"half": every_half(), "float": codes.view(np.float32), "object.id": codes[::-1].copy()}, "mixed"
        ),
    ]
    OpenEXR.File(parts).write(str(path))
    return path


def channels_of(path: Path) -> list[list[tuple[str, str, bytes, tuple[int, int, bool]]]]:
    """For each part its channels in the file's order: name, type, every bit, sampling and linearity."""
    file = OpenEXR.File(str(path), separate_channels=True)
    return [
        [
            (name, str(each.pixels.dtype), each.pixels.tobytes(), (each.xSampling, each.ySampling, bool(each.pLinear)))
            for name, each in part.channels.items()
        ]
        for part in file.parts
    ]


def write_luminance_chroma(path: Path, luminance: Array, red: Array, blue: Array) -> Path:
    """An uncompressed scan-line file of float16 Y (H x W) and RY, BY (H/2 x W/2); OpenEXR's module cannot write one."""
    height, width = luminance.shape
    box = struct.pack("<4i", 0, 0, width - 1, height - 1)
    channel = "<IB3x2i"
    channels = b"".join(
        name + b"\0" + struct.pack(channel, 1, 0, step, step) for name, step in ((b"BY", 2), (b"RY", 2), (b"Y", 1))
    )
    header = b"\x76\x2f\x31\x01\x02\0\0\0" + b"".join(
        name + b"\0" + kind + b"\0" + struct.pack("<i", len(data)) + data
        for name, kind, data in (
            (b"channels", b"chlist", channels + b"\0"),
            (b"compression", b"compression", b"\0"),
            (b"dataWindow", b"box2i", box),
            (b"displayWindow", b"box2i", box),
            (b"lineOrder", b"lineOrder", b"\0"),
            (b"pixelAspectRatio", b"float", struct.pack("<f", 1)),
            (b"screenWindowCenter", b"v2f", struct.pack("<2f", 0, 0)),
            (b"screenWindowWidth", b"float", struct.pack("<f", 1)),
        )
    )
    chunks = []
    for y in range(height):
        chroma = b"" if y % 2 else blue[y // 2].tobytes() + red[y // 2].tobytes()
        line = chroma + luminance[y].tobytes()
        chunks.append(struct.pack("<2i", y, len(line)) + line)
    first = len(header) + 1 + 8 * height
    offsets = np.cumsum([first, *map(len, chunks[:-1])]).astype("<u8").tobytes()
    path.write_bytes(header + b"\0" + offsets + b"".join(chunks))
    return path
