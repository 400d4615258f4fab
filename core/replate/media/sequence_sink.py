"""Sequences of pictures to write to, and stills."""

from __future__ import annotations

from pathlib import Path

from ..color import default_space
from ..errors import UsageError
from ..frame import Frame
from .image_writer import ENCODINGS, write_image
from .pattern import Pattern
from .sink import Sink, in_space, make_folder, part_path, put_in_place
from .source import Kind, Source

__all__ = ["SequenceSink"]

_KINDS: dict[str, Kind] = {".exr": "scene", ".dpx": "log"}


class SequenceSink(Sink):
    """One file a frame, or a still that takes one frame only; see `Sink`."""

    def __init__(
        self,
        path: str,
        pattern: Pattern | None,
        *,
        like: Source | None,
        compression: str | None,
        bit_depth: int | None,
    ) -> None:
        self.path, self._pattern = path, pattern
        self._compression, self._bits = compression, bit_depth
        self.space = _space(Path(path).suffix.lower(), like)
        self._parts: set[Path] = set()
        allowed = ENCODINGS[Path(path).suffix.lower()].bits
        if bit_depth is not None and bit_depth not in allowed:
            choice = ", ".join(map(str, sorted(allowed)))
            raise UsageError(f"{path} can hold {choice} bits a channel, not {bit_depth}", path=path)
        make_folder(Path(path))

    def target(self, number: int) -> Path:
        """The file of a frame."""
        return Path(self.path) if self._pattern is None else self._pattern.path(number)

    def write(self, frame: Frame) -> None:
        """Write the frame under a hidden name and rename it."""
        path = self.target(frame.number)
        part = part_path(path)
        self._parts.add(part)
        try:
            frame = in_space(frame, self.space)
            write_image(part, frame, name=path, compression=self._compression, bits=self._bits)
            put_in_place(part, path)
        finally:
            part.unlink(missing_ok=True)
            self._parts.discard(part)

    def close(self) -> None:
        """Nothing is left to do: every frame has its name."""

    def abort(self) -> None:
        """Remove what other threads have not finished; they will fail to rename it."""
        for part in tuple(self._parts):
            part.unlink(missing_ok=True)


def _space(suffix: str, like: Source | None) -> str:
    """That of the source where both are stored alike (light, pictures, scans), else the usual one for the format."""
    kind = _KINDS.get(suffix, "picture")
    if like is not None and (like.kind == kind or (suffix in (".tif", ".tiff") and like.kind == "scene")):
        return like.space
    return default_space(kind)
