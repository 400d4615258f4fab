"""Movies to read from, by PyAV; any frame in any order."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from ..color import resolve_space
from ..errors import InputError
from ..frame import Frame
from .attributes import shot_metadata
from .source import Source
from .yuv import Tags, space_of, video_to_rgb

__all__ = ["MovieSource"]

# Readers ask for neighbours out of order; this many decoded frames wait for them.
_KEPT = 8


class MovieSource(Source):
    """The first video stream of a file; see `Source`. Its frames are numbered from 1.

    All packets are looked through once at the start, because containers count frames wrongly or not at all. Pixels are
    R'G'B' as encoded, float32: 0..1 from black to white, beyond it where the video has footroom or headroom.
    """

    kind = "video"

    def __init__(self, path: str, *, space: str | None) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, av.VideoFrame] = OrderedDict()
        try:
            self._times, self._keys = _scan(path)
            self._open()
        except (av.FFmpegError, IndexError) as error:
            raise InputError(f"{path} cannot be read as a movie: {_reason(error)}", path=path) from error
        if not self._times:
            raise InputError(f"{path} holds no video frame", path=path)
        context = self._stream.codec_context
        self._tags = Tags.of(context)
        self.frames = tuple(range(1, len(self._times) + 1))
        self.size = context.width, context.height
        self.fps = self._stream.average_rate or self._stream.guessed_rate
        self.space, self.space_reason = (resolve_space(space), "as asked") if space else space_of(self._tags)
        self._index = {time: number for number, time in enumerate(self._times, start=1)}
        self._decoder: Iterator[av.VideoFrame] | None = None
        self._next = 1

    def read(self, number: int) -> Frame:
        """The frame as R, G, B."""
        picture = self._decoded(number)
        pixels = video_to_rgb(picture, self._tags)
        kind = "uint8" if picture.format.components[0].bits == 8 else "uint16"
        return Frame.of(
            pixels,
            "RGB",
            number=number,
            space=self.space,
            formats=(kind,) * 3,
            metadata=_metadata(self.fps, self._stream),
        )

    def identity(self, number: int) -> str:
        """Name, size and time of the file, and the frame."""
        state = Path(self.path).stat()
        return f"{Path(self.path).name} {state.st_size} {state.st_mtime_ns} frame {number}"

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._container.close()

    def _open(self) -> None:
        self._container = av.open(self.path)
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"

    def _decoded(self, number: int) -> av.VideoFrame:
        with self._lock:
            if number not in self._kept:
                self._decode(number)
            return self._kept[number]

    def _decode(self, number: int) -> None:
        """Decode up to frame `number`, from where the decoder is or from a key frame before."""
        if not 1 <= number <= len(self._times):
            raise InputError(f"frame {number} is not in {self.path}", frame=number, path=self.path)
        try:
            found = any(self._run(number) for _ in self._starts(number))
        except av.FFmpegError as error:
            self._decoder = None
            message = f"frame {number} of {self.path} cannot be decoded: {_reason(error)}"
            raise InputError(message, frame=number, path=self.path) from error
        if not found:
            message = f"frame {number} of {self.path} cannot be decoded; is the file cut off? render what is before"
            raise InputError(message, frame=number, path=self.path)

    def _starts(self, number: int) -> Iterator[None]:
        """Put the decoder somewhere before frame `number`: the cheapest place first, the surest last.

        Some containers (MPEG program streams) land behind the key frame that was asked for, hence the earlier one.
        """
        key = bisect_right(self._keys, number) - 1
        if self._decoder is not None and self._next <= number and (key < 0 or self._keys[key] <= self._next):
            yield
        for earlier in (key, key - 1):
            if earlier >= 0:
                self._container.seek(self._times[self._keys[earlier] - 1], stream=self._stream)
                self._decoder = self._container.decode(self._stream)
                yield
        self._container.close()
        self._open()
        self._decoder = self._container.decode(self._stream)
        yield

    def _run(self, number: int) -> bool:
        for picture in self._decoder or ():
            at = self._index.get(picture.pts if picture.pts is not None else -1)
            if at is None:
                continue
            self._keep(at, picture)
            self._next = at + 1
            if at >= number:
                return number in self._kept
        self._decoder = None
        return False

    def _keep(self, number: int, picture: av.VideoFrame) -> None:
        self._kept[number] = picture
        self._kept.move_to_end(number)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _scan(path: str) -> tuple[list[int], list[int]]:
    """The time of every frame in display order, and the numbers of the key frames."""
    with av.open(path) as container:
        packets = [packet for packet in container.demux(container.streams.video[0]) if packet.size]
    stamped = [(packet.pts if packet.pts is not None else packet.dts, packet.is_keyframe) for packet in packets]
    times = sorted({time for time, _ in stamped if time is not None})
    numbers = {time: number for number, time in enumerate(times, start=1)}
    return times, sorted(numbers[time] for time, key in stamped if key and time is not None)


def _reason(error: Exception) -> str:
    if isinstance(error, IndexError):
        return "it has no video stream"
    return str(getattr(error, "strerror", None) or error)


def _metadata(fps: Fraction | None, stream: Any) -> dict[str, Any]:
    """What a picture sequence made from the movie should know of it."""
    aspect = stream.sample_aspect_ratio
    return shot_metadata(rate=fps, aspect=None if aspect in (None, 0, 1) else aspect)
