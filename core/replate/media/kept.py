"""The finished pictures of a movie that is not complete, each in a file of its own.

They lie in the hidden folder `.NAME.frames` beside the movie, without loss, as the encoder is given them. So a movie
that is gone on with is made by one encoder from all of its frames, as that of an undisturbed render is.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType

from ..errors import InputError, OutputError
from .parts import complete_or_nothing

__all__ = ["KeptPictures", "MoviePicture"]

# A sixth of what the movies' own encoders take, and less than half of the bytes; FFV1 knows the format that it lacks.
_FAST, _ANY = ("ffvhuff", {"pred": "left"}), ("ffv1", {"level": "3"})
_FAST_LACKS = ("yuva444p12le",)


@dataclass(frozen=True, slots=True)
class MoviePicture:
    """A frame as a movie's encoder takes it; `timecode` is empty where there is none that its rate counts."""

    number: int
    video: av.VideoFrame
    aspect: Fraction
    timecode: str

    @property
    def nbytes(self) -> int:
        """Bytes of the planes."""
        return sum(plane.buffer_size for plane in self.video.planes)


class KeptPictures:
    """Those of one movie."""

    def __init__(self, movie: Path) -> None:
        self.folder = movie.with_name(f".{movie.name}.frames")

    def path(self, number: int) -> Path:
        """The file of a frame."""
        return self.folder / f"{number:04d}.nut"

    def keep(self, picture: MoviePicture) -> None:
        """Write one; raises OutputError."""
        path = self.path(picture.number)
        try:
            self.folder.mkdir(exist_ok=True)
            with complete_or_nothing(path) as part:
                _write(part, picture)
        except (av.FFmpegError, OSError) as error:
            what = f"frame {picture.number} cannot be kept in {self.folder}: {error.strerror}"
            raise OutputError(what, frame=picture.number, path=path) from error

    def load(self, number: int) -> MoviePicture:
        """Read one; raises InputError."""
        try:
            return _read(self.path(number), number)
        except (av.FFmpegError, OSError, StopIteration, LookupError, ValueError) as error:
            path = self.path(number)
            raise InputError(f"frame {number}, kept as {path}, is damaged", frame=number, path=path) from error

    def forget(self) -> None:
        """Remove them all."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _write(path: Path, picture: MoviePicture) -> None:
    video = picture.video
    codec, options = _ANY if video.format.name in _FAST_LACKS else _FAST
    with av.open(str(path), "w", format="nut") as output:
        output.metadata.update(timecode=picture.timecode, aspect=str(picture.aspect))
        stream = output.add_stream(codec, rate=1, options=dict(options))
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, video.format.name
        video.pts, video.time_base = 0, Fraction(1)
        output.mux(stream.encode(video))
        output.mux(stream.encode())


def _read(path: Path, number: int) -> MoviePicture:
    with av.open(str(path)) as source:
        video, said = next(source.decode(video=0)), source.metadata
        video.pict_type = PictureType.NONE  # as a key frame it would be one in the movie, too
        return MoviePicture(number, video, aspect=Fraction(said["aspect"]), timecode=said.get("timecode", ""))
