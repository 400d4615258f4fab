"""One stream of sound on its way from a movie to another, a part of it or all.

PCM and what is encoded again begin and end on the very sample. Compressed packets, which cannot be cut, begin early
where the container can note an edit, which hides what is too much, and up to one packet late where it cannot.
"""

from __future__ import annotations

import itertools
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.stream import Discard

from .movie_codecs import Container

__all__ = ["MOST_CHANNELS", "CopiedTrack", "Cut", "EncodedTrack", "Track"]

# Where containers seek roughly, and decoders of compressed sound need some packets before they are right.
_RUN_UP = Fraction(1)
# Where loudspeakers usually stand (ITU-R BS.775 and its kin), for files that only count their channels.
_USUAL_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
MOST_CHANNELS = max(_USUAL_LAYOUTS)

# Clocks of containers and resamplers are off by less, and no gap in sound is shorter.
_JITTER = Fraction(1, 50)
Timed = tuple[Fraction, av.Packet]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where the sound begins, by the source's clock, and how long it is, in seconds."""

    start: Fraction
    length: Fraction


class Track(ABC):
    """Stream `index` of the file `path`, cut, added to `output`; `mux` writes it bit by bit."""

    def __init__(
        self, path: str, index: int, cut: Cut, container: Container, output: av.container.OutputContainer
    ) -> None:
        self._input = av.open(path, metadata_errors="replace")
        self._stream: Any = self._input.streams[index]
        self._cut, self._container, self._output = cut, container, output
        for other in self._input.streams:
            if other.index != index:
                other.discard = Discard.all
        self._target = self._add()
        if language := self._stream.metadata.get("language"):
            self._target.metadata["language"] = language
        self._waiting = self._timed()
        self._next: Timed | None = None

    def mux(self, until: Fraction | None) -> None:
        """Write what begins before `until`, in seconds since the cut; None: all that is left."""
        self._next = self._next or next(self._waiting, None)
        while self._next is not None and (until is None or self._next[0] < until):
            self._output.mux(self._next[1])
            self._next = next(self._waiting, None)

    def close(self) -> None:
        """Close the source."""
        self._input.close()

    @abstractmethod
    def _add(self) -> Any:
        """The output's stream."""

    @abstractmethod
    def _timed(self) -> Iterator[Timed]:
        """The output's packets, and when they begin in seconds."""

    def _packets(self) -> Iterator[av.Packet]:
        """Those of the source from a little before the cut to its end, or as far as they can be read."""
        tick = self._stream.time_base
        early = round((self._cut.start - _RUN_UP) / tick)
        try:
            if early > (self._stream.start_time or 0):
                self._input.seek(early, stream=self._stream)
            for packet in self._input.demux(self._stream):
                if packet.size and packet.pts is not None:
                    if packet.pts * tick >= self._cut.start + self._cut.length:
                        return
                    yield packet
        except av.FFmpegError:
            return


class CopiedTrack(Track):
    """Packets as they are."""

    def _add(self) -> Any:
        return self._output.add_stream_from_template(self._stream)

    def _timed(self) -> Iterator[Timed]:
        context, tick = self._stream.codec_context, self._stream.time_base
        is_pcm, rate = context.name.startswith("pcm_"), context.sample_rate
        for packet in self._packets():
            at = round((packet.pts * tick - self._cut.start) * rate)
            length = round((packet.duration or 0) * tick * rate)
            if is_pcm:
                at, length, packet = self._trimmed(packet, at)
                if not length:
                    continue
            # Decoders make a packet from the one before, too, so one more is taken where it can be hidden.
            elif at < (-2 * length if self._container.edits else 0):
                continue
            # In ticks of a sample; those of some containers are as long as a packet.
            packet.pts, packet.dts, packet.duration, packet.time_base = at, at, length, Fraction(1, rate)
            packet.stream = self._target
            yield Fraction(at, rate), packet

    def _trimmed(self, packet: av.Packet, at: int) -> tuple[int, int, av.Packet]:
        """What lies within the cut of a PCM packet that begins at sample `at`: its place, its length, itself."""
        context, data = self._stream.codec_context, bytes(packet)
        size = int(re.findall(r"\d+", context.name)[0]) // 8 * context.channels
        end = round(self._cut.length * context.sample_rate)
        first = max(0, -at)
        last = max(first, min(len(data) // size, end - at))
        piece = av.Packet(data[first * size : last * size])
        piece.is_keyframe = True
        return at + first, last - first, piece


class EncodedTrack(Track):
    """Packets decoded, and encoded anew."""

    def _add(self) -> Any:
        context = self._stream.codec_context
        self._rate = self._container.sound_rate or context.sample_rate
        target = self._output.add_stream(self._container.sound_codec, rate=self._rate)
        target.codec_context.layout = _layout(context)
        if self._container.sound_codec == "aac":
            target.codec_context.bit_rate = 128_000 * context.channels
        return target

    def _timed(self) -> Iterator[Timed]:
        for piece in itertools.chain(self._pieces(), [None]):
            for packet in self._target.encode(piece):
                yield packet.pts * packet.time_base, packet

    def _pieces(self) -> Iterator[av.AudioFrame]:
        """Decoded sound within the cut, in the encoder's format, with silence where the source has none.

        MXF leaves out pictures that have no sound beside them.
        """
        context = self._target.codec_context
        resampler = av.AudioResampler(context.format.name, context.layout, self._rate)
        end, done = round(self._cut.length * self._rate), 0
        for frame in self._decoded():
            at = round((frame.pts * frame.time_base - self._cut.start) * self._rate)
            for piece in resampler.resample(frame):
                if done and abs(at - done) < _JITTER * self._rate:
                    at = done
                yield from self._silence(done, min(at, end))
                first, last = max(0, done - at), min(piece.samples, end - at)
                if first < last:
                    yield self._numbered(_part(piece, first, last), at + first)
                    done = at + last
                at += piece.samples
        yield from self._silence(done, end)

    def _silence(self, first: int, last: int) -> Iterator[av.AudioFrame]:
        context = self._target.codec_context
        for at in range(first, last, self._rate):
            piece = av.AudioFrame(context.format.name, context.layout, min(self._rate, last - at))
            for plane in piece.planes:
                plane.update(bytes(plane.buffer_size))
            yield self._numbered(piece, at)

    def _numbered(self, piece: av.AudioFrame, at: int) -> av.AudioFrame:
        piece.sample_rate, piece.pts, piece.time_base = self._rate, at, Fraction(1, self._rate)
        return piece

    def _decoded(self) -> Iterator[av.AudioFrame]:
        for packet in self._packets():
            try:
                yield from self._stream.decode(packet)
            except av.FFmpegError:
                continue  # one damaged packet is not the end


def _layout(context: Any) -> str:
    name = str(context.layout.name)
    return _USUAL_LAYOUTS.get(context.channels, name) if name.endswith("channels") else name


def _part(frame: av.AudioFrame, first: int, last: int) -> av.AudioFrame:
    """Samples `first` to `last` of a frame."""
    step = 1 if frame.format.is_planar else len(frame.layout.channels)
    samples = frame.to_ndarray()[:, first * step : last * step]
    return av.AudioFrame.from_ndarray(samples.copy(), frame.format.name, frame.layout.name)
