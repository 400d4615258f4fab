"""Movies to write to, by PyAV."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from ..color import file_space
from ..errors import OutputError, UsageError, reason
from ..frame import Frame
from ..picture.alpha import multiplied, straight
from .attributes import aspect_of, timecode_of
from .flatten import flatten
from .kept import MoviePicture
from .movie_codecs import CODECS, choose
from .movie_planes import shared_by
from .movie_sound import Sound
from .movie_source import MovieSource
from .movie_spaces import tags_of
from .movie_timecode import is_countable
from .parts import part_path, put_in_place
from .sink import Sink, in_space
from .source import Source
from .yuv import UNTAGGED, Tags, rgb_to_video

__all__ = ["MovieSink"]

Array = npt.NDArray[np.float32]

_USUAL_RATE = Fraction(24)
_LIMITED = 1
# Eight bits of PQ or HLG (TransferCharacteristics of H.273) show steps.
_HDR, _HDR_BITS = (16, 18), 10
# MatrixCoefficients of H.273 that every container has a word for; pixels are converted to BT.709's from others.
_MATRICES = (1, 5, 6, 9)


class MovieSink(Sink):
    """One file for the whole shot; see `Sink`. Frames follow each other without gaps, whatever their numbers.

    Where the codec halves its chroma an odd width or height grows by one: the last column or row is repeated. The
    colour space is the source movie's own, else BT.1886 Rec.709; the tags say which, on the stream and on every frame,
    because some encoders read one and some the other. Time code and pixel aspect are those of the first frame.

    Where `numbers`, the frames to come, follow each other in a source movie, its sound comes along; `notes` says what
    does not. Raises UsageError for a codec, depth or size that cannot be written.
    """

    ordered = True

    def __init__(
        self,
        path: str,
        *,
        like: Source | None,
        fps: Fraction | None,
        codec: str | None,
        bit_depth: int | None,
        numbers: Sequence[int] = (),
    ) -> None:
        self.path = self.name = path
        self._container, self._name, self._bits = choose(path, codec, bit_depth)
        self._codec = CODECS[self._name]
        self._rate = fps or (like.fps if like else None) or _USUAL_RATE
        self.space = like.space if like is not None and like.kind == "video" else file_space("video")
        self._tags = _tags(like, self.space, only_709=self._codec.only_709)
        if bit_depth is None and self._tags.transfer in _HDR and _HDR_BITS in self._codec.formats:
            self._bits = max(self._bits, _HDR_BITS)
        if like is not None and (problem := self._too_small(*like.size)):
            raise UsageError(f"{path} cannot be written: {problem}; choose another codec", path=path)
        self._sound, notes = self._sound_of(like, numbers)
        self.notes = (*self._alpha_note(like), *notes)
        self._part = part_path(Path(path))
        self._output: av.container.OutputContainer | None = None
        self._stream: av.VideoStream | None = None
        self._format = ""  # of the pictures; the first one decides
        self._count = 0

    def target(self, number: int) -> Path:
        """The movie, whatever the frame."""
        return Path(self.path)

    def write(self, frame: Frame) -> None:
        """Append the frame."""
        self.append(self.picture(frame))

    def picture(self, frame: Frame) -> MoviePicture:
        """The frame as the encoder takes it. The first one's channels decide whether the movie has alpha."""
        if not self._format:
            alpha = self._codec.with_alpha.get(self._bits) if "A" in frame.channels else None
            self._format = alpha or self._codec.formats[self._bits]
        rgb = _grown(self._pixels(frame, alpha=self._format.startswith("yuva")), self._format)
        timecode = timecode_of(frame.metadata) or ""
        return MoviePicture(
            frame.number,
            rgb_to_video(rgb, self._format, self._tags),
            aspect=Fraction(aspect_of(frame.metadata)).limit_denominator(1000),
            timecode=timecode if is_countable(timecode, self._rate) else "",
        )

    def append(self, picture: MoviePicture) -> None:
        """Encode what `picture` has made of a frame, now or in an earlier render."""
        try:
            if self._stream is None:
                self._open(picture)
            self._encode(picture.video)
        except (av.FFmpegError, OSError, ValueError) as error:
            message = f"frame {picture.number} cannot be written to {self.path}: {reason(error).lower()}"
            raise OutputError(message, frame=picture.number, path=self.path) from error

    def close(self) -> None:
        """Write what the encoder holds back and give the movie its name; no frames, no movie."""
        if self._output is None or self._stream is None:
            return
        try:
            self._output.mux(self._stream.encode())
            if self._sound:
                self._sound.mux(None)
                self._sound.close()
            self._output.close()
        except (av.FFmpegError, OSError, ValueError) as error:
            self.abort()
            raise OutputError(f"{self.path} cannot be finished: {reason(error).lower()}", path=self.path) from error
        self._output = self._stream = None
        put_in_place(self._part, Path(self.path))

    def abort(self) -> None:
        """Leave nothing behind."""
        if self._output is not None:
            # On a full disk closing fails as writing did.
            with contextlib.suppress(av.FFmpegError, OSError):
                self._output.close()
        if self._sound:
            self._sound.close()
        self._output = self._stream = None
        self._part.unlink(missing_ok=True)

    def _encode(self, video: av.VideoFrame) -> None:
        assert self._output is not None and self._stream is not None
        stream = self._stream
        if (video.width, video.height) != (stream.width, stream.height):
            raise ValueError(f"it is {video.width}x{video.height}, the movie {stream.width}x{stream.height}")
        if video.format.name != stream.pix_fmt:
            raise ValueError(f"it is {video.format.name}, the movie {stream.pix_fmt}")
        video.pts, video.time_base = self._count, 1 / self._rate
        self._tag(video)
        self._output.mux(stream.encode(video))
        self._count += 1
        if self._sound:
            self._sound.mux(self._count / self._rate)

    def _open(self, first: MoviePicture) -> None:
        width, height = first.video.width, first.video.height
        if problem := self._too_small(width, height):
            raise ValueError(problem)
        self._output = av.open(
            str(self._part), "w", format=self._container.format, options=dict(self._container.options)
        )
        stream = self._output.add_stream(self._codec.encoder, rate=self._rate, options=dict(self._codec.options))
        stream.width, stream.height, stream.pix_fmt = width, height, first.video.format.name
        context = stream.codec_context
        context.time_base = 1 / self._rate
        context.sample_aspect_ratio = first.aspect
        if self._codec.tag and self._container.edits:
            context.codec_tag = self._codec.tag
        self._tag(context)
        if first.timecode:
            self._output.metadata["timecode"] = first.timecode
        if self._sound:
            self._sound.begin(self._output)
        self._stream, self._format = stream, stream.pix_fmt

    def _pixels(self, frame: Frame, *, alpha: bool) -> Array:
        """H x W x 3, over black; or 4 with straight colour, for a codec that holds alpha."""
        if not alpha:
            return flatten(in_space(multiplied(frame), self.space), alpha=False, grey=False).pixels
        pixels = flatten(in_space(straight(frame), self.space), alpha=True, grey=False).pixels
        return pixels if pixels.shape[2] == 4 else np.dstack([pixels, np.ones(pixels.shape[:2], np.float32)])

    def _tag(self, where: av.VideoFrame | av.VideoCodecContext) -> None:
        where.color_primaries, where.color_trc = self._tags.primaries, self._tags.transfer
        where.colorspace, where.color_range = self._tags.matrix, _LIMITED

    def _too_small(self, width: int, height: int) -> str:
        least = self._codec.least
        if width >= least[0] and height >= least[1]:
            return ""
        return f"{width}x{height} is too small for {self._name}, which begins at {least[0]}x{least[1]}"

    def _alpha_note(self, like: Source | None) -> Iterator[str]:
        others = [name for name in self._container.codecs if CODECS[name].with_alpha]
        if like is not None and "A" in like.channels and others and not self._codec.with_alpha:
            yield f"{self._name} holds no alpha, so the picture is laid over black; {others[0]} keeps it"

    def _sound_of(self, like: Source | None, numbers: Sequence[int]) -> tuple[Sound | None, tuple[str, ...]]:
        """The sound that comes along, and what is to be said about it."""
        if not isinstance(like, MovieSource) or not like.sound or not numbers:
            return None, ()
        if self._rate != like.fps:
            return None, ("the sound is left out, because the frame rate is another",)
        if list(numbers) != list(range(numbers[0], numbers[0] + len(numbers))):
            return None, ("the sound is left out, because the frames do not follow each other",)
        sound = Sound(like, numbers[0], len(numbers), self._container)
        return sound, sound.notes


def _tags(like: Source | None, space: str, *, only_709: bool) -> Tags:
    """The tags for `space`; where H.273 has no word for it, what the source movie says of itself."""
    tags = tags_of(space)
    if tags == Tags() and isinstance(like, MovieSource):
        said = like.tags
        tags = Tags(_or_709(said.primaries), _or_709(said.transfer), said.matrix if said.matrix in _MATRICES else 1)
    return replace(tags, matrix=1) if only_709 else tags


def _or_709(code: int) -> int:
    return 1 if code in (0, UNTAGGED) else code


def _grown(pixels: Array, pixel_format: str) -> Array:
    """Grown by its last row and column where chroma is shared between neighbours."""
    across, down = shared_by(pixel_format)
    height, width = pixels.shape[:2]
    return np.pad(pixels, ((0, height % down), (0, width % across), (0, 0)), mode="edge")
