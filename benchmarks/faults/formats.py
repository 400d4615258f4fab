"""Whole files of every format that is read, and what reading each of them comes to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import av
import numpy as np
import onnx
import OpenEXR
import OpenImageIO as oiio
from onnx import TensorProto, helper, numpy_helper

from replate.card import Card, Port
from replate.color import Transform
from replate.color.curves import NOTHING
from replate.errors import InputError
from replate.frame import Frame
from replate.media.images import read_image
from replate.media.movie_source import MovieSource
from replate.network.onnxfile import write_card

from .mutation import mutated

__all__ = ["LOST", "Format", "movies", "networks", "pictures"]

LOST = "-"
"""What stands in a digest for a frame that is refused while others are read."""

_SIZE = (60, 80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """`read` makes a digest of a file, of words where they count one by one. `why` says what of a file nobody can
    check; "" where whatever is read of a changed one must be what the whole one holds."""

    name: str
    whole: Path
    read: Callable[[Path], str]
    why: str = ""
    group: str = ""
    change: Callable[[bytes, Random], bytes] = field(default=mutated)


def pictures(folder: Path) -> Iterator[Format]:
    """EXR of every compression, and what OpenImageIO reads."""
    for threads in ("threads", "exr_threads"):
        oiio.attribute(threads, 1)  # what is forked must not need a thread that it does not have
    for path in (*_exrs(folder), *_plain(folder)):
        why = "" if path.suffix == ".png" else "its pixels, or what its header says of them, have no checksum"
        group = next((group for group, suffixes in _GROUPS.items() if path.suffix in suffixes), "other pictures")
        yield Format(group=group, name=path.name, whole=path, read=_frame, why=why)


def movies(folder: Path) -> Iterator[Format]:
    """Containers and codecs as they come from cameras and editors."""
    for name, codec, layout in _MOVIES:
        path = folder / name
        with av.open(str(path), "w") as output:
            stream = output.add_stream(codec, rate=25)
            stream.height, stream.width, stream.pix_fmt = *_SIZE, layout
            if codec == "ffv1":
                stream.options = {"level": "3", "slicecrc": "1"}
            for number in range(_FRAMES):
                picture = np.rint(255 * _picture(number)).astype(np.uint8)
                output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            output.mux(stream.encode(None))
        why = "its container has no checksum" if codec == "ffv1" else "its pictures have no checksum"
        yield Format(group="movies", name=f"{name} {codec}", whole=path, read=_some_frames, why=why)


_FRAMES = 12
_MOVIES = (
    ("a.mp4", "libx264", "yuv420p"),
    ("b.mov", "prores_ks", "yuv422p10le"),
    ("c.mkv", "ffv1", "yuv444p10le"),
    ("d.webm", "libvpx-vp9", "yuv420p"),
    ("e.mpg", "mpeg2video", "yuv420p"),
    ("f.avi", "mjpeg", "yuvj420p"),
    ("g.mp4", "libx265", "yuv420p10le"),
    ("h.mov", "qtrle", "rgb24"),
    ("i.mov", "v210", "yuv422p10le"),
    ("j.mkv", "libsvtav1", "yuv420p"),
    ("k.mp4", "mpeg4", "yuv420p"),
)

_GROUPS = {"EXR": (".exr",), "PNG": (".png",), "TIFF": (".tif",), "DPX": (".dpx",), "JPEG": (".jpg",)}
_COMPRESSIONS = (
    "NO",
    "RLE",
    "ZIPS",
    "ZIP",
    "PIZ",
    "PXR24",
    "B44",
    "B44A",
    "DWAA",
    "DWAB",
    "HTJ2K256",
    "HTJ2K32",
    "ZSTD",
)


def _exrs(folder: Path) -> Iterator[Path]:
    for name in _COMPRESSIONS:
        for kind in (np.float16, np.float32):
            yield _exr(folder / f"{name}-{np.dtype(kind).name}.exr", name, kind)
        yield _exr(folder / f"{name}-tiles.exr", name, np.float16, tiled=True)


def _exr(path: Path, compression: str, kind: type[np.floating], *, tiled: bool = False) -> Path:
    header = {"compression": getattr(OpenEXR, f"{compression}_COMPRESSION"), "type": OpenEXR.scanlineimage}
    if tiled:
        tiles = OpenEXR.TileDescription()
        tiles.xSize = tiles.ySize = 32
        header |= {"type": OpenEXR.tiledimage, "tiles": tiles}
    planes = np.moveaxis(_picture(1), -1, 0).astype(kind)
    beside = {"id": (1000 * planes[0]).astype(np.uint32), "depth.Z": planes[1].astype(np.float32)}
    parts = [OpenEXR.Part(dict(header), {**dict(zip("RGB", map(np.ascontiguousarray, planes), strict=True)), **beside})]
    OpenEXR.File(parts).write(str(path))
    return path


_PLAIN = (
    *(("png", "uint8", "", 3), ("png", "uint16", "", 4), ("tif", "uint16", "zip", 3), ("tif", "uint8", "lzw", 3)),
    *(("tif", "float", "none", 4), ("tif", "uint8", "jpeg", 3), ("dpx", "uint10", "", 3), ("dpx", "uint16", "", 4)),
    *(("jpg", "uint8", "", 3), ("tga", "uint8", "", 4), ("bmp", "uint8", "", 3), ("hdr", "float", "", 3)),
    *(("sgi", "uint16", "", 3), ("webp", "uint8", "", 3), ("jp2", "uint16", "", 3), ("jxl", "uint8", "", 3)),
    *(("gif", "uint8", "", 3), ("ico", "uint8", "", 4), ("iff", "uint8", "", 3), ("ppm", "uint8", "", 3)),
    *(("rla", "uint16", "", 3), ("fits", "float", "", 1), ("zfile", "float", "", 1)),
)


def _plain(folder: Path) -> Iterator[Path]:
    for suffix, kind, compression, channels in _PLAIN:
        path = folder / "-".join(filter(None, (suffix, kind, compression)))
        path = path.with_name(f"{path.name}.{suffix}")
        spec = oiio.ImageSpec(_SIZE[1], _SIZE[0], channels, kind)
        if compression:
            spec.attribute("compression", compression)
        output = oiio.ImageOutput.create(str(path))
        pixels = np.ascontiguousarray(np.dstack([_picture(1)] * 2)[..., :channels])
        assert output.open(str(path), spec) and output.write_image(pixels) and output.close(), path
        yield path


def _picture(number: int) -> np.ndarray:
    """Smooth with some grain, as plates are: H x W x 3 in 0..1."""
    y, x = np.mgrid[0 : _SIZE[0], 0 : _SIZE[1]] / _SIZE[1]
    grain = np.random.default_rng(number).random((*_SIZE, 3))
    return (np.stack([x, y, 1 - x], -1) * 0.8 + 0.1 * grain).astype(np.float32)


def _frame(path: Path) -> str:
    return _digest(read_image(path, number=1))


def _some_frames(path: Path) -> str:
    """Three frames of a movie, neither in order nor one after the other."""
    source = MovieSource(str(path), space=None)
    return " ".join(_one(source, number) for number in (2, 12, 7))


def _one(source: MovieSource, number: int) -> str:
    try:
        return _digest(source.read(number))
    except InputError:
        return LOST


def _digest(frame: Frame) -> str:
    total = hashlib.sha256()
    for part in frame.parts:
        total.update(np.ascontiguousarray(part.pixels).tobytes())
        total.update(repr((part.channels, part.data_window, part.display_window)).encode())
    return total.hexdigest()[:16]


def networks(folder: Path) -> Iterator[Format]:
    """A generator with its card, and a network that nobody described."""
    shape = ["N", 3, "H", "W"]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("plate", "result")]
    weight = numpy_helper.from_array(np.random.default_rng(1).normal(0, 0.2, (3, 3, 1, 1)).astype(np.float32), "w")
    nodes = [
        helper.make_node("Conv", ["plate", "w"], ["t"], kernel_shape=[1, 1]),
        helper.make_node("Sigmoid", ["t"], ["result"]),
    ]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for name, why in (("carded", "its card's words have no checksum"), ("foreign", "it has no card with a digest")):
        path = folder / f"{name}.onnx"
        onnx.save(model, path)
        if name == "carded":
            ports = {"inputs": (Port(name="plate", role="plate"),), "outputs": (Port(name="result", role="result"),)}
            write_card(path, Card(name=name, **ports))
        yield Format(group="ONNX", name=f"{name} ONNX", whole=path, read=_made, why=why)


def _made(path: Path) -> str:
    """What the network makes of a picture."""
    from replate.generator import Generator

    generator = Generator.load(path, device="cpu", threads=1)
    generator.check()
    made, _ = generator.apply(_picture(1)[:32, :32], transform=Transform("ACEScct", "ACEScct", NOTHING))
    return hashlib.sha256(made.tobytes()).hexdigest()[:16]
