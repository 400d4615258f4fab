"""EXR files in, by OpenEXR: every channel in its own type, every part with its own windows and attributes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenEXR

from ..errors import MemoryLimitError, was_memory
from ..frame import Frame
from ..memory import speaks_of_memory
from ..picture.layers import Layout, find_pictures
from .exr_bounds import check_claims
from .exr_chroma import LUMINANCE_CHROMA, layers_of, luminance_weights, to_rgb
from .exr_header import MAGIC, Channel, Part, read_parts
from .half import widened
from .header import Damage, Header
from .overheard import overheard

__all__ = ["is_exr", "read_exr", "read_exr_header"]

Array = npt.NDArray[Any]


def is_exr(path: Path) -> bool:
    """Whether the name or the first bytes say EXR; raises OSError."""
    if path.suffix.lower() == ".exr":
        return True
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_exr_header(path: Path) -> Header:
    """All parts' headers, the part that has the main picture first in line; raises Damage and OSError."""
    headers = [_described(part) for part in _usable_parts(path)]
    return Header.of_parts(headers, _main_part(headers))


def read_exr(path: Path, *, number: int = 0, space: str = "") -> Frame:
    """The part that has the main picture, all other parts beside it; raises Damage, OSError, MemoryLimitError.

    The main picture is the first that `layers.find_pictures` finds; of a file without colour it is the first part.
    `pixels` is a view of one plane a channel: float16 where the part holds nothing but half, else float32, into which
    half is widened (NaN payloads too) and uint is laid bit by bit. Luminance and chroma come as R, G, B.
    """
    parts = _usable_parts(path)
    try:
        file = _opened(path, parts)
        frames = [_frame(part, held.channels, number, space) for part, held in zip(parts, file.parts, strict=True)]
    except MemoryError as error:
        raise MemoryLimitError(f"there is not enough memory to read {path}", frame=number, path=path) from error
    return Frame.of_parts(frames, _main_part(frames))


def _main_part(parts: Sequence[Layout]) -> int:
    found = find_pictures(parts)
    return found[0].part if found else 0


def _usable_parts(path: Path) -> tuple[Part, ...]:
    """Headers that promise what can be read and held; raises Damage."""
    parts = read_parts(path)
    if any(part.deep for part in parts):
        raise Damage("it holds deep samples, which have no place in a frame; flatten it first")
    check_claims(parts, path.stat().st_size)
    return parts


def _opened(path: Path, parts: Sequence[Part]) -> OpenEXR.File:
    with overheard() as words:
        try:
            file = OpenEXR.File(_readable(path, parts), separate_channels=True)
        except Exception as error:  # whatever C++ throws
            if was_memory(error):
                raise MemoryError(str(error)) from error
            raise Damage(_because(str(error), path)) from error
    if len(file.parts) != len(parts):
        if speaks_of_memory("".join(words)):
            raise MemoryError("".join(words))
        raise Damage(_because("".join(words).partition(" - ")[2], path))
    return file


def _because(words: str, path: Path) -> str:
    """OpenEXR's own words, one line of them and without the file's name, in ours."""
    line = next(iter(words.strip().splitlines()), "OpenEXR gives no reason")
    for name in (f'"{path}"', f"'{path}'", str(path)):
        line = line.replace(name, "the file")
    return f"its pixels are damaged or missing ({line.rstrip('. ')}); render or copy it again"


def _readable(path: Path, parts: Sequence[Part]) -> str | io.BytesIO:
    """The file as OpenEXR's module can read it, which gives up at a text that is not UTF-8."""
    texts = [data for part in parts for kind, data in part.raw.values() if kind in ("string", "stringvector")]
    foreign = [data for data in texts if not _is_utf8(data)]
    if not foreign:
        return str(path)
    content = path.read_bytes()
    for data in foreign:
        content = content.replace(data, bytes(byte if byte < 128 else ord("?") for byte in data), 1)
    return io.BytesIO(content)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _described(part: Part) -> Header:
    """The header, luminance and chroma as the R, G, B that they become."""
    formats = {channel.name: channel.type for channel in part.channels}
    for stem in layers_of(formats):
        for name in LUMINANCE_CHROMA:
            del formats[stem + name]
        formats |= {stem + name: "half" for name in "RGB"}
    names = sorted(formats, key=_place)
    return replace(part.header, channels=tuple(names), formats=tuple(formats[name] for name in names))


def _place(name: str) -> tuple[str, int, str]:
    """Plain channels before layers, and R G B A before others; in the file they stand in the alphabet's order."""
    layer, _, leaf = name.rpartition(".")
    return layer, "RGBA".index(leaf) if leaf in tuple("RGBA") else 4, leaf


def _frame(part: Part, held: dict[str, OpenEXR.Channel], number: int, space: str) -> Frame:
    header, stems = _described(part), layers_of(channel.name for channel in part.channels)
    chroma = {stem + name for stem in stems for name in LUMINANCE_CHROMA}
    planes = {each.name: held.pop(each.name).pixels for each in part.channels}
    planes |= {each.name: _repeated(planes[each.name], each) for each in part.channels if each.name not in chroma}
    for stem in stems:
        luminance, red, blue = (planes.pop(stem + name).astype(np.float16) for name in LUMINANCE_CHROMA)
        colour = to_rgb(luminance, red, blue, luminance_weights(header.chromaticities))
        planes |= zip((stem + name for name in "RGB"), colour, strict=True)
    pixels, window = _stacked(planes, header.channels), header.data_window
    if pixels.shape[:2] != (window.height, window.width):
        found, said = f"{pixels.shape[1]}x{pixels.shape[0]}", f"{window.width}x{window.height}"
        raise Damage(f"it holds {found} pixels, its header says {said}; write it again")
    return Frame(
        pixels=pixels,
        channels=header.channels,
        data_window=header.data_window,
        display_window=header.display_window,
        number=number,
        space=space,
        formats=header.formats,
        metadata=header.metadata,
        view=header.view,
    )


def _repeated(plane: Array, channel: Channel) -> Array:
    """Samples that lie apart, each up to the next one."""
    across, down = channel.step
    return plane if channel.step == (1, 1) else plane.repeat(down, axis=0).repeat(across, axis=1)


def _stacked(planes: dict[str, Array], names: Sequence[str]) -> Array:
    """H x W x C of one type. Planes are taken out one by one: beside the result there is never more than one."""
    kind = np.float16 if all(plane.dtype == np.float16 for plane in planes.values()) else np.float32
    if len(names) == 1:
        return _as(kind, planes[names[0]])[..., None]
    stacked = np.empty((len(names), *planes[names[0]].shape), kind)
    for place, name in zip(stacked, names, strict=True):
        place[...] = _as(kind, planes.pop(name))
    return np.moveaxis(stacked, 0, -1)


def _as(kind: type[np.floating[Any]], plane: Array) -> Array:
    if plane.dtype == np.uint32:
        return plane.view(np.float32)
    return plane if plane.dtype == kind else widened(plane)
