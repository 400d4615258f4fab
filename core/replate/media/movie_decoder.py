"""Any picture of a video stream, in any order, exactly as decoding from the first one gives it."""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator

import av
from av.stream import Discard
from av.video.frame import PictureType

from .ffv1 import is_whole
from .movie_index import scan
from .yuv import said_by

__all__ = ["Decoder"]

# Readers ask for neighbours out of order; this many decoded pictures wait for them.
_KEPT = 8
# So many pictures between two others may be made from both.
_BETWEEN = 8
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


class Decoder:
    """The first video stream of a file that is not a cover picture; `picture` is for one thread at a time.

    `index` is what the stream holds, `said` what the container says of its colour, which decoding may overwrite.
    Decoding begins at a key packet. No picture is believed that is shown before that key, because in an open group
    of pictures those are made from the group before, and none that may be made from a damaged one. Raises
    av.FFmpegError where the file cannot be opened and LookupError where it holds no video.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._open()
        self.said = said_by(self.stream.codec_context)
        self.index = scan(self.container, self.stream)
        self._known = frozenset(self.index.times)

    def close(self) -> None:
        """Close the file."""
        self._pictures: Iterator[av.VideoFrame] = iter(())  # what runs on a closed file brings the process down
        self.container.close()

    def picture(self, place: int) -> av.VideoFrame | None:
        """The picture at `place` in `index.times`; None where the file is cut off or damaged there."""
        time = self.index.times[place]
        for _ in self._starts(time):
            self._run(time)
            if time in self._kept:
                return self._kept[time]
            if self._hurt:
                break
        return None

    def _open(self) -> None:
        self.container = av.open(self.path, metadata_errors="replace")
        self.stream = _video(self.container)
        self._codec = _decoder_of(self.stream)
        self._codec.thread_type = "AUTO"
        for other in self.container.streams:
            if other.index != self.stream.index:
                other.discard = Discard.all  # else their packets are read, too
        self._restart()

    def _restart(self) -> None:
        self._codec.flush_buffers()
        self._pictures = self._decoded()
        self._kept: OrderedDict[int, av.VideoFrame] = OrderedDict()
        self._believed: int | None = None  # from when on pictures are to be believed
        self._reached: int | None = None
        self._hurt = False

    def _starts(self, time: int) -> Iterator[None]:
        """Put the decoder somewhere before `time`: the cheapest place first, the surest last.

        Some keys (of H.264 with gradual refresh) are whole only later, hence the earlier one; some containers (MPEG
        program streams) land behind the one that was asked for, hence the beginning.
        """
        keys = self.index.keys
        key = bisect_right(keys, time) - 1
        if self._is_on_the_way(time, keys[key]):
            yield
        for earlier in range(key, max(key - 2, 0), -1):
            # What cannot be sought in is read from the beginning.
            with contextlib.suppress(av.FFmpegError):
                self.container.seek(keys[earlier], stream=self.stream)
                self._restart()
                yield
        if key == 0 or not self._kept or next(iter(self._kept)) > time:
            self.close()
            self._open()
            yield

    def _is_on_the_way(self, time: int, key: int) -> bool:
        if self._believed is None or self._reached is None or self._believed > time:
            return False
        return time in self._kept or key <= self._reached < time

    def _run(self, time: int) -> None:
        """Decode up to `time`, and on to the picture that those from there on may be made from, too.

        That one lies before them in the file, and may turn out to be damaged.
        """
        while not self._is_settled(time):
            picture = next(self._pictures, None)
            if picture is None:
                return
            if picture.is_corrupt:
                self._distrust(picture.pts)
            if self._believed is not None and picture.pts in self._known and picture.pts >= self._believed:
                self._keep(picture)

    def _is_settled(self, time: int) -> bool:
        later = [picture for at, picture in self._kept.items() if at >= time]
        return len(later) > _BETWEEN or any(picture.pict_type != PictureType.B for picture in later)

    def _decoded(self) -> Iterator[av.VideoFrame]:
        for packet in self._packets():
            if self._believed is None and packet is not None and packet.is_keyframe:
                self._believed = packet.pts if packet.pts is not None else packet.dts
            if self._codec.name == "ffv1" and packet is not None and not is_whole(bytes(packet)):
                self._distrust(packet.pts)
                continue
            try:
                yield from self._codec.decode(packet)
            except av.FFmpegError:
                self._distrust(packet.pts if packet is not None else None)

    def _packets(self) -> Iterator[av.Packet | None]:
        """The packets of the stream; None at the end, for what the decoder still holds."""
        try:
            for packet in self.container.demux(self.stream):
                if packet.size:
                    yield packet
        except av.FFmpegError:
            self._hurt = True
        yield None

    def _keep(self, picture: av.VideoFrame) -> None:
        self._kept[picture.pts] = picture
        self._reached = picture.pts
        while len(self._kept) > _KEPT + _BETWEEN:
            self._kept.popitem(last=False)

    def _distrust(self, time: int | None) -> None:
        """Believe nothing from the damaged picture to the next key, nor what was made from both its neighbours."""
        # Right after a seek it may only be that the key is not whole yet; an earlier one will tell.
        self._hurt = self._hurt or self._reached is not None
        keys = self.index.keys
        after = len(keys) if time is None else bisect_right(keys, time)
        self._believed = keys[after] if after < len(keys) else self.index.end + 1
        while self._kept and next(reversed(self._kept.values())).pict_type == PictureType.B:
            self._kept.popitem()


def _decoder_of(stream: av.VideoStream) -> av.VideoCodecContext:
    """The stream's own decoder; for VP8 and VP9 with alpha libvpx, because FFmpeg's own do not see alpha."""
    name = _WITH_ALPHA.get(stream.codec_context.name, "")
    if stream.metadata.get("alpha_mode") != "1" or name not in av.codecs_available:
        return stream.codec_context
    codec = av.VideoCodecContext.create(name, "r")
    codec.extradata = stream.codec_context.extradata
    return codec


def _video(container: av.container.InputContainer) -> av.VideoStream:
    for stream in container.streams.video:
        if not stream.disposition & stream.disposition.attached_pic:
            if stream.codec_context is None:
                raise LookupError("its video is damaged or in a codec that is not known here")
            return stream
    raise LookupError("it has no video stream")
