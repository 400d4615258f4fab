"""Promise 1: where the mask is 0, or at mix 0, every channel of the output is bit-equal to the input."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plates import DEEP_CHANNELS, bits, plate, read, write, write_mask, write_shot
from walks import SIZE, box, walk

from .conftest import FRAMES, burn, burning, remove, style

FORMATS = ("half",) * 4 + ("float",) + ("half",) * 3


@pytest.fixture
def deep_shot(tmp_path: Path) -> str:
    return write_shot(tmp_path / "deep", FRAMES[:3], channels=DEEP_CHANNELS, formats=FORMATS)


def test_mix_zero_is_the_plate(tmp_path: Path, deep_shot: str, generator: str) -> None:
    style(deep_shot, tmp_path / "out.%04d.exr", generator, mix=0.0)
    for frame in FRAMES[:3]:
        before, was = read(deep_shot % frame)
        after, now = read(tmp_path / f"out.{frame:04d}.exr")
        assert np.array_equal(bits(before), bits(after))
        assert was.channelnames == now.channelnames
        assert [str(f) for f in was.channelformats] == [str(f) for f in now.channelformats]


def test_outside_the_mask_is_the_plate(tmp_path: Path, deep_shot: str, generator: str) -> None:
    matte = np.zeros((48, 64))
    matte[10:30, 20:50] = 1.0
    matte[12, 22] = 0.5
    mask = write_mask(tmp_path / "mask.exr", matte)
    style(deep_shot, tmp_path / "out.%04d.exr", generator, mask=mask)
    before, after = (read(str(path) % 1001)[0] for path in (deep_shot, tmp_path / "out.%04d.exr"))
    outside = matte == 0
    assert np.array_equal(bits(before[outside]), bits(after[outside]))
    assert np.array_equal(bits(before[..., 3:]), bits(after[..., 3:])), "only R, G and B may change"
    changed = (before != after).any(axis=-1)
    assert changed[matte == 1].mean() > 0.9, "inside the mask the look must show"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), mix=st.sampled_from([0.0, 0.5, 1.0]))
def test_any_bit_pattern_outside_any_mask(tmp_path: Path, generator: str, seed: int, mix: float) -> None:
    """Every half there is - NaNs with payloads, infinities, subnormals - and a random matte."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 2**16, (24, 32, 4), dtype=np.uint16).view(np.float16)
    matte = rng.integers(0, 2, (24, 32)).astype(np.float32)
    source = write(tmp_path / "wild.exr", pixels)
    mask = write_mask(tmp_path / "matte.exr", matte)
    style(str(source), tmp_path / "out.exr", generator, mask=mask, mix=mix, overwrite=True)
    before, after = read(source)[0], read(tmp_path / "out.exr")[0]
    still = (matte == 0) | (mix == 0)
    assert np.array_equal(bits(before[still]), bits(after[still]))
    assert np.array_equal(bits(before[..., 3]), bits(after[..., 3]))


def test_strength_zero_changes_nothing_visible(tmp_path: Path, generator: str) -> None:
    source = write(tmp_path / "a.exr", plate(48, 64))
    style(str(source), tmp_path / "out.exr", generator, strength=0.0)
    before, after = read(source)[0], read(tmp_path / "out.exr")[0]
    assert np.allclose(before, after, rtol=2e-3, atol=1e-4)


