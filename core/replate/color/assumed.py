"""Which colour space a plate is in, and how that is known.

In this order: what was asked for; what the file says of itself, by a tag or by its primaries; the configuration's rule
for files of that name; the usual space of such files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from .config import current
from .spaces import Kind, default_space, is_data, known_space, resolve_space

__all__ = ["plate_space"]

_WORDS = {
    "scene": "assumed for scene light",
    "picture": "assumed for a picture",
    "log": "assumed for a scan",
    "video": "assumed for video",
}
# x, y of red, green, blue, white: ITU-R BT.709, SMPTE EG 432-1, ITU-R BT.2020, SMPTE ST 2065-1, AMPAS S-2014-004.
_D65, _ACES_WHITE = (0.3127, 0.3290), (0.32168, 0.33767)
_PRIMARIES = {
    "lin_rec709": (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, *_D65),
    "lin_p3d65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, *_D65),
    "lin_rec2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, *_D65),
    "lin_ap0": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.0770, *_ACES_WHITE),
    "lin_ap1": (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, *_ACES_WHITE),
}
_SAME = 2e-3  # writers round; the nearest two of the primaries above are ten times as far apart


def plate_space(
    path: str | Path,
    kind: Kind,
    *,
    asked: str | None = None,
    tags: Iterable[str] = (),
    chromaticities: Sequence[float] | None = None,
    otherwise: str = "",
) -> tuple[str, str]:
    """The space of the file `path`, and the reason in words that go into brackets.

    `tags` are names that the file gives its space, the first known one counts; `chromaticities` are x and y of red,
    green, blue and white where it says them of linear light. `otherwise` is why the usual space is taken, where there
    is more to say than that it is assumed. Raises UsageError where `asked` is unknown.
    """
    if asked:
        return resolve_space(asked), "as asked"
    usual = default_space(kind)
    for tag in tags:
        found = known_space(tag)
        # OpenImageIO calls every untagged PNG and JPEG sRGB: that is no more than our own assumption.
        if found and not is_data(found) and (kind != "picture" or found != usual):
            return found, "the file says so"
    if primaries := _named(chromaticities or ()):
        return resolve_space(primaries), "the file's chromaticities say so"
    if rule := _by_rule(path):
        return rule, "by a file rule of the configuration"
    unknown = ", though its chromaticities are of no space that we know" if chromaticities else ""
    return usual, (otherwise or _WORDS[kind]) + unknown


def _named(chromaticities: Sequence[float]) -> str:
    """The linear space with these primaries; empty where it is none of the known ones."""
    for name, known in _PRIMARIES.items():
        if len(chromaticities) == 8 and all(abs(a - b) < _SAME for a, b in zip(chromaticities, known, strict=True)):
            return name
    return ""


def _by_rule(path: str | Path) -> str | None:
    """What a rule other than the last, which takes every file, says of this one.

    Only the rules of a configuration that somebody chose: the built-in one takes every EXR for ACES2065-1, which
    is right for an archive and wrong for what renderers and compositors write.
    """
    configuration, name = current(), Path(path).absolute().as_posix()
    if not configuration.name or configuration.spaces.filepathOnlyMatchesDefaultRule(name):
        return None
    return known_space(configuration.spaces.getColorSpaceFromFilepath(name)[0])
