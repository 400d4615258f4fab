"""What is written beside the pixels: `Frame.metadata`, in OpenEXR's words whatever the file.

Names and types are those of "Standard Optional Attributes" and "OpenEXR File Layout" (openexr.com). OIIO's words for
the same things, which PNG, TIFF and DPX are read and written by, are known here and nowhere else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import OpenImageIO as oiio

__all__ = [
    "Attribute",
    "aspect_of",
    "plain",
    "rate_of",
    "read_attributes",
    "shot_metadata",
    "timecode_attribute",
    "timecode_of",
    "write_attributes",
]

_RATE, _ASPECT, _TIMECODE = "framesPerSecond", "pixelAspectRatio", "timeCode"
_EXR_NAMES = {
    "FramesPerSecond": _RATE,
    "PixelAspectRatio": _ASPECT,
    "smpte:TimeCode": _TIMECODE,
    "smpte:KeyCode": "keyCode",
    "DateTime": "capDate",
    "Copyright": "owner",
    "ImageDescription": "comments",
    "ExposureTime": "expTime",
    "FNumber": "aperture",
    "worldtocamera": "worldToCamera",
}
_OIIO_NAMES = {theirs: oiios for oiios, theirs in _EXR_NAMES.items()}
_DPX_RATE = "dpx:FrameRate"  # where a DPX has the rate, as a float
_EXR_TYPES = {"rational": "rational", "timecode": "timecode", "keycode": "keycode", "matrix": "m44f"}
_OIIO_TYPES = {theirs: oiios for oiios, theirs in _EXR_TYPES.items()}

# How OIIO's names begin for what describes one file; it is found anew in every other.
_STORAGE = "oiio:"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value whose type (`timecode`, `rational`, `v2f`, `stringvector`, ...) does not follow from Python's.

    Several numbers or words are a tuple; the value of a type that is not known here is its bytes.
    """

    value: Any
    type: str


def plain(value: Any) -> Any:
    """A value out of `Frame.metadata` without its type."""
    return value.value if isinstance(value, Attribute) else value


def shot_metadata(
    *, rate: Fraction | None = None, aspect: Fraction | float | None = None, timecode: str | None = None
) -> dict[str, Any]:
    """Attributes for what is known of a shot: frames a second, width of a pixel by its height, and "01:02:03:04"."""
    found: dict[str, Any] = {}
    if rate:
        found[_RATE] = Attribute((rate.numerator, rate.denominator), "rational")
    if aspect:
        found[_ASPECT] = float(aspect)
    if timecode:
        found[_TIMECODE] = timecode_attribute(timecode, rate=rate)
    return found


def rate_of(metadata: Mapping[str, Any]) -> Fraction | None:
    """Frames a second, or None."""
    value = plain(metadata.get(_RATE))
    if isinstance(value, tuple) and len(value) == 2 and all(value):
        return Fraction(int(value[0]), int(value[1]))
    return _exact_rate(value) if isinstance(value, int | float) and 0 < value < math.inf else None


def _exact_rate(value: float) -> Fraction:
    """23.976 is 24000/1001: a whole rate or one of NTSC's thousandth less, where one is near."""
    near = (Fraction(round(value)), Fraction(round(value * 1.001) * 1000, 1001))
    return next((rate for rate in near if abs(rate - value) < 1e-3), Fraction(value).limit_denominator(1001))


def aspect_of(metadata: Mapping[str, Any]) -> float:
    """Width of a pixel divided by its height; 1 where nothing is said."""
    value = plain(metadata.get(_ASPECT))
    return float(value) if isinstance(value, int | float) and value > 0 else 1.0


# SMPTE ST 12-1 as OpenEXR packs it (ImfTimeCode.h): binary-coded decimals, units and tens of hours to frames.
_DIGITS = ((28, 2), (24, 4), (20, 3), (16, 4), (12, 3), (8, 4), (4, 2), (0, 4))
_DROP_FRAME = 1 << 6
# Above 30 frames a second they are counted in pairs, and this marks the second.
_SECOND = 1 << 15
_MOST_COUNTED = 30


def timecode_of(metadata: Mapping[str, Any]) -> str | None:
    """ "hh:mm:ss:ff", with ";" before the frames where some numbers are dropped; None where there is no time code."""
    value = plain(metadata.get(_TIMECODE))
    if not (isinstance(value, tuple) and value):
        return None
    h, g, m, n, s, t, f, e = (value[0] >> shift & (1 << bits) - 1 for shift, bits in _DIGITS)
    frames = 10 * f + e
    if (rate_of(metadata) or 0) > _MOST_COUNTED:
        frames = 2 * frames + bool(value[0] & _SECOND)
    return f"{h}{g}:{m}{n}:{s}{t}{';' if value[0] & _DROP_FRAME else ':'}{frames:02}"


def timecode_attribute(text: str, *, rate: Fraction | None = None) -> Attribute:
    """The time code "hh:mm:ss:ff" at `rate`, with ";" or "." before the frames where some numbers are dropped.

    Raises ValueError for another text.
    """
    found = re.fullmatch(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)", text)
    if found is None:
        raise ValueError(f"'{text}' is not a time code; write it as 01:02:03:04")
    *groups, mark, frames = found.groups()
    number, second = divmod(int(frames), 2) if (rate or 0) > _MOST_COUNTED else (int(frames), 0)
    digits = "".join((*groups, f"{number:02}"))
    packed = sum(int(digit) << shift for digit, (shift, _) in zip(digits, _DIGITS, strict=True))
    return Attribute((packed | (0 if mark == ":" else _DROP_FRAME) | (_SECOND if second else 0), 0), "timecode")


def read_attributes(spec: oiio.ImageSpec) -> dict[str, Any]:
    """All attributes of an OIIO header: str, int and float as they are, everything else as `Attribute`."""
    found = {}
    for attribute in spec.extra_attribs:
        kind, value = str(attribute.type), _readable(attribute.value)
        simple = kind in ("string", "int", "float")
        found[_EXR_NAMES.get(attribute.name, attribute.name)] = (
            value if simple else Attribute(value, _EXR_TYPES.get(kind, kind))
        )
    if _DPX_RATE in found:
        found = shot_metadata(rate=rate_of({_RATE: found.pop(_DPX_RATE)})) | found
    return found


def _readable(value: Any) -> Any:
    """Text that is not UTF-8 as the Latin-1 that it most likely is; OIIO cannot write it back otherwise."""
    if isinstance(value, tuple):
        return tuple(map(_readable, value))
    if not isinstance(value, str):
        return value
    # OIIO hands over foreign bytes as lone surrogates.
    data = value.encode("utf-8", "surrogateescape")
    return value if data == value.encode("utf-8", "replace") else data.decode("latin-1")


def write_attributes(spec: oiio.ImageSpec, metadata: Mapping[str, Any]) -> None:
    """Put into an OIIO header what PNG, TIFF and the like have room for: words, numbers, time code, frame rate."""
    if rate := rate_of(metadata):
        spec.attribute(_DPX_RATE, float(rate))
    for name, value in metadata.items():
        name = _OIIO_NAMES.get(name, name)
        if name.startswith(_STORAGE):
            continue
        if not isinstance(value, Attribute):
            spec.attribute(name, value)
        elif (kind := oiio.TypeDesc(_OIIO_TYPES.get(value.type, value.type))).basetype != oiio.UNKNOWN:
            spec.attribute(name, kind, value.value)
