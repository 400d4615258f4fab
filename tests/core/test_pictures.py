"""Pictures taken out of a frame and put back: nothing else may change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from plates import bits
from replate.errors import InputError, UsageError
from replate.frame import Frame, Window
from replate.picture.layers import Picture
from replate.picture.pictures import Choice, put_back, take

RNG = np.random.default_rng(5)


def frame(channels: tuple[str, ...], size: tuple[int, int] = (6, 8), **fields: object) -> Frame:
    pixels = RNG.normal(0, 1, (*size, len(channels))).astype(np.float32)
    window = Window(0, 0, size[1], size[0])
    base = Frame(pixels=pixels, channels=channels, data_window=window, display_window=window, number=1)
    return replace(base, **fields)  # type: ignore[arg-type]


def brighter(plate: Frame) -> Frame:
    """What a node might make: colour doubled, a layer added."""
    pixels = plate.pixels.copy()
    pixels[..., list(dict.fromkeys(plate.rgb() or ()))] *= 2
    layer = np.full((*pixels.shape[:2], 1), ord(plate.view[:1] or "-"), pixels.dtype)
    return replace(plate, pixels=np.concatenate([pixels, layer], -1), channels=(*plate.channels, "replate.confidence"))


def made(plate: Frame, choice: Choice) -> Frame:
    return put_back(plate, [(p, brighter(shots["plate"][0])) for p, shots in choice.each({"plate": {0: plate}})])


def channel(of: Frame, name: str) -> np.ndarray:
    return of.pixels[..., of.channels.index(name)]


STEREO = ("R", "G", "B", "A", "left.R", "left.G", "left.B", "left.A", "Z")


def test_both_views_of_one_part() -> None:
    plate = frame(STEREO, metadata={"multiView": ["right", "left"]})
    result = made(plate, Choice())
    assert result.channels == (*STEREO, "replate.confidence", "replate.left.confidence")
    for name in ("R", "G", "B", "left.R", "left.G", "left.B"):
        assert np.array_equal(channel(result, name), 2 * channel(plate, name)), name
    for name in ("A", "left.A", "Z"):
        assert np.array_equal(bits(channel(result, name)), bits(channel(plate, name))), name
    assert (channel(result, "replate.confidence") == ord("r")).all()
    assert (channel(result, "replate.left.confidence") == ord("l")).all()


def test_a_part_grows_where_a_node_fills_more_than_its_data_window() -> None:
    display = Window(0, 0, 12, 10)
    plate = frame(STEREO, metadata={"multiView": ["right", "left"]}, display_window=display)

    def filled(shown: Frame) -> Frame:
        wide = np.full((10, 12, len(shown.channels)), 7, np.float32)
        return replace(shown, pixels=wide, data_window=display)

    result = put_back(plate, [(p, filled(s["plate"][0])) for p, s in Choice(view="left").each({"plate": {0: plate}})])
    assert result.data_window == display and (channel(result, "left.G") == 7).all()
    assert np.array_equal(channel(result, "G")[:6, :8], channel(plate, "G")) and not channel(result, "G")[6:].any()


def test_one_view_leaves_the_other_alone() -> None:
    plate = frame(STEREO, metadata={"multiView": ["right", "left"]})
    result = made(plate, Choice(view="left"))
    assert np.array_equal(channel(result, "left.G"), 2 * channel(plate, "left.G"))
    assert np.array_equal(bits(channel(result, "G")), bits(channel(plate, "G")))
    assert result.channels[-1] == "replate.left.confidence"


def test_parts_keep_their_order_windows_and_bits() -> None:
    depth = frame(("Z",), (3, 3), data_window=Window(-1, 2, 3, 3), metadata={"name": "depth"})
    left = frame(("R", "G", "B"), metadata={"name": "rgba.left", "view": "left"})
    right = frame(("R", "G", "B"), metadata={"name": "rgba.right", "view": "right"})
    plate = Frame.of_parts([depth, left, right], 1)
    result = made(plate, Choice())
    assert [part.channels for part in result.parts] == [("Z",), *[("R", "G", "B", "replate.confidence")] * 2]
    assert result.parts[0] == depth
    assert np.array_equal(result.parts[2].pixels[..., :3], 2 * right.pixels)
    assert [part.pixels[0, 0, -1] for part in result.parts[1:]] == [ord("l"), ord("r")]


def test_a_layer_is_worked_on_under_its_own_name() -> None:
    plate = frame(("R", "G", "B", "A", "diffuse.R", "diffuse.G", "diffuse.B"))
    (picture,) = Choice(layer="diffuse").of(plate.parts)
    seen = take(plate, picture)
    assert seen.channels == ("R", "G", "B", "A")
    assert np.array_equal(seen.pixels[..., 3], channel(plate, "A"))
    result = made(plate, Choice(layer="diffuse"))
    assert np.array_equal(channel(result, "diffuse.R"), 2 * channel(plate, "diffuse.R"))
    assert np.array_equal(bits(result.pixels[..., :4]), bits(plate.pixels[..., :4]))


@pytest.mark.parametrize(("stereo", "first"), [("side-by-side", np.s_[:, :4]), ("top-bottom", np.s_[:3])])
def test_eyes_that_share_a_rectangle(stereo: str, first: tuple[slice, ...]) -> None:
    plate = frame(("R", "G", "B"))
    seen = [shots["plate"][0] for _, shots in Choice(stereo=stereo).each({"plate": {0: plate}})]
    assert [each.view for each in seen] == ["left", "right"]
    assert np.array_equal(seen[0].pixels, plate.pixels[first])
    assert all(each.data_window == each.display_window for each in seen)
    whole = made(plate, Choice(stereo=stereo))
    assert np.array_equal(whole.pixels[..., :3], 2 * plate.pixels)
    assert {ord("l"), ord("r")} == set(whole.pixels[..., 3].ravel().tolist())
    left = made(plate, Choice(stereo=stereo, view="left"))
    assert np.array_equal(left.pixels[first][..., :3], 2 * plate.pixels[first])
    assert np.array_equal(left.pixels[-1, -1, :3], plate.pixels[-1, -1])


def test_an_eye_sees_its_part_of_a_data_window_and_of_the_mask() -> None:
    plate = frame(("R", "G", "B"), (4, 5), data_window=Window(2, 1, 5, 4), display_window=Window(0, 0, 8, 6))
    mask = frame(("Y",), (6, 8))
    both = list(Choice(stereo="side-by-side").each({"plate": {0: plate}, "mask": {0: mask}}))
    assert [shots["plate"][0].data_window for _, shots in both] == [Window(2, 1, 2, 4), Window(4, 1, 3, 4)]
    assert [shots["mask"][0].display_window for _, shots in both] == [Window(0, 0, 4, 6), Window(4, 0, 4, 6)]
    beyond = replace(plate, data_window=Window(20, 1, 5, 4))
    assert list(Choice(stereo="side-by-side").each({"plate": {0: beyond}})) == []


def test_two_eyes_have_two_names() -> None:
    with pytest.raises(UsageError, match="top-bottom has the views left and right, not 'center'"):
        Choice(stereo="top-bottom", view="center").of(frame(("R", "G", "B")).parts)


def test_an_odd_width_has_no_halves() -> None:
    with pytest.raises(InputError, match="frame 1 is 7x6, which two eyes cannot share"):
        list(Choice(stereo="side-by-side").each({"plate": {0: frame(("R", "G", "B"), (6, 7))}}))


def test_a_frame_that_lacks_a_channel_is_named() -> None:
    picture = Picture(part=0, layer="", view="", channels=(("R", "R"), ("G", "G"), ("B", "B"), ("A", "A")))
    with pytest.raises(InputError, match="frame 1 has no channel A, which other frames of the shot have"):
        take(frame(("R", "G", "B")), picture)


def test_half_floats_stay_as_they_are() -> None:
    """Also NaNs with a payload, in channels that nobody asked for."""
    plate = frame(STEREO, metadata={"multiView": ["right", "left"]})
    halves = RNG.integers(0, 2**16, plate.pixels.shape, dtype=np.uint16).view(np.float16)
    plate = replace(plate, pixels=halves)
    with np.errstate(all="ignore"):
        result = made(plate, Choice(view="left"))
    kept = [STEREO.index(name) for name in ("R", "G", "B", "A", "left.A", "Z")]
    assert np.array_equal(bits(result.pixels[..., kept]), bits(halves[..., kept]))


def test_object_ids_are_no_colour() -> None:
    plate = frame(("R", "G", "B"), formats=("uint",) * 3)
    with pytest.raises(InputError, match="frame 1: channel R holds object IDs"):
        list(Choice().each({"plate": {0: plate}}))
