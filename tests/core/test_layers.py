"""Which pictures a file holds, by the names that renderers and compositing programs write."""

from __future__ import annotations

import pytest

from replate.errors import UsageError
from replate.picture.layers import Listing, find_channel, find_layers, find_pictures

# The channels of a stereo render with motion, disparity and mattes, as one part and in the file's order.
STEREO = Listing(
    (
        *("R", "G", "B", "A", "Z", "forward.left.u", "forward.right.u"),
        *("left.R", "left.G", "left.B", "left.A", "left.Z"),
        *("whitebarmask.left.mask", "whitebarmask.right.mask"),
    ),
    {"multiView": ["right", "left"], "name": "rgba"},
)
RENDER = Listing(("A", "B", "G", "R", "Z", "diffuse.B", "diffuse.G", "diffuse.R", "N.X", "N.Y", "N.Z", "id"))


def names(picture: object) -> list[str]:
    return [name for _, name in picture.channels]  # type: ignore[attr-defined]


def test_the_main_picture_is_the_one_without_a_layer() -> None:
    (picture,) = find_pictures([RENDER])
    assert names(picture) == ["R", "G", "B", "A"]
    assert picture.whole and picture.view == "" and picture.alpha is None


def test_a_layer_borrows_the_alpha() -> None:
    (picture,) = find_pictures([RENDER], layer="diffuse")
    assert names(picture) == ["diffuse.R", "diffuse.G", "diffuse.B"]
    assert picture.alpha == (0, "A") and not picture.whole


def test_views_in_one_part() -> None:
    right, left = find_pictures([STEREO])
    assert (right.view, names(right), right.default_view) == ("right", ["R", "G", "B", "A"], True)
    assert (left.view, names(left), left.default_view) == ("left", ["left.R", "left.G", "left.B", "left.A"], False)
    assert find_pictures([STEREO], view="left") == (left,)


def test_views_in_parts_named_after_layer_and_view() -> None:
    parts = [
        Listing(("R", "G", "B", "A"), {"name": "rgba.left", "view": "left"}),
        Listing(("R", "G", "B", "A"), {"name": "rgba.right", "view": "right"}),
        Listing(("Z",), {"name": "depth.left", "view": "left"}),
        Listing(("R", "G", "B"), {"name": "diffuse_left", "view": "left"}),
        Listing(("red", "green", "blue"), {"name": "diffuse_right", "view": "right"}),
    ]
    assert [(each.part, each.view) for each in find_pictures(parts)] == [(0, "left"), (1, "right")]
    left, right = find_pictures(parts, layer="diffuse")
    assert (left.part, left.alpha, right.part, right.alpha) == (3, (0, "A"), 4, (1, "A"))
    assert names(right) == ["red", "green", "blue"]


def test_a_part_may_be_called_after_its_view_first() -> None:
    parts = [
        Listing(("R", "G", "B"), {"name": "left.rgba", "view": "left"}),
        Listing(("R", "G", "B"), {"name": "right.rgba", "view": "right"}),
        Listing(("R", "G", "B"), {"name": "leftover", "view": "left"}),
    ]
    assert [(each.part, each.view) for each in find_pictures(parts)] == [(0, "left"), (1, "right")]


def test_a_lone_luminance_is_a_picture_and_the_y_of_a_vector_is_not() -> None:
    parts = [Listing(("Y", "right.Y"), {"multiView": ["left", "right"]})]
    assert [names(each) for each in find_pictures(parts)] == [["Y"], ["right.Y"]]
    with pytest.raises(UsageError, match="no layer 'N' with colour"):
        find_pictures([RENDER], layer="N")
    assert find_pictures([Listing(("N.X", "N.Y", "N.Z"))]) == ()


def test_the_first_layer_stands_in_where_every_channel_has_one() -> None:
    (picture,) = find_pictures([Listing(("Z", "beauty.R", "beauty.G", "beauty.B", "spec.R", "spec.G", "spec.B"))])
    assert names(picture)[0] == "beauty.R"


def colour(*layers: str) -> tuple[str, ...]:
    return tuple(f"{layer}.{channel}" for layer in layers for channel in "RGB")


@pytest.mark.parametrize(
    ("parts", "layers"),
    [
        ([Listing(colour("ViewLayer.AO", "ViewLayer.Combined"))], ("ViewLayer.Combined", "ViewLayer.AO")),
        ([Listing(("R", "G", "B", *colour("beauty")))], ("", "beauty")),
        ([Listing(tuple("RGB"), {"name": name}) for name in ("albedo", "C")], ("C", "albedo")),
        ([Listing(tuple("RGBA"), {"name": name}) for name in ("crypto_object", "fg")], ("fg",)),
        ([Listing(tuple("RGB"), {"name": "fg"}), Listing(colour("beauty"))], ("fg", "beauty")),
        ([Listing(colour("CryptoAsset00", "diffuse"))], ("diffuse",)),
    ],
)
def test_the_main_picture_is_no_id_and_called_as_main_pictures_are(
    parts: list[Listing], layers: tuple[str, ...]
) -> None:
    assert find_layers(parts) == layers
    assert find_pictures(parts)[0].channels == find_pictures(parts, layer=layers[0] or "")[0].channels


@pytest.mark.parametrize(
    ("parts", "choice", "words"),
    [
        ([RENDER], {"layer": "difuse"}, "no layer 'difuse' with colour in it; did you mean 'diffuse'?"),
        ([STEREO], {"view": "lefty"}, "no view 'lefty'; did you mean 'left'?"),
        ([RENDER], {"view": "left"}, "has no views, so there is no view 'left'; leave --view out"),
    ],
)
def test_what_is_not_there_is_named(parts: list[Listing], choice: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_pictures(parts, **choice)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "view", "found"),
    [
        ("A", "", "A"),
        ("A", "left", "left.A"),
        ("A", "right", "A"),
        ("whitebarmask.left.mask", "right", "whitebarmask.left.mask"),
        ("whitebarmask.mask", "left", "whitebarmask.left.mask"),
        ("whitebarmask.left", "right", "whitebarmask.left.mask"),
        ("left.Z", "right", "left.Z"),
        ("nothing", "left", None),
    ],
)
def test_channels_are_found_in_the_view_that_is_worked_on(name: str, view: str, found: str | None) -> None:
    assert find_channel([STEREO], name, view=view) == (None if found is None else (0, found))


def test_a_channel_may_lie_in_another_part() -> None:
    assert find_channel([RENDER, Listing(("crypto.R",)), Listing(("mask",))], "mask") == (2, "mask")
