"""The movies that can be written: codecs, and the containers that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UsageError

__all__ = ["CODECS", "CONTAINERS", "Codec", "Container", "choose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """An encoder and what it can hold.

    `formats` are pixel formats by bits a channel, the first being the default; `with_alpha` those that hold a straight
    alpha as well. `only_709` codecs have no word of their own for another matrix. `tag` is the name in QuickTime's
    family, `least` the smallest width and height.
    """

    encoder: str
    formats: Mapping[int, str]
    options: Mapping[str, str] = field(default_factory=dict)
    with_alpha: Mapping[int, str] = field(default_factory=dict)
    only_709: bool = False
    tag: str = ""
    least: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A file format: its name in FFmpeg and the codecs that it is used with, the first being the default.

    `sound` are the codecs whose packets can be taken over as they are; other sound becomes `sound_codec`, at
    `sound_rate` where the format has no choice. Where `edits` can be noted, sound may begin with a packet that is
    older than the first frame.
    """

    format: str
    codecs: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    sound: tuple[str, ...]
    sound_codec: str
    sound_rate: int = 0
    edits: bool = False


def _prores(profile: str) -> Codec:
    alpha = {10: "yuva444p10le"} if profile.startswith("4444") else {}
    formats = {10: "yuv444p10le" if alpha else "yuv422p10le"}
    return Codec(encoder="prores_ks", formats=formats, with_alpha=alpha, options={"profile": profile, "vendor": "apl0"})


def _dnxhr(profile: str, bits: int, pixel_format: str) -> Codec:
    options = {"profile": f"dnxhr_{profile}"}
    return Codec(encoder="dnxhd", formats={bits: pixel_format}, options=options, only_709=True, least=(256, 120))


_LEFT = {"chroma_sample_location": "left"}

CODECS = {
    # 4:2:0 and 8 bits are what every player plays. A higher crf, or another tune, takes fine grain for noise.
    "h264": Codec(
        encoder="libx264",
        formats={8: "yuv420p", 10: "yuv420p10le"},
        options={"crf": "12", "tune": "grain", **_LEFT},
    ),
    # hvc1 is the name that Apple's players know.
    "h265": Codec(
        encoder="libx265",
        formats={10: "yuv420p10le", 8: "yuv420p", 12: "yuv420p12le"},
        options={"crf": "14", "tune": "grain", "x265-params": "log-level=error", **_LEFT},
        tag="hvc1",
        least=(16, 16),
    ),
    "prores_proxy": _prores("proxy"),
    "prores_lt": _prores("lt"),
    "prores_422": _prores("standard"),
    "prores_hq": _prores("hq"),
    "prores4444": _prores("4444"),
    "prores4444xq": _prores("4444xq"),
    "dnxhr_lb": _dnxhr("lb", 8, "yuv422p"),
    "dnxhr_sq": _dnxhr("sq", 8, "yuv422p"),
    "dnxhr_hq": _dnxhr("hq", 8, "yuv422p"),
    "dnxhr_hqx": _dnxhr("hqx", 10, "yuv422p10le"),
    "dnxhr_444": _dnxhr("444", 10, "yuv444p10le"),
    # Y'CbCr, not RGB: its headroom keeps what video holds below black and above white.
    "ffv1": Codec(
        encoder="ffv1",
        formats={10: "yuv444p10le", 8: "yuv444p", 12: "yuv444p12le", 16: "yuv444p16le"},
        with_alpha={10: "yuva444p10le", 8: "yuva444p", 12: "yuva444p12le", 16: "yuva444p16le"},
        options={"level": "3", "slices": "4", "slicecrc": "1"},
    ),
}
_PRORES = ("prores_hq", "prores_422", "prores_lt", "prores_proxy", "prores4444", "prores4444xq")
_DNXHR = ("dnxhr_hqx", "dnxhr_hq", "dnxhr_sq", "dnxhr_lb", "dnxhr_444")
_PCM = ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le")
_QUICK = {"movflags": "+write_colr"}
# The index first, so that a browser can play it while it loads.
_WEB = {"movflags": "+write_colr+faststart"}
_PACKED = ("aac", "alac", "mp3", "ac3", "eac3")

CONTAINERS = {
    ".mp4": Container(
        format="mp4",
        codecs=("h264", "h265", "ffv1"),
        options=_WEB,
        sound=(*_PACKED, "opus"),
        sound_codec="aac",
        edits=True,
    ),
    ".m4v": Container(
        format="mp4", codecs=("h264", "h265"), options=_WEB, sound=_PACKED, sound_codec="aac", edits=True
    ),
    ".mov": Container(
        format="mov",
        codecs=(*_PRORES, *_DNXHR, "h264", "h265"),
        options=_QUICK,
        sound=(*_PCM, "pcm_s16be", "pcm_s24be", "pcm_s32be", "pcm_f32be", *_PACKED),
        sound_codec="pcm_s24le",
        edits=True,
    ),
    ".mkv": Container(
        format="matroska",
        codecs=("ffv1", "h264", "h265", *_PRORES),
        sound=(*_PCM, *_PACKED, "mp2", "flac", "opus", "vorbis", "dts", "truehd"),
        sound_codec="pcm_s24le",
    ),
    ".mxf": Container(format="mxf", codecs=_DNXHR, sound=(), sound_codec="pcm_s24le", sound_rate=48000),
}


def choose(path: str, name: str | None, bits: int | None) -> tuple[Container, str, int]:
    """The container of `path`, the name of its codec and the bits a channel, as asked or by default.

    Raises UsageError that lists the choices.
    """
    container = CONTAINERS[Path(path).suffix.lower()]
    name = name or container.codecs[0]
    if name not in container.codecs:
        choice = ", ".join(container.codecs)
        raise UsageError(f"{path} cannot be written as '{name}'; choose one of {choice}", path=path)
    formats = CODECS[name].formats
    if bits is not None and bits not in formats:
        choice = " or ".join(map(str, sorted(formats)))
        raise UsageError(f"{name} holds {choice} bits a channel, not {bits}", path=path)
    return container, name, bits or next(iter(formats))
