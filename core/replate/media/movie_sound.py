"""The sound of a movie, carried over to another one that shows some of its frames."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av

from .movie_codecs import Container
from .movie_source import MovieSource, SoundStream
from .movie_tracks import MOST_CHANNELS, CopiedTrack, Cut, EncodedTrack, Track

__all__ = ["Sound"]


class Sound:
    """The sound streams of `source` from frame `first` on, as long as `count` frames, for one output.

    Packets are taken over as they are where the container can hold them, else they are decoded and encoded again.
    `notes` says what becomes of streams that are not simply taken over. `begin` adds the streams to an output before
    its header is written; `mux` then writes what belongs before a time in seconds, so that sound and picture lie
    beside each other in the file. Sound that cannot be read to its end is silent from there on.
    """

    def __init__(self, source: MovieSource, first: int, count: int, container: Container) -> None:
        self._path, self._container = source.path, container
        self._cut = Cut(start=source.seconds(first), length=Fraction(count) / source.fps)
        self._streams = [stream for stream in source.sound if not self._obstacle(stream)]
        self.notes = tuple(self._notes(source))
        self._tracks: list[Track] = []

    def begin(self, output: av.container.OutputContainer) -> None:
        """Add the streams; raises av.FFmpegError or ValueError where the output refuses."""
        for stream in self._streams:
            kind = CopiedTrack if stream.codec in self._container.sound else EncodedTrack
            self._tracks.append(kind(self._path, stream.index, self._cut, self._container, output))

    def mux(self, until: Fraction | None) -> None:
        """Write everything that begins before `until`, in seconds since the first frame; None: all that is left."""
        for track in self._tracks:
            track.mux(until)

    def close(self) -> None:
        """Let go of the source."""
        for track in self._tracks:
            track.close()

    def _obstacle(self, stream: SoundStream) -> str:
        if not stream.codec:
            return "its codec is not known here"
        if stream.codec not in self._container.sound and stream.channels > MOST_CHANNELS:
            return f"{self._container.sound_codec} does not hold {stream.channels} channels"
        return ""

    def _notes(self, source: MovieSource) -> Iterator[str]:
        kind, target = self._container.format, self._container.sound_codec
        for stream in source.sound:
            if obstacle := self._obstacle(stream):
                yield f"the sound in stream {stream.index} of {source.path} is left out: {obstacle}"
            elif stream.codec not in self._container.sound:
                yield f"the sound becomes {target}, because {kind} does not take {stream.codec}"
