"""From what the user typed to a source or a sink."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from ..errors import InputError, UsageError
from ..job import BLANK
from .blank import BlankSource
from .image_writer import ENCODINGS
from .movie_codecs import CONTAINERS
from .movie_sink import MovieSink
from .movie_source import MOVIE_SUFFIXES, MovieSource
from .neighbours import close_folder, close_name, find_neighbours
from .pattern import parse_pattern, split_frames
from .sequence import SequenceSource
from .sequence_sink import SequenceSink
from .sink import Sink
from .source import Missing, Source
from .views import has_view

__all__ = ["MOVIE_SUFFIXES", "open_sink", "open_source"]


def open_source(path: str, *, missing: Missing = "error", space: str | None = None) -> Source:
    """A sequence (`shot.%04d.exr`, `####`, `@@@@`, `$F4`), a movie or a still to read from; or
    an empty plate, `blank:1920x1080`.

    `missing` says what a hole in a sequence means: an error, a frame to skip, the frame before it held, or black.
    `space` names the colour space where the file's own word or our assumption is wrong. Raises InputError where
    nothing can be read and UsageError where the path could mean several things.
    """
    if path.startswith(BLANK):
        return BlankSource(path, space=space)
    if has_view(path) and not Path(path).is_file():
        raise UsageError(f"the %V in {path} stands for several views; name one in its place", path=path)
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
    name, frames = split_frames(file.name)
    if frames and file.with_name(name).is_file():
        return UsageError(f"there is no file {file}, but {name}; choose frames with --frames {frames}", path=file)
    hint = close_folder(file.parent) or close_name(file) or "; check the path"
    return InputError(f"there is no file {file}{hint}", path=file)


def open_sink(
    path: str,
    *,
    like: Source | None = None,
    fps: Fraction | None = None,
    compression: str | None = None,
    bit_depth: int | None = None,
    numbers: Sequence[int] = (),
) -> Sink:
    """A sequence, a movie or a still to write to, told apart by the path; its folder is created.

    `like` is the source that the frames stem from: a file of the same kind keeps its colour space, a movie its frame
    rate and, where the `numbers` to be written follow each other, its sound. Raises UsageError for a format that
    cannot be written and OutputError for a folder that cannot.
    """
    pattern, suffix = parse_pattern(path), Path(path).suffix.lower()
    if pattern is not None and pattern.frames:
        _, frames = split_frames(Path(path).name)
        raise UsageError(f"the output {path} names frames; leave {frames} out and say --frames {frames}", path=path)
    if suffix in CONTAINERS and pattern is None:
        return MovieSink(path, like=like, fps=fps, codec=compression, bit_depth=bit_depth, numbers=numbers)
    if suffix not in ENCODINGS:
        known = " ".join(sorted([*ENCODINGS, *CONTAINERS]))
        what = f"ends in '{suffix}', which cannot be written" if suffix else "has no ending that tells its format"
        raise UsageError(f"{path} {what}; choose one of {known}", path=path)
    return SequenceSink(path, pattern, like=like, compression=compression, bit_depth=bit_depth)
