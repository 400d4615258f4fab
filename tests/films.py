"""Small movies made by PyAV, to read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

__all__ = ["counted", "encode", "flat", "hiss", "number_in", "remux", "sound_of"]

_BLOCK = 16


def flat(pixel_format: str, codes: Sequence[int], *, width: int = 32, height: int = 32) -> av.VideoFrame:
    """A frame whose samples are all alike: one code for each component, in the format's order."""
    frame = av.VideoFrame(width, height, pixel_format)
    for component, code in zip(frame.format.components, codes, strict=True):
        plane = frame.planes[component.plane]
        kind = np.uint8 if component.bits <= 8 else np.uint16
        np.frombuffer(plane, kind)[:] = code
    return frame


def counted(
    count: int, *, width: int = 160, height: int = 96, pixel_format: str = "yuv420p"
) -> Iterator[av.VideoFrame]:
    """Moving pictures; blocks along the top hold each one's number, from 1, in binary."""
    texture = np.random.default_rng(0).integers(40, 215, (height // 8, width // 8, 3)).repeat(8, 0).repeat(8, 1)
    for number in range(1, count + 1):
        picture = np.roll(texture, 5 * number, axis=1).astype(np.uint8)
        bits = [255 * (number >> bit & 1) for bit in range(8)]
        picture[:_BLOCK, : 8 * _BLOCK] = np.repeat(bits, _BLOCK)[None, :, None]
        yield av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixel_format)


def number_in(pixels: Array) -> int:
    """The number of a counted picture, H x W x C in 0..1."""
    centres = pixels[_BLOCK // 2, _BLOCK // 2 : 8 * _BLOCK : _BLOCK, 1]
    return sum(1 << bit for bit, value in enumerate(centres) if value > 0.5)


def encode(
    path: Path,
    pictures: Iterable[av.VideoFrame],
    *,
    codec: str = "libx264",
    rate: Fraction | int = 25,
    options: Mapping[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
    times: Sequence[int] | None = None,
    tick: Fraction | None = None,
    rotation: int = 0,
    sound: tuple[str, Array] | None = None,
    **context: Any,
) -> Path:
    """A movie of `pictures`, shown at `times` in ticks (one after the other by default).

    `sound` is a codec and samples x channels at 48 kHz, float32; `context` sets attributes of the encoder.
    """
    tick = tick or 1 / Fraction(rate)
    with av.open(str(path), "w") as output:
        output.metadata.update(metadata or {})
        stream: Any = output.add_stream(codec, rate=Fraction(rate), options=dict(options or {}))
        audio = _add_sound(output, sound) if sound else None
        for number, picture in enumerate(pictures):
            if number == 0:
                stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, picture.format.name
                stream.codec_context.time_base = tick
                for name, value in context.items():
                    setattr(stream.codec_context, name, value)
                if rotation:
                    stream.set_display_rotation(rotation)
            picture.pts, picture.time_base = times[number] if times else number, tick
            output.mux(stream.encode(picture))
        output.mux(stream.encode())
        if audio is not None and sound is not None:
            _write_sound(output, audio, sound[1])
    return path


def _add_sound(output: Any, sound: tuple[str, Array]) -> Any:
    stream = output.add_stream(sound[0], rate=48000)
    stream.codec_context.layout = {1: "mono", 2: "stereo"}[sound[1].shape[1]]
    return stream


def _write_sound(output: Any, stream: Any, samples: Array) -> None:
    context = stream.codec_context
    layout, kind = context.layout.name, context.format.name
    resampler = av.AudioResampler(kind, layout, 48000)
    for at in range(0, len(samples), 1024):
        piece = av.AudioFrame.from_ndarray(samples[at : at + 1024].reshape(1, -1).copy(), "flt", layout)
        piece.sample_rate, piece.pts, piece.time_base = 48000, at, Fraction(1, 48000)
        for converted in resampler.resample(piece):
            output.mux(stream.encode(converted))
    output.mux(stream.encode(None))


def hiss(seconds: float, *, channels: int = 2) -> Array:
    """Noise that fits itself nowhere but where it is: samples x channels at 48 kHz."""
    return np.random.default_rng(7).uniform(-0.4, 0.4, (round(seconds * 48000), channels)).astype(np.float32)


def sound_of(path: Path, stream: int = 0) -> Array:
    """Decoded sound on the file's own clock: samples x channels at 48 kHz, silence where there is none."""
    with av.open(str(path)) as source:
        resampler = av.AudioResampler("flt", source.streams.audio[stream].layout.name, 48000)
        pieces = []
        for frame in source.decode(source.streams.audio[stream]):
            start = round(frame.pts * frame.time_base * 48000)
            for piece in resampler.resample(frame):
                pieces.append((start, piece.to_ndarray().reshape(-1, len(piece.layout.channels))))
                start += piece.samples
    line = np.zeros((max(at + len(part) for at, part in pieces), pieces[0][1].shape[1]), np.float32)
    for at, part in pieces:
        line[max(0, at) : at + len(part)] = part[max(0, -at) :]
    return line


def remux(source: Path, path: Path, *, shift: int = 0) -> Path:
    """The same packets, `shift` ticks later; an edit hides what begins before 0."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        theirs = old.streams.video[0]
        ours = new.add_stream_from_template(theirs)
        for packet in old.demux(theirs):
            if packet.size:
                packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, ours
                new.mux(packet)
    return path
