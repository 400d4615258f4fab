"""Sequences of pictures to write to, and stills."""

from __future__ import annotations

from pathlib import Path

from ..color import file_space
from ..errors import UsageError
from ..frame import Frame
from ..picture.alpha import multiplied, straight
from .image_writer import ENCODINGS, WITHOUT_ALPHA, write_image
from .parts import complete_or_nothing, remove_leftovers
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
        self._compression = compression
        self.space, self._bits = _stored(Path(path).suffix.lower(), like, bit_depth)
        self.layered = ENCODINGS[Path(path).suffix.lower()].layered
        self._parts: set[Path] = set()
        _check_encoding(path, compression, bit_depth)

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
        """Every frame has its name; what a process that shared them left when it was killed is cleared away."""
        remove_leftovers(Path(self.path).parent)

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


def _stored(suffix: str, like: Source | None, bits: int | None) -> tuple[str, int | None]:
    """Colour space and bits of the file: the source's space where both are stored alike (light, pictures, scans).

    Else the usual one for the format. TIFF holds light too, but only in 32 bits: fewer end at white.
    """
    kind = _KINDS.get(suffix, "picture")
    if like is not None and like.kind == "scene" and suffix in (".tif", ".tiff") and bits in (None, 32):
        return like.space, 32
    return like.space if like is not None and like.kind == kind else file_space(kind), bits
