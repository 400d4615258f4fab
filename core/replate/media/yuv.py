"""Between video's codes and R'G'B', by the numbers of ITU-T H.273.

The matrix is applied in float32, not by swscale, whose own is off by up to three 8-bit codes and cuts off what lies
outside 0..1 (footroom and headroom). RGB and alpha always use the full range of their codes, whatever the stream's tag
says, as every player and FFmpeg have it; so does grey, unless the stream calls itself limited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from .movie_planes import pack, planar, unpack

__all__ = ["UNTAGGED", "Tags", "rgb_to_video", "said_by", "video_to_rgb"]

Array = npt.NDArray[Any]
Said = tuple[int, ...]

UNTAGGED = 2
"""The code point of H.273 for `unspecified`."""

_UNSAID = (UNTAGGED, UNTAGGED, UNTAGGED, 0)

# MatrixCoefficients -> Kr, Kb (H.273 table 4).
_LUMA = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
_YCGCO = 8
_FULL = 2
_FLOAT = 32
# Their chroma lies between the columns; PyAV does not pass on what streams say of it.
_CENTRED = ("mpeg1video", "mjpeg", "mjpegb")
# Grey of these is limited unless they say otherwise (ITU-T H.264 and H.265, E.2.1); of all others it is full.
_LIMITED_GREY = ("h264", "hevc")


@dataclass(frozen=True, slots=True)
class Tags:
    """What a video stream says of its colour, in the code points of H.273; `centred` as in `movie_planes`."""

    primaries: int = 1
    transfer: int = 1
    matrix: int = 1
    full_range: bool = False
    centred: bool = False

    @classmethod
    def of(cls, said: Said, picture: av.VideoFrame, context: av.VideoCodecContext) -> Tags:
        """What was `said` of the stream, else what a decoded picture says of itself.

        Of the two the container's word is the surer: ProRes and DNxHR may have none in their pictures. An untagged
        matrix is BT.709 above 576 lines, else BT.601. Raises ValueError for a matrix that is none of Y'CbCr (ICtCp,
        constant luminance).
        """
        primaries, transfer, matrix, levels = (
            own if outer == unsaid else outer
            for outer, own, unsaid in zip(said, said_by(picture), _UNSAID, strict=True)
        )
        return cls(
            primaries,
            transfer,
            _known_matrix(matrix, picture.height),
            _is_full(picture.format.name, levels, context.name),
            context.name in _CENTRED,
        )


def said_by(teller: av.VideoFrame | av.VideoCodecContext) -> Said:
    """Primaries, transfer, matrix and range as a picture or a stream names them; a stream only until it is decoded."""
    names = (teller.color_primaries, teller.color_trc, teller.colorspace, teller.color_range)
    return tuple(map(int, names))


def _known_matrix(matrix: int, height: int) -> int:
    if matrix in _LUMA or matrix == _YCGCO:
        return matrix
    if matrix > _YCGCO:
        raise ValueError(f"its colour is coded by matrix {matrix} of H.273, which is not Y'CbCr")
    return 1 if height > 576 else 6


def _is_full(pixel_format: str, levels: int, codec: str) -> bool:
    if pixel_format.startswith("gray") and levels == 0:
        return codec not in _LIMITED_GREY
    return levels == _FULL or pixel_format.startswith("yuvj")


def video_to_rgb(frame: av.VideoFrame, tags: Tags) -> Array:
    """H x W x 3 float32, or 4 with a straight alpha: 0..1 within the legal range and beyond it outside.

    Raises ValueError for a pixel format that is neither Y'CbCr nor RGB.
    """
    frame = planar(frame)
    codes, kind = unpack(frame, centred=tags.centred), frame.format
    bits = kind.components[0].bits
    if kind.is_rgb or bits == _FLOAT:
        light = codes if bits == _FLOAT else codes / np.float32(2**bits - 1)
    elif codes.shape[2] == 1:
        black, span, _ = _levels(tags, bits)
        light = (codes - np.float32(black)) / np.float32(span)
    else:
        light = cv2.transform(codes, _to_rgb(tags, bits, codes.shape[2]).astype(np.float32))
    return np.asarray(light if light.shape[2] > 1 else np.repeat(light, 3, axis=2))


def rgb_to_video(rgb: Array, pixel_format: str, tags: Tags) -> av.VideoFrame:
    """A frame of a planar Y'CbCr format from H x W x 3 float32, or 4 where the format has alpha (straight, 0..1).

    NaN becomes 0, what the codes cannot hold is cut off, and nothing is dithered.
    """
    bits = av.VideoFormat(pixel_format).components[0].bits
    matrix = _to_rgb(tags, bits, rgb.shape[2])
    inverse = np.linalg.inv(matrix[:, :-1])
    affine = np.column_stack([inverse, -inverse @ matrix[:, -1]]).astype(np.float32)
    # Infinite light would make every code of its pixel infinite; nothing beyond -1..2 fits in any code.
    light = np.clip(np.nan_to_num(rgb, nan=0.0), -1, 2).astype(np.float32)
    return pack(np.clip(cv2.transform(light, affine), 0, 2**bits - 1), pixel_format)


def _levels(tags: Tags, bits: int) -> tuple[int, int, int]:
    """The code of black, and how many codes luma and chroma span (H.273 equations 20 to 31)."""
    if tags.full_range:
        return 0, 2**bits - 1, 2**bits - 1
    scale = 2 ** (bits - 8)
    return 16 * scale, 219 * scale, 224 * scale


def _to_rgb(tags: Tags, bits: int, channels: int) -> Array:
    """C x (C + 1): from codes and 1 to RGB (H.273 equations 38 to 52, inverted), and to alpha where C is 4."""
    black, luma, chroma = _levels(tags, bits)
    affine, middle = np.zeros((channels, channels + 1)), 2 ** (bits - 1)
    affine[:3, :3] = _matrix(tags.matrix) / [luma, chroma, chroma]
    affine[:3, -1] = -affine[:3, :3] @ [black, middle, middle]
    affine[3:, 3:4] = 1 / (2**bits - 1)
    return affine


def _matrix(number: int) -> Array:
    """3 x 3: from Y' and chroma around 0 to R'G'B'."""
    if number == _YCGCO:
        return np.array([[1, -1, 1], [1, 1, 0], [1, -1, -1]])
    red, blue = _LUMA[number]
    green = 1 - red - blue
    cr, cb = 2 * (1 - red), 2 * (1 - blue)
    return np.array([[1, 0, cr], [1, -blue * cb / green, -red * cr / green], [1, cb, 0]])
