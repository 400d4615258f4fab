"""Which colour space video with certain tags is in, and how video in a colour space is tagged."""

from __future__ import annotations

from ..color import default_space, known_space
from .yuv import UNTAGGED, Tags

__all__ = ["names_of", "reason_for", "tags_of"]

# (ColourPrimaries, TransferCharacteristics) of H.273 -> names of the space; the first that the config knows counts.
_SPACES = {
    (1, 13): ("srgb_texture", "sRGB - Texture", "Utility - sRGB - Texture", "srgb_display"),
    (12, 13): ("srgb_p3d65", "srgb_displayp3", "srgb_p3d65_scene", "srgb_p3d65_display"),
    (1, 4): ("g22_rec709", "Gamma 2.2 Rec.709 - Texture", "g22_rec709_display"),
    (1, 8): ("lin_rec709", "Linear Rec.709 (sRGB)"),
    (9, 8): ("lin_rec2020", "Linear Rec.2020"),
    (9, 16): ("rec2100_pq_display", "Rec.2100-PQ - Display"),
    (9, 18): ("rec2100_hlg_display", "Rec.2100-HLG - Display"),
}
# BT.709 and what stands for it: standard definition (its primaries differ too little to have a space) and BT.2020's
# names of the same curve.
_USUAL_PRIMARIES, _USUAL_TRANSFERS = (1, 5, 6), (1, 6, 14, 15)


def names_of(tags: Tags) -> tuple[str, ...]:
    """What the space of video with these tags may be called; nothing where they say nothing that is known here."""
    if tags.primaries in _USUAL_PRIMARIES and tags.transfer in _USUAL_TRANSFERS:
        return (default_space("video"),)
    primaries = 1 if tags.primaries == UNTAGGED else tags.primaries
    return _SPACES.get((primaries, tags.transfer), ())


def reason_for(tags: Tags) -> str:
    """Why video with these tags is taken for the usual where nothing else tells."""
    if UNTAGGED in (tags.primaries, tags.transfer):
        return "assumed for video"
    return f"assumed, because nothing here stands for its primaries {tags.primaries} and transfer {tags.transfer}"


def tags_of(space: str) -> Tags:
    """How video in `space` is tagged; as BT.709 where H.273 has no word for it."""
    for (primaries, transfer), names in _SPACES.items():
        if space in map(known_space, names):
            return Tags(primaries, transfer, 9 if primaries == 9 else 1)
    return Tags()