@pytest.mark.parametrize("grow, feather", [(0, 0), (3, 0), (2, 4), (0, 6)])
def test_removal_outside_the_grown_and_feathered_mask_is_the_plate(tmp_path: Path, grow: int, feather: int) -> None:
    shot = walk(tmp_path / "in", FRAMES)
    frame = FRAMES[4]
    edges = {"mask.grow": float(grow), "mask.feather": float(feather)}
    remove(shot, tmp_path / "out.%04d.exr", frames=str(frame), **edges)
    before, after = (read(path % frame)[0] for path in (shot.plate, str(tmp_path / "out.%04d.exr")))
    hole = box(frame - FRAMES[0])
    reached = cv2.dilate(hole, np.ones((3, 3), np.uint8), iterations=grow + feather // 2 + 1) > 0
    assert np.array_equal(bits(before[~reached]), bits(after[~reached]))
    assert (before != after).any(axis=-1)[hole > 0].all(), "nothing of it may be left"


def test_removal_of_nothing_leaves_every_bit(tmp_path: Path) -> None:
    """Every half there is, under masks that are empty in this frame, though not in its neighbours."""
    wild = np.random.default_rng(3).integers(0, 2**16, (*SIZE, 3), dtype=np.uint16).view(np.float16)
    shot = walk(tmp_path / "in", FRAMES, matte=lambda index: box(index) * (index != 4), formats=("half",) * 3)
    write(Path(shot.plate % FRAMES[4]), wild)
    remove(shot, tmp_path / "out.%04d.exr", frames=f"{FRAMES[4]}")
    before, after = (read(path % FRAMES[4])[0] for path in (shot.plate, str(tmp_path / "out.%04d.exr")))
    assert np.array_equal(bits(before), bits(after))


def test_removal_touches_no_other_channel(tmp_path: Path) -> None:
    """Depth and colours that nobody asked about stay in the hole, too."""
    shot = walk(tmp_path / "in", FRAMES)
    for number in FRAMES:
        colour, _ = read(shot.plate % number)
        rest = plate(*SIZE, frame=number, channels=8)[..., 3:]
        write(Path(shot.plate % number), np.concatenate([colour, rest], -1), channels=DEEP_CHANNELS, formats=FORMATS)
    remove(shot, tmp_path / "out.%04d.exr", frames=f"{FRAMES[3]}")
    before, was = read(shot.plate % FRAMES[3])
    after, now = read(tmp_path / f"out.{FRAMES[3]}.exr")
    assert was.channelnames == now.channelnames
    assert np.array_equal(bits(before[..., 3:]), bits(after[..., 3:]))


def test_removal_at_mix_zero_is_the_plate(tmp_path: Path) -> None:
    shot = walk(tmp_path / "in", FRAMES)
    remove(shot, tmp_path / "out.%04d.exr", frames=f"{FRAMES[3]}", mix=0.0)
    before, after = (read(path % FRAMES[3])[0] for path in (shot.plate, str(tmp_path / "out.%04d.exr")))
    assert np.array_equal(bits(before), bits(after))


def test_where_nothing_burns_is_the_plate(tmp_path: Path) -> None:
    """Every half there is under a fire: only where its own layer holds something may a bit change."""
    shot = burning(tmp_path / "in")
    wild = np.random.default_rng(3).integers(0, 2**16, (108, 160, 8), dtype=np.uint16).view(np.float16)
    write(Path(shot["plate"] % FRAMES[5]), wild, channels=DEEP_CHANNELS)
    burn(shot, tmp_path / "out.%04d.exr", frames=str(FRAMES[5]), **{"layer.element": True})
    before, was = read(shot["plate"] % FRAMES[5])
    after, now = read(tmp_path / f"out.{FRAMES[5]}.exr")
    assert now.channelnames[:8] == was.channelnames
    there = after[..., [now.channelnames.index(f"replate.element.{name}") for name in "RGBA"]].any(axis=-1)
    assert 0.02 < there.mean() < 0.6
    assert np.array_equal(bits(before[~there]), bits(after[..., :8][~there]))
    assert np.array_equal(bits(before[..., 4:]), bits(after[..., 4:8]))


@pytest.mark.parametrize("given", [{"mix": 0.0}, {"intensity": 0.0, "opacity": 0.0, "smoke.amount": 0.0}])
def test_a_fire_that_is_not_there_leaves_every_bit(tmp_path: Path, given: dict[str, float]) -> None:
    shot = burning(tmp_path / "in")
    burn(shot, tmp_path / "out.%04d.exr", frames=str(FRAMES[5]), **given)
    before, after = (read(path % FRAMES[5])[0] for path in (shot["plate"], str(tmp_path / "out.%04d.exr")))
    assert np.array_equal(bits(before), bits(after))
