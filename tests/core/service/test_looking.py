"""What a panel without numpy asks for: inputs as they are, pictures for a screen, values of a pixel, proxies."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from plates import plate, read, write, write_mask
from replate.color import to_display, using
from replate.picture.matte import feathered, grown
from replate.service import looking
from replate_plugin.client import Service, ServiceError
from services import array

from .conftest import Shot


def screen(common: Service, shot: Shot, tmp_path: Path, **how: object) -> np.ndarray:
    """A frame of the shot as a screen shows it, H x W x 4."""
    job = shot.job(tmp_path)
    with common.original(job, 3) as original, common.screen(job, original.facts, **how) as shown:  # type: ignore[arg-type]
        assert tuple(shown.channels) == tuple("BGRA")
        return np.array(shown.pixels, np.uint8).reshape(shown.height, shown.width, 4)


def test_an_input_is_what_its_file_holds(common: Service, shot: Shot, tmp_path: Path) -> None:
    with common.original(shot.job(tmp_path), 3) as original:
        assert np.array_equal(array(original), read(shot.plate % 3)[0])
        assert original.space == "ACEScg"


def test_facts_tell_of_a_shot(common: Service, shot: Shot, tmp_path: Path) -> None:
    facts = common.facts(shot.job(tmp_path))
    assert (facts["frames"], facts["size"], facts["kind"]) == (list(range(1, 41)), [128, 96], "scene")
    assert facts["channels"] == list("RGBA")
    assert "sRGB - Display" in facts["displays"]


def test_a_screen_shows_what_the_view_makes_of_it(common: Service, shot: Shot, tmp_path: Path) -> None:
    rgb = read(shot.plate % 3)[0][..., :3]
    with using():
        plain, bright = to_display(rgb, "ACEScg"), to_display(rgb * 2, "ACEScg")
    for exposure, wanted in ((0.0, plain), (1.0, bright)):
        shown = screen(common, shot, tmp_path, exposure=exposure)
        assert np.abs(shown[..., 2::-1] / 255.0 - wanted).max() < 0.6 / 255
        assert (shown[..., 3] == 255).all()


def test_strips_side_by_side_are_one_picture() -> None:
    rgb = np.random.default_rng(2).uniform(-0.1, 9, (333, 517, 3)).astype(np.float32)
    display = "Rec.1886 Rec.709 - Display/Un-tone-mapped"
    with using(display=display):
        whole = to_display(rgb, "ACEScg")
        assert np.array_equal(looking._through_view(rgb, "ACEScg"), whole)
    with using():
        assert not np.array_equal(to_display(rgb, "ACEScg"), whole)


def test_channels_are_shown_alone_and_data_unbent(common: Service, shot: Shot, tmp_path: Path) -> None:
    red = screen(common, shot, tmp_path, channel="R")
    assert np.array_equal(red[..., 0], red[..., 2])
    assert not np.array_equal(red, screen(common, shot, tmp_path, channel="B"))
    assert (screen(common, shot, tmp_path, channel="A")[..., :3] == 255).all()
    lit = screen(common, shot, tmp_path, gamma=2.0).astype(int)
    assert (lit[..., :3] >= screen(common, shot, tmp_path)[..., :3].astype(int) - 1).all()


def test_a_screen_needs_no_more_pixels_than_it_has(common: Service, shot: Shot, tmp_path: Path) -> None:
    assert screen(common, shot, tmp_path, width=40).shape == (30, 40, 4)
    assert screen(common, shot, tmp_path, width=4000).shape == (96, 128, 4)


def test_an_overlay_is_as_opaque_as_its_mask(common: Service, shot: Shot, tmp_path: Path) -> None:
    matte = np.zeros((96, 128))
    matte[:, 64:] = 0.5
    job = shot.job(tmp_path)
    job["inputs"] = {**job["inputs"], "mask": write_mask(tmp_path / "m.exr", matte)}
    with common.original(job, 3, input="mask") as mask:
        facts = mask.facts
        for inverse, left, right in ((False, 0, 128), (True, 255, 128)):
            with common.screen(job, facts, channel="L", tint=(1.0, 0.5, 0.0), inverse=inverse) as shown:
                pixels = np.array(shown.pixels, np.uint8).reshape(96, 128, 4)
                assert tuple(pixels[0, 100]) == pytest.approx((0, 64, right, right), abs=1)
                assert pixels[0, 10, 3] == left


def test_a_matte_is_the_mask_as_the_node_takes_it(common: Service, shot: Shot, tmp_path: Path) -> None:
    drawn = np.zeros((96, 128), np.float32)
    drawn[30:60, 40:90] = 1
    keys = {"keys": [[1, 0.0], [5, 8.0]], "interpolation": "linear"}
    params = {"mask.invert": True, "mask.grow": keys, "mask.feather": 6.0, "mix": 0.5}
    job = shot.job(tmp_path, params=params)
    job["inputs"] = {**job["inputs"], "mask": write_mask(tmp_path / "m.exr", drawn)}
    told = {frame: feathered(grown(1 - drawn, 2.0 * (frame - 1)), 6.0) for frame in (1, 3, 5)}
    for frame, matte in told.items():
        with common.matte(job, frame) as seen:
            assert tuple(seen.channels) == ("Y",)
            assert np.array_equal(array(seen)[..., 0], matte)
    with common.matte(job, 3, width=64) as small:
        half = cv2.resize(told[3], (64, 48), interpolation=cv2.INTER_AREA)
        assert np.abs(array(small)[..., 0] - half).mean() < 0.02
    job["inputs"]["mask"] = "plate:A"
    with common.matte(job, 1) as seen:
        assert not array(seen).any()  # the plate's alpha is 1 all over
    del job["inputs"]["mask"]
    with pytest.raises(ServiceError, match="no input 'mask'"):
        common.matte(job, 1)


def test_layers_come_where_there_are_such(common: Service, shot: Shot, tmp_path: Path) -> None:
    for generator, layers in ((shot.job(tmp_path)["generator"], ()), ("silver", ("replate.confidence",))):
        job = {**shot.job(tmp_path, params={"confidence": True}), "generator": generator}
        with common.preview(job, 3, layers=["replate.confidence"]) as picture:
            assert tuple(picture.channels) == (*"RGBA", *layers)


def test_a_pixel_is_told_in_light(common: Service, shot: Shot, tmp_path: Path) -> None:
    job, value = shot.job(tmp_path), read(shot.plate % 3)[0][20, 30]
    with common.original(job, 3) as original:
        told = common.probe(job, original.facts, 30, 20)
        assert told["space"] == "ACEScg"
        assert [told["values"][name] for name in "RGBA"] == [float(each) for each in value]
        assert told["light"] == [float(each) for each in value[:3]]
        with pytest.raises(ServiceError, match="whole number"):
            common.probe(job, original.facts, 1.5, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize("facts", [{}, {"file": "/nowhere", "width": 4, "height": 4, "channels": ["R"], "space": ""}])
def test_a_picture_that_is_not_there_is_a_sentence(
    facts: dict[str, object], common: Service, shot: Shot, tmp_path: Path
) -> None:
    with pytest.raises(ServiceError, match="cannot be shown"):
        common.screen(shot.job(tmp_path), facts)


def test_a_proxy_is_small_and_leaves_no_trace_in_the_full_picture(common: Service, shot: Shot, tmp_path: Path) -> None:
    job = shot.job(tmp_path, params={"mix": 0.7, "mask.feather": 4.0})
    with common.preview(job, 5, width=64) as proxy:
        assert (proxy.width, proxy.height) == (64, 48)
        assert np.isfinite(array(proxy)).all()
    with common.preview(shot.job(tmp_path), 5) as full:
        assert shot.is_told(array(full), 5)
    with common.preview(shot.job(tmp_path), 5, width=4096) as full:
        assert shot.is_told(array(full), 5)
    with common.original(job, 5, width=32) as small:
        assert (small.width, small.height) == (32, 24)


def test_a_proxy_of_a_masked_job_leaves_what_is_outside(common: Service, shot: Shot, tmp_path: Path) -> None:
    matte = np.zeros((96, 128))
    matte[:, 96:] = 1
    job = shot.job(tmp_path, params={"mask.grow": 8.0})
    job["inputs"] = {**job["inputs"], "mask": write_mask(tmp_path / "m.exr", matte)}
    with common.preview(job, 5, width=64) as proxy, common.original(job, 5, width=64) as original:
        changed = (array(proxy) != array(original)).any(-1)
    assert changed[:, 46:].any()
    assert not changed[:, :42].any()  # 8 pixels are 4 at half the size


def test_a_card_is_told(common: Service, shot: Shot) -> None:
    told = common.card("silver")
    assert told["card"]["licence"] == "Apache-2.0"
    assert told["path"].endswith("silver.onnx")


def test_data_without_colour_can_be_looked_at(common: Service, shot: Shot, tmp_path: Path) -> None:
    depth = plate(96, 128)[..., :1]
    job = shot.job(tmp_path)
    job["inputs"] = {**job["inputs"], "mask": str(write(tmp_path / "z.exr", depth, channels=("Z",)))}
    with common.original(job, 3, input="mask") as original, common.screen(job, original.facts) as shown:
        assert (shown.width, shown.height) == (128, 96)
