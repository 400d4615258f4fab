"""From what the user typed to a source or a sink."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from ..errors import InputError, UsageError
from .image_writer import ENCODINGS
from .movie_sink import CONTAINERS, MovieSink
from .movie_source import MovieSource
from .pattern import find_neighbours, parse_pattern
from .sequence import SequenceSource
from .sequence_sink import SequenceSink
from .sink import Sink
from .source import Missing, Source

__all__ = ["MOVIE_SUFFIXES", "open_sink", "open_source"]

MOVIE_SUFFIXES = (".mov", ".mp4", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mxf")


def open_source(path: str, *, missing: Missing = "error", space: str | None = None) -> Source:
    """A sequence (`shot.%04d.exr`, `####`, `@@@@`, `$F4`), a movie or a still to read from.

    `missing` says what a hole in a sequence means: an error, a frame to skip, the frame before it held, or black.
    `space` names the colour space where the file's own word or our assumption is wrong. Raises InputError where
    nothing can be read and UsageError where the path could mean several things.
    """
    pattern = parse_pattern(path)
    if pattern is not None:
        return SequenceSource.find(pattern, missing=missing, space=space)
    file = Path(path)
    if file.is_dir():
        raise UsageError(
            f"{path} is a folder; name the frames in it, as in {path.rstrip('/')}/shot.%04d.exr", path=path
        )
    if not file.is_file():
        raise _not_found(file)
    if file.suffix.lower() in MOVIE_SUFFIXES:
        return MovieSource(path, space=space)
    return SequenceSource.of_still(file, space=space)


def _not_found(file: Path) -> InputError | UsageError:
    if beside := find_neighbours(file):
        return UsageError(f"there is no file {file}, but {beside}; write the pattern to mean the sequence", path=file)
    return InputError(f"there is no file {file}; check the path", path=file)


def open_sink(
    path: str,
    *,
    like: Source | None = None,
    fps: Fraction | None = None,
    compression: str | None = None,
    bit_depth: int | None = None,
) -> Sink:
    """A sequence, a movie or a still to write to, told apart by the path; its folder is created.

    `like` is the source that the frames stem from: a file of the same kind keeps its colour space, a movie its frame
    rate. Raises UsageError for a format that cannot be written and OutputError for a folder that cannot.
    """
    pattern, suffix = parse_pattern(path), Path(path).suffix.lower()
    if suffix in CONTAINERS and pattern is None:
        return MovieSink(path, like=like, fps=fps, codec=compression, bit_depth=bit_depth)
    if suffix not in ENCODINGS:
        known = " ".join(sorted([*ENCODINGS, *CONTAINERS]))
        what = f"ends in '{suffix}', which cannot be written" if suffix else "has no ending that tells its format"
        raise UsageError(f"{path} {what}; choose one of {known}", path=path)
    return SequenceSink(path, pattern, like=like, compression=compression, bit_depth=bit_depth)
