"""Movies to read from, by PyAV; any frame in any order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from ..color import plate_space
from ..errors import InputError, reason
from ..frame import Frame
from ..frames import MOST_FRAMES
from ..keeping.stamps import identity
from ..picture.alpha import STRAIGHT
from .attributes import shot_metadata
from .movie_decoder import Decoder
from .movie_index import Grid, conform
from .movie_pose import Pose
from .movie_spaces import names_of, reason_for
from .movie_timecode import advanced, find_timecode
from .source import Source
from .yuv import Tags, video_to_rgb

__all__ = ["MOVIE_SUFFIXES", "MovieSource"]

# fmt: off
MOVIE_SUFFIXES = (
    ".mov", ".mp4", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mxf",
    ".ts", ".m2ts", ".mts", ".vob", ".wmv", ".flv", ".ogv", ".3gp", ".dv",
)
# fmt: on
_PROGRESSIVE = 1  # AV_FIELD_PROGRESSIVE; 0 is unknown, and all above are kinds of interlacing


@dataclass(frozen=True, slots=True)
class SoundStream:
    """A stream of sound: its place in the file, its codec, which is empty where nothing here reads it, and channels."""

    index: int
    codec: str
    channels: int

    @classmethod
    def of(cls, stream: av.AudioStream) -> SoundStream:
        """Those of a stream of PyAV."""
        context = stream.codec_context
        return cls(stream.index, context.codec.canonical_name if context else "", context.channels if context else 0)


class MovieSource(Source):
    """The first video stream of a file; see `Source`. Its frames are numbered from 1.

    Pixels are R'G'B' as encoded, float32: 0..1 from black to white, beyond it where the video has footroom or
    headroom, with a straight A where the video has alpha. Pictures stand upright as the file says. A movie of variable
    frame rate is seen at a constant one; `notes` says so. `sound` are the streams of sound, `tags` what the video says
    of its colour. Raises InputError for what is no movie.
    """

    kind = "video"
    fps: Fraction

    def __init__(self, path: str, *, space: str | None) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._decoder = Decoder(path)
        except (av.FFmpegError, LookupError) as error:
            raise InputError(f"{path} cannot be read as a movie: {reason(error).lower()}", path=path) from error
        # Asked before anything is decoded: decoding may open the file anew, and what belongs to a closed one is gone.
        container, stream, index = self._decoder.container, self._decoder.stream, self._decoder.index
        if not index.times:
            raise InputError(f"{path} holds no video frame; is it cut off or still being written?", path=path)
        self.grid: Grid = conform(index, stream.time_base, _stated_rates(stream))
        self.fps = self.grid.rate
        # Those that were cut off are there to be asked for, so that they are missed.
        count = len(self.grid.places) + index.missing
        if count > MOST_FRAMES:
            raise InputError(f"{path} is damaged: it promises {count} frames; copy or write it again", path=path)
        self.frames = tuple(range(1, count + 1))
        self.sound = tuple(map(SoundStream.of, container.streams.audio))
        self._start = Fraction(index.times[0] * stream.time_base)
        self._aspect = Fraction(stream.sample_aspect_ratio or 1)
        self._timecode = find_timecode((each.metadata for each in (stream, container, *container.streams)), self.fps)
        self._see_first(space)

    def _see_first(self, space: str | None) -> None:
        """What only a decoded picture tells."""
        first = self._picture(1)
        self._pose = Pose.of(first)
        self.size = self._pose.size(first.width, first.height)
        self.tags = self._tags_of(first)
        self.space, self.space_reason = plate_space(
            self.path, "video", asked=space, tags=names_of(self.tags), otherwise=reason_for(self.tags)
        )
        self.channels = tuple("RGBA"[: self._converted(first, 1).shape[2]])
        self.notes = tuple(self._notes(first))

    def read(self, number: int) -> Frame:
        """The frame as R, G, B, or R, G, B, A."""
        picture = self._picture(number)
        pixels = self._pose.upright(self._converted(picture, number))
        if pixels.shape[1::-1] != self.size:
            sizes = "{}x{}, the movie {}x{}".format(*pixels.shape[1::-1], *self.size)
            raise InputError(f"frame {number} of {self.path} is {sizes}; cut the movie there", frame=number)
        return Frame.of(
            pixels,
            self.channels,
            number=number,
            space=self.space,
            formats=(_format(picture.format),) * pixels.shape[2],
            metadata=self._attributes(number),
        )

    def identity(self, number: int) -> str:
        """That of the file, and the frame."""
        return f"{identity(Path(self.path))} frame {number}"

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._decoder.close()

    def seconds(self, number: int) -> Fraction:
        """When frame `number` begins, by the clock that the file's sound goes by, too."""
        return self._start + (number - 1) / self.fps

    def _picture(self, number: int) -> av.VideoFrame:
        if not 1 <= number <= len(self.frames):
            raise InputError(f"frame {number} is not in {self.path}", frame=number, path=self.path)
        picture, why = None, "the file is damaged or cut off there"
        try:
            with self._lock:
                if number <= len(self.grid.places):
                    picture = self._decoder.picture(self.grid.places[number - 1])
        except av.FFmpegError as error:
            why = reason(error).lower()
        if picture is None:
            message = f"frame {number} of {self.path} cannot be decoded, {why}; repair it or leave the frame out"
            raise InputError(message, frame=number, path=self.path)
        return picture

    def _tags_of(self, picture: av.VideoFrame) -> Tags:
        try:
            return Tags.of(self._decoder.said, picture, self._decoder.stream.codec_context)
        except ValueError as error:
            raise InputError(f"{self.path} cannot be read as a movie: {error}; convert it", path=self.path) from error

    def _converted(self, picture: av.VideoFrame, number: int) -> npt.NDArray[np.float32]:
        try:
            return video_to_rgb(picture, self.tags)
        except (av.FFmpegError, ValueError) as error:
            message = f"frame {number} of {self.path} cannot be read: {reason(error).lower()}; convert the movie"
            raise InputError(message, frame=number, path=self.path) from error

    def _attributes(self, number: int) -> dict[str, Any]:
        """What a picture sequence made from the movie should know of it."""
        timecode = self._timecode and advanced(self._timecode, number - 1, self.fps)
        aspect = 1 / self._aspect if self._pose.is_turned else self._aspect
        found = shot_metadata(rate=self.fps, aspect=None if aspect == 1 else aspect, timecode=timecode)
        return found if "A" not in self.channels else found | {STRAIGHT: 1}

    def _notes(self, first: av.VideoFrame) -> Iterator[str]:
        index, shown = self._decoder.index, len(set(self.grid.places))
        changes = {
            "frames repeat a picture": len(self.grid.places) - shown,
            "pictures are left out": len(index.times) - shown,
        }
        if any(changes.values()):
            told = " and ".join(f"{count} {what}" for what, count in changes.items() if count)
            yield f"{self.path} has a variable frame rate; at a constant {float(self.fps):.6g} a second {told}"
        if first.interlaced_frame or self._decoder.stream.codec_context.field_order > _PROGRESSIVE:
            yield f"{self.path} is interlaced; both fields of a frame are worked on as one picture, so deinterlace it"
        if index.missing:
            yield f"{self.path} breaks off; its last {index.missing} frames cannot be read"


def _stated_rates(stream: av.VideoStream) -> tuple[Fraction | None, ...]:
    return stream.average_rate, stream.guessed_rate, stream.base_rate


def _format(kind: av.VideoFormat) -> str:
    """How the samples are stored, in the words of `Frame.formats`."""
    bits = max(component.bits for component in kind.components)
    return "uint8" if bits <= 8 else "float" if "f32" in kind.name or "f16" in kind.name else "uint16"
