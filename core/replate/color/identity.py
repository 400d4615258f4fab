"""What tells one OpenColorIO configuration from another on every machine: what its files hold, not their paths."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import PyOpenColorIO as ocio

from ..keeping.stamps import Stamps

__all__ = ["PROBLEMS", "identity_of", "refers"]

_MOST = 4096  # digests that are remembered
_DIGESTS: dict[Path, tuple[Stamps, bytes]] = {}

PROBLEMS = (ocio.Exception, ocio.ExceptionMissingFile)
"""What OpenColorIO raises; the second is no kind of the first."""


def identity_of(config: ocio.Config, name: str) -> str:
    """The full name of a built-in configuration; else a digest (hex) of the file `name` and of every LUT it refers to.

    A LUT that is not there counts as such: whoever needs it gets an error, and a frame made later with it is another.
    """
    path = Path(name)
    if not path.is_file():
        return str(config.getName())
    digest = hashlib.sha256(path.read_bytes())
    context = config.getCurrentContext()
    for source in sorted(set(_sources(config))):
        digest.update(b"\n" + source.encode() + b"\n" + _contents(context, source))
    return digest.hexdigest()


def refers(config: ocio.Config) -> bool:
    """Whether a configuration is made of more files than its own."""
    return any(True for _ in _sources(config))


def _contents(context: ocio.Context, source: str) -> bytes:
    try:
        return _digest(Path(context.resolveFileLocation(source)))
    except (*PROBLEMS, OSError):
        return b"missing"  # or inside an archive (.ocioz), which is hashed as a whole


def _digest(path: Path) -> bytes:
    """Of what a file holds; in a warm process many jobs ask for the same LUTs, which may be far away."""
    known = _DIGESTS.get(path)
    if known is None or not known[0].hold:
        stamps = Stamps((path,))  # before it is read: what comes after is a change
        known = _DIGESTS[path] = stamps, hashlib.sha256(path.read_bytes()).digest()
    while len(_DIGESTS) > _MOST:
        del _DIGESTS[next(iter(_DIGESTS))]
    return known[1]


def _sources(config: ocio.Config) -> Iterator[str]:
    """The files of all transforms, as the configuration writes them."""
    spaces = config.getColorSpaces(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL)
    ways = (ocio.COLORSPACE_DIR_TO_REFERENCE, ocio.COLORSPACE_DIR_FROM_REFERENCE)
    views = (ocio.VIEWTRANSFORM_DIR_TO_REFERENCE, ocio.VIEWTRANSFORM_DIR_FROM_REFERENCE)
    directions = (ocio.TRANSFORM_DIR_FORWARD, ocio.TRANSFORM_DIR_INVERSE)
    found = [space.getTransform(way) for space in spaces for way in ways]
    found += [view.getTransform(way) for view in config.getViewTransforms() for way in views]
    found += [named.getTransform(way) for named in config.getNamedTransforms() for way in directions]
    found += [each for look in config.getLooks() for each in (look.getTransform(), look.getInverseTransform())]
    for transform in found:
        yield from _files(transform)


def _files(transform: ocio.Transform | None) -> Iterator[str]:
    if isinstance(transform, ocio.GroupTransform):
        for each in transform:
            yield from _files(each)
    elif isinstance(transform, ocio.FileTransform):
        yield transform.getSrc()
