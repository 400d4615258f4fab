"""Movies to write to, by PyAV."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from ..color import file_space
from ..errors import OutputError, UsageError
from ..frame import Frame
from .flatten import flatten
from .parts import make_folder, part_path, put_in_place
from .sink import Sink, in_space
from .source import Source
from .yuv import rgb_to_video, tags_of

__all__ = ["CODECS", "CONTAINERS", "MovieSink"]

_USUAL_RATE = Fraction(24)


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoder, its pixel format by bits (the first is the default), and its options."""

    encoder: str
    formats: Mapping[int, str]
    options: Mapping[str, str] = field(default_factory=dict)


CODECS = {
    # crf 16 is where nobody tells the difference at arm's length; 4:2:0 and 8 bits are what every player plays.
    "h264": Codec("libx264", {8: "yuv420p", 10: "yuv420p10le"}, {"crf": "16", "preset": "medium"}),
    "h265": Codec("libx265", {10: "yuv420p10le", 8: "yuv420p"}, {"crf": "18", "x265-params": "log-level=error"}),
    "prores": Codec("prores_ks", {10: "yuv422p10le"}, {"profile": "hq", "vendor": "apl0"}),
    "prores4444": Codec("prores_ks", {10: "yuv444p10le"}, {"profile": "4444", "vendor": "apl0"}),
    # Y'CbCr, not RGB: its headroom keeps what video holds below black and above white.
    "ffv1": Codec("ffv1", {10: "yuv444p10le", 12: "yuv444p12le", 16: "yuv444p16le"}, {"level": "3", "slices": "4"}),
}
# What each container can hold; the first is the default.
CONTAINERS = {
    ".mp4": ("h264", "h265", "ffv1"),
    ".m4v": ("h264",),
    ".mov": ("prores", "prores4444", "h264", "h265"),
    ".mkv": ("ffv1", "h264", "h265", "prores", "prores4444"),
}


class MovieSink(Sink):
    """One file for the whole shot; see `Sink`. Frames follow each other without gaps, whatever their numbers.

    Where the codec halves its chroma (h264, h265, prores) an odd width or height grows by one: the last column or row
    is repeated. The colour space is the source movie's own, else BT.1886 Rec.709; the tags say which, on the stream
    and on every frame, because some encoders read one and some the other.
    """

    ordered = True

    def __init__(
        self, path: str, *, like: Source | None, fps: Fraction | None, codec: str | None, bit_depth: int | None
    ) -> None:
        self.path = self.name = path
        self._codec, self._format = _choose(path, codec, bit_depth)
        self._rate = fps or (like.fps if like else None) or _USUAL_RATE
        self.space = like.space if like is not None and like.kind == "video" else file_space("video")
        self._tags = tags_of(self.space)
        self._part = part_path(Path(path))
        self._stream: av.VideoStream | None = None
        self._count = 0
        make_folder(Path(path))

    def target(self, number: int) -> Path:
        """The movie, whatever the frame."""
        return Path(self.path)

    def write(self, frame: Frame) -> None:
        """Append the frame."""
        rgb = _even(flatten(in_space(frame, self.space), alpha=False, grey=False).pixels, self._format)
        try:
            self._encode(rgb)
        except (av.FFmpegError, OSError, ValueError) as error:
            message = f"frame {frame.number} cannot be written to {self.path}: {error}"
            raise OutputError(message, frame=frame.number, path=self.path) from error

    def close(self) -> None:
        """Write what the encoder holds back and give the movie its name; no frames, no movie."""
        if self._stream is None:
            return
        try:
            self._container.mux(self._stream.encode())
            self._container.close()
        except (av.FFmpegError, OSError) as error:
            self.abort()
            raise OutputError(f"{self.path} cannot be finished: {error}", path=self.path) from error
        self._stream = None
        put_in_place(self._part, Path(self.path))

    def abort(self) -> None:
        """Leave nothing behind."""
        if self._stream is not None:
            self._stream = None
            # On a full disk closing fails as writing did.
            with contextlib.suppress(av.FFmpegError, OSError):
                self._container.close()
        self._part.unlink(missing_ok=True)

    def _encode(self, rgb: npt.NDArray[np.float32]) -> None:
        picture = rgb_to_video(rgb, self._format, self._tags)
        stream = self._stream or self._open(picture.width, picture.height)
        if (picture.width, picture.height) != (stream.width, stream.height):
            raise ValueError(f"it is {picture.width}x{picture.height}, the movie {stream.width}x{stream.height}")
        picture.pts, picture.time_base = self._count, 1 / self._rate
        self._tag(picture)
        self._container.mux(stream.encode(picture))
        self._count += 1

    def _open(self, width: int, height: int) -> av.VideoStream:
        # These flags belong to QuickTime's family: write the colour box, and the index first.
        quick = {"movflags": "+write_colr+faststart"} if self._part.suffix.lower() != ".mkv" else {}
        self._container = av.open(str(self._part), "w", options=quick)
        stream = self._container.add_stream(self._codec.encoder, rate=self._rate, options=dict(self._codec.options))
        stream.width, stream.height, stream.pix_fmt = width, height, self._format
        stream.codec_context.time_base = 1 / self._rate
        self._tag(stream.codec_context)
        self._stream = stream
        return stream

    def _tag(self, where: av.VideoFrame | av.VideoCodecContext) -> None:
        where.color_primaries, where.color_trc = self._tags.primaries, self._tags.transfer
        where.colorspace = self._tags.matrix
        where.color_range = 2 if self._tags.full_range else 1


def _choose(path: str, name: str | None, bits: int | None) -> tuple[Codec, str]:
    known = CONTAINERS[Path(path).suffix.lower()]
    name = name or known[0]
    if name not in known:
        raise UsageError(f"{path} cannot be written as '{name}'; choose one of {', '.join(known)}", path=path)
    formats = CODECS[name].formats
    if bits is not None and bits not in formats:
        choice = " or ".join(map(str, sorted(formats)))
        raise UsageError(f"{name} holds {choice} bits a channel, not {bits}", path=path)
    return CODECS[name], formats[bits or next(iter(formats))]


def _even(rgb: npt.NDArray[np.float32], pixel_format: str) -> npt.NDArray[np.float32]:
    """Grown by its last row and column where the format shares chroma between neighbours."""
    if not pixel_format.startswith(("yuv420", "yuv422")):
        return rgb
    return np.pad(rgb, ((0, rgb.shape[0] % 2), (0, rgb.shape[1] % 2), (0, 0)), mode="edge")
