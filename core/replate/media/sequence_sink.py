"""Sequences of pictures to write to, and stills."""

from __future__ import annotations

from pathlib import Path

from ..color import file_space
from ..errors import UsageError
from ..frame import Frame
from ..picture.alpha import multiplied, straight
from .image_writer import ENCODINGS, WITHOUT_ALPHA, write_image
from .parts import complete_or_nothing, make_folder
from .pattern import Pattern
from .sink import Sink, in_space
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
        self.name = path if pattern is None else pattern.canonical
        self._compression, self._bits = compression, bit_depth
        self.space = _space(Path(path).suffix.lower(), like)
        self.layered = ENCODINGS[Path(path).suffix.lower()].layered
        self._parts: set[Path] = set()
        _check_encoding(path, compression, bit_depth)
        make_folder(Path(path))

    def target(self, number: int) -> Path:
        """The file of a frame."""
        return Path(self.path) if self._pattern is None else self._pattern.path(number)

    def write(self, frame: Frame) -> None:
        """Write the frame under a hidden name and rename it."""
        path = self.target(frame.number)
        with complete_or_nothing(path) as part:
            self._parts.add(part)
            write_image(part, self._as_stored(frame), name=path, compression=self._compression, bits=self._bits)
        self._parts.discard(part)

    def _as_stored(self, frame: Frame) -> Frame:
        """In the file's space; PNG holds colour straight, EXR multiplied, TIFF as it came, the others over black."""
        suffix = Path(self.path).suffix.lower()
        if suffix in WITHOUT_ALPHA:
            return in_space(multiplied(frame), self.space)
        frame = in_space(straight(frame) if suffix == ".png" else frame, self.space, solid=True)
        return multiplied(frame) if suffix == ".exr" else frame

    def close(self) -> None:
        """Nothing is left to do: every frame has its name."""

    def abort(self) -> None:
        """Remove what other threads have not finished; they will fail to rename it."""
        for part in tuple(self._parts):
            part.unlink(missing_ok=True)


def _check_encoding(path: str, compression: str | None, bits: int | None) -> None:
    encoding = ENCODINGS[Path(path).suffix.lower()]
    if bits is not None and bits not in encoding.bits:
        choice = ", ".join(map(str, sorted(encoding.bits)))
        raise UsageError(f"{path} can hold {choice} bits a channel, not {bits}", path=path)
    if compression and not encoding.takes(compression):
        choice = f"choose one of {', '.join(encoding.names)}" if encoding.names else "this format has no choice"
        raise UsageError(f"{path} cannot be compressed as '{compression}'; {choice}", path=path)


def _space(suffix: str, like: Source | None) -> str:
    """That of the source where both are stored alike (light, pictures, scans), else the usual one for the format."""
    kind = _KINDS.get(suffix, "picture")
    if like is not None and (like.kind == kind or (suffix in (".tif", ".tiff") and like.kind == "scene")):
        return like.space
    return file_space(kind)
