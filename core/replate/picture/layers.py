"""Which pictures a file holds: its layers and views, found by the names of channels and parts.

Names follow "Storing Multi-View Images in OpenEXR Files" (ILM, 2007): `layer.view.channel`, where the first name of
`multiView` is the view of the channels that name none; and the part attributes `name` and `view` of OpenEXR 2. Nuke and
others write a layer either way: as channels `diffuse.R` or as a part called `diffuse`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ..errors import UsageError
from ..params import nearest
from .ids import id_channels

__all__ = ["Half", "Layout", "Listing", "Picture", "find_channel", "find_layers", "find_pictures"]

Half = Literal["", "left", "right", "top", "bottom"]

# What Blender, Houdini and others call the picture that the other layers are parts of.
_MAIN = {"rgba", "rgb", "beauty", "combined", "c", "main"}
# What a colour channel is called inside a layer; Nuke writes the words.
_SHORT = {"red": "R", "green": "G", "blue": "B", "alpha": "A", "r": "R", "g": "G", "b": "B", "a": "A"}


class Layout(Protocol):
    """What a part says of itself, in a header or in a frame."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Full names in the file's order."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Attributes by name."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The type of each channel in the file; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A `Layout` of channels alone."""

    channels: tuple[str, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of a file: a part of it, and which channels are its R, G, B (or Y) and A.

    `channels` are (short name, name in the part). `alpha` is the (part, name) of another picture's alpha where this one
    has none. `default_view` tells that the channels of `view` carry no view in their names. `half` says which half
    of the rectangle an eye has where two share it.
    """

    part: int
    layer: str
    view: str
    channels: tuple[tuple[str, str], ...]
    alpha: tuple[int, str] | None = None
    default_view: bool = True
    half: Half = ""

    @property
    def whole(self) -> bool:
        """Whether the part is what a node wants to see as it stands."""
        return not self.half and self.alpha is None and all(short == name for short, name in self.channels)


@dataclass(slots=True)
class _Group:
    """Channels of one layer and view in one part; `base` is the part's name without its view."""

    part: int
    base: str
    layer: str
    view: str
    default_view: bool
    ids: frozenset[str] = frozenset()
    names: dict[str, str] = field(default_factory=dict)

    @property
    def colour(self) -> tuple[tuple[str, str], ...]:
        """R G B, or a lone Y (not the Y of a vector), and A; empty where there is no colour."""
        wanted = "RGB" if {"R", "G", "B"} <= set(self.names) else "Y" if "Y" in self.names else ""
        if not wanted or (wanted == "Y" and "X" in self.names):
            return ()
        return tuple((short, self.names[short]) for short in (*wanted, "A") if short in self.names)

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """The lowest is the main picture: never IDs, best without a layer's name, best called as main pictures are."""
        title = self.titles[0] if self.titles else "rgba"
        return self.holds_ids, bool(self.layer), title.rpartition(".")[2].lower() not in _MAIN

    @property
    def holds_ids(self) -> bool:
        """Whether its colour is none, but the numbers of things."""
        return any(name in self.ids for _, name in self.colour)

    @property
    def titles(self) -> tuple[str, ...]:
        """What the user may call this layer, the usual name first."""
        joined = ".".join(filter(None, (self.base, self.layer)))
        return tuple(dict.fromkeys(filter(None, (self.layer, joined))))


def find_pictures(parts: Sequence[Layout], *, layer: str = "", view: str = "") -> tuple[Picture, ...]:
    """The pictures of `layer` ("": the main one) in `view` ("": in every view that there is), in the file's order.

    Raises UsageError that names what there is where the layer or the view does not exist; empty where no channel of
    the file is a colour.
    """
    groups = [group for group in _groups(parts) if group.colour]
    chosen = _of_layer(groups, layer)
    found = [group for group in chosen if view in ("", group.view)]
    if chosen and not found:
        raise UsageError(_no_view(view, [group.view for group in chosen]), parameter="view")
    main = _of_layer(groups, "")
    return tuple(_picture(group, layer, main) for group in found)


def find_layers(parts: Sequence[Layout]) -> tuple[str, ...]:
    """The names of all layers with colour, which IDs are not, the main picture's first: "" where it has none."""
    groups = sorted((each for each in _groups(parts) if each.colour and not each.holds_ids), key=lambda each: each.rank)
    return tuple(dict.fromkeys(group.titles[0] if group.titles else "" for group in groups))


def find_channel(parts: Sequence[Layout], name: str, *, view: str = "") -> tuple[int, str] | None:
    """The (part, full name) of a channel: in `view` where that has one, else as it is written; None where it is not.

    `A` in the view left of a file whose views share a part is `left.A`. A layer that holds a single channel may be
    named without it.
    """
    found = [(part, full, *_spoken(layout, full)) for part, layout in enumerate(parts) for full in layout.channels]
    spoken = [(part, full, of, ".".join(filter(None, (layer, last)))) for part, full, layer, of, last in found]
    matching = (
        [(part, full) for part, full, of, short in spoken if (of, short) == (view, name)],
        [(part, full) for part, full, _, _ in spoken if full == name],
        [(part, full) for part, full, _, short in spoken if short == name],
    )
    alone = [(part, full) for part, full, *_ in found if full.rpartition(".")[0] == name]
    return next((each[0] for each in matching if each), alone[0] if len(alone) == 1 else None)


def _picture(group: _Group, layer: str, main: list[_Group]) -> Picture:
    alpha = None
    if "A" not in group.names:
        beside = next((each for each in main if each.view == group.view and "A" in each.names), None)
        alpha = (beside.part, beside.names["A"]) if beside else None
    return Picture(
        part=group.part,
        layer=layer,
        view=group.view,
        channels=group.colour,
        alpha=alpha,
        default_view=group.default_view,
    )


def _of_layer(groups: list[_Group], layer: str) -> list[_Group]:
    """The layer in all its views; "" for the main picture, the first of the lowest rank."""
    found = (
        [group for group in groups if layer in group.titles] if layer else sorted(groups, key=lambda it: it.rank)[:1]
    )
    if groups and not found:
        known = dict.fromkeys(group.titles[0] for group in groups if group.titles)
        raise UsageError(
            f"the plate has no layer '{layer}' with colour in it{nearest(layer, known)}", parameter="layer"
        )
    first = found[0] if found else None
    return [each for each in groups if (each.base, each.layer) == (first.base, first.layer)] if first else []


def _no_view(view: str, known: Iterable[str]) -> str:
    names = [name for name in known if name]
    if not names:
        return f"the plate has no views, so there is no view '{view}'; leave --view out"
    return f"the plate has no view '{view}'{nearest(view, names)}"


def _groups(parts: Sequence[Layout]) -> Iterator[_Group]:
    """Channels brought together by part, layer and view."""
    for number, part in enumerate(parts):
        groups: dict[tuple[str, str], _Group] = {}
        base, own, ids = _base(part), _own_view(part), id_channels(part)
        for name in part.channels:
            layer, view, component = _spoken(part, name)
            group = groups.setdefault((layer, view), _Group(number, base, layer, view, view == own, ids))
            group.names.setdefault(_SHORT.get(component, component), name)
        yield from groups.values()


def _spoken(part: Layout, name: str) -> tuple[str, str, str]:
    """Layer, view and component of a channel's name."""
    *path, component = name.split(".")
    view = _own_view(part)
    if path and path[-1] in _views(part):
        view = path.pop()
    return ".".join(path), view, component


def _base(part: Layout) -> str:
    """The part's name without its view: `diffuse` of `diffuse.left`, `diffuse_left` and `left.diffuse`."""
    name, view = _word(part, "name"), _own_view(part)
    if view and name.endswith(view):
        return name[: -len(view)].rstrip("._- ")
    if view and re.match(rf"{re.escape(view)}[._ -]", name):
        return name[len(view) + 1 :]
    return name


def _own_view(part: Layout) -> str:
    """The view of channels that name none."""
    views = _views(part)
    return _word(part, "view") or (views[0] if views else "")


def _views(part: Layout) -> tuple[str, ...]:
    found = part.metadata.get("multiView", ())
    return tuple(getattr(found, "value", found))


def _word(part: Layout, name: str) -> str:
    found = part.metadata.get(name, "")
    return str(getattr(found, "value", found))
