"""Between video's Y'CbCr and R'G'B', by the numbers of ITU-T H.273.

swscale only lays out planes and scales chroma, which is exact; the matrix is applied here in float32, because swscale's
own is off by up to three 8-bit codes and cuts off what lies outside 0..1 (footroom and headroom).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from ..color import default_space, known_space

__all__ = ["Tags", "rgb_to_video", "space_of", "tags_of", "video_to_rgb"]

Array = npt.NDArray[Any]

# MatrixCoefficients -> Kr, Kb (H.273 table 4).
_LUMA = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
# (ColourPrimaries, TransferCharacteristics) -> names of the space; the first that the config knows counts.
_SPACES = {
    (1, 13): ("srgb_texture", "sRGB - Texture", "Utility - sRGB - Texture"),
    (12, 13): ("srgb_p3d65", "srgb_displayp3", "srgb_p3d65_scene"),
    (1, 4): ("g22_rec709", "Gamma 2.2 Rec.709 - Texture"),
    (1, 8): ("lin_rec709", "Linear Rec.709 (sRGB)"),
    (9, 16): ("rec2100_pq_display", "Rec.2100-PQ - Display"),
    (9, 18): ("rec2100_hlg_display", "Rec.2100-HLG - Display"),
}
_UNTAGGED = 2


@dataclass(frozen=True, slots=True)
class Tags:
    """What a video stream says of its colour, in the code points of H.273."""

    primaries: int = 1
    transfer: int = 1
    matrix: int = 1
    full_range: bool = False

    @classmethod
    def of(cls, context: Any) -> Tags:
        """The tags of a PyAV codec context; an untagged matrix is BT.709 above standard definition, else BT.601."""
        matrix = int(context.colorspace)
        if matrix not in _LUMA:
            matrix = 1 if context.height > 576 else 6
        full = int(context.color_range) == 2 or (context.pix_fmt or "").startswith("yuvj")
        return cls(int(context.color_primaries), int(context.color_trc), matrix, full)


def space_of(tags: Tags) -> tuple[str, str]:
    """The colour space of video with these tags, and how that is known."""
    primaries = 1 if tags.primaries == _UNTAGGED else tags.primaries
    for name in _SPACES.get((primaries, tags.transfer), ()):
        if found := known_space(name):
            return found, "the file says so"
    said = tags.primaries == 1 and tags.transfer == 1
    return default_space("video"), "the file says so" if said else "assumed for video"


def tags_of(space: str) -> Tags:
    """How video in `space` is tagged; as BT.709 where H.273 has no word for it."""
    for (primaries, transfer), names in _SPACES.items():
        if space in map(known_space, names):
            return Tags(primaries, transfer, 9 if primaries == 9 else 1)
    return Tags()


def video_to_rgb(frame: av.VideoFrame, tags: Tags) -> Array:
    """H x W x 3 float32, 0..1 within the legal range and beyond it outside."""
    bits = frame.format.components[0].bits
    if frame.format.is_rgb:
        name = frame.format.name.replace("gbrap", "gbrp")
        deep = bits > 8 and name.startswith("gbrp")
        codes = frame.to_ndarray(format=name if deep else "rgb24")
        return np.asarray(codes.astype(np.float32) / (2**bits - 1 if deep else 255))
    # The range is named on both sides so that swscale leaves the codes as they are.
    side = 2 if tags.full_range else 1
    codes = frame.to_ndarray(format="yuv444p16le", src_color_range=side, dst_color_range=side)
    return np.asarray(cv2.transform(codes.astype(np.float32), _to_rgb(tags, bits).astype(np.float32)))


def rgb_to_video(rgb: Array, pixel_format: str, tags: Tags) -> av.VideoFrame:
    """A Y'CbCr frame of `pixel_format` from H x W x 3 float32; NaN becomes 0, what the codes cannot hold is cut off."""
    bits = av.VideoFormat(pixel_format).components[0].bits
    matrix = _to_rgb(tags, bits)
    inverse = np.linalg.inv(matrix[:, :3])
    affine = np.column_stack([inverse, -inverse @ matrix[:, 3]]).astype(np.float32)
    codes = np.clip(cv2.transform(np.nan_to_num(rgb, nan=0.0), affine), 0, 65535)
    # Rounded to the codec's own codes, so that swscale has nothing left to round or dither.
    step = 2 ** (16 - bits)
    codes = np.minimum(np.rint(codes / step), 2**bits - 1) * step
    side = 2 if tags.full_range else 1
    frame = av.VideoFrame.from_ndarray(codes.astype(np.uint16), format="yuv444p16le")
    return frame.reformat(format=pixel_format, src_color_range=side, dst_color_range=side)


def _to_rgb(tags: Tags, bits: int) -> Array:
    """3 x 4: from codes widened to 16 bits, and 1, to RGB (H.273 equations 20 to 26 and 38 to 40, inverted)."""
    red, blue = _LUMA[tags.matrix]
    green = 1 - red - blue
    cr, cb = 2 * (1 - red), 2 * (1 - blue)
    matrix = np.array([[1, 0, cr], [1, -blue * cb / green, -red * cr / green], [1, cb, 0]])
    widened = 2 ** (16 - bits)
    top = (2**bits - 1) * widened
    black, luma, chroma = (0, top, top) if tags.full_range else (16 * 256, 219 * 256, 224 * 256)
    scaled = matrix / [luma, chroma, chroma]
    return np.column_stack([scaled, -scaled @ [black, 128 * 256, 128 * 256]])
