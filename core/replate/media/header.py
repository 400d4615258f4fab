"""What a picture file says of itself before its pixels are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..frame import Window
from .attributes import plain

__all__ = ["Damage", "Header", "check_size"]

_SURELY_FINE = 128 * 2**20


class Damage(Exception):  # noqa: N818  (what is wrong with a file, not with us)
    """Why a file cannot be read, in words that name neither the file nor the frame; `images` adds both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One part of a picture file, in the words of `Frame`, which has the same fields and the pixels.

    `formats` has each channel's type in the file: "half", "float", "uint", "uint8", ... `others` are the file's other
    parts in order, `part` is this one's place among them all: it is the part that `read_image` returns.
    """

    channels: tuple[str, ...]
    formats: tuple[str, ...]
    data_window: Window
    display_window: Window
    metadata: Mapping[str, Any] = field(default_factory=dict)
    others: tuple[Header, ...] = ()
    part: int = 0

    @property
    def parts(self) -> tuple[Header, ...]:
        """Every part of the file in its order; this header alone where there is one."""
        return (*self.others[: self.part], self, *self.others[self.part :])

    @classmethod
    def of_parts(cls, parts: Sequence[Header], part: int = 0) -> Header:
        """Part number `part`, with the others beside it."""
        return replace(parts[part], others=(*parts[:part], *parts[part + 1 :]), part=part)

    @property
    def view(self) -> str:
        """The eye that the part belongs to; empty where it says nothing."""
        return str(plain(self.metadata.get("view", "")))

    @property
    def color_tag(self) -> str:
        """What the file calls its colour space: EXR's colorInteropID or OIIO's guess; empty where there is neither."""
        return str(self.metadata.get("colorInteropID") or self.metadata.get("oiio:ColorSpace") or "")

    @property
    def chromaticities(self) -> tuple[float, ...] | None:
        """CIE x, y of red, green, blue and white, as eight numbers; None where the file has none."""
        found = plain(self.metadata.get("chromaticities"))
        return tuple(map(float, found)) if isinstance(found, tuple) and len(found) == 8 else None


def check_size(claimed: int, file_size: int, *, packed: int) -> None:
    """Raise Damage where a file cannot hold the bytes of pixels that its header claims, before memory is taken.

    `packed` is how many times smaller a picture gets at most.
    """
    if claimed > max(_SURELY_FINE, packed * file_size):
        raise Damage(f"its header claims {claimed / 2**30:.1f} GiB of pixels, which {file_size} bytes cannot hold")
