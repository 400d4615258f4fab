"""Promise 4: scene-linear in and out; light, windows, channels and metadata survive; NaN and inf do no harm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio

from nets import identity, tiny_style
from plates import DEEP_CHANNELS, bits, plate, read, write
from walks import SIZE, box, walk

from .conftest import FRAMES, remove, style

DISPLAY = (0, 0, 96, 64)


def test_windows_channels_and_metadata(tmp_path: Path, generator: str) -> None:
    attributes = {
        "PixelAspectRatio": 2.0,
        "owner": "a studio",
        "comments": "slate 7, take 2",
        "FramesPerSecond": 24.0,
        "camera/iso": 800,
    }
    pixels = plate(40, 110, channels=8)
    how = {"channels": DEEP_CHANNELS, "origin": (-10, 8), "display": DISPLAY, "attributes": attributes}
    source = write(tmp_path / "in.exr", pixels, **how)
    style(str(source), tmp_path / "out.exr", generator)
    _, was = read(source)
    _, now = read(tmp_path / "out.exr")
    assert now.channelnames == was.channelnames
    for name in ("x", "y", "width", "height", "full_x", "full_y", "full_width", "full_height"):
        assert getattr(now, name) == getattr(was, name), name
    for attribute in was.extra_attribs:
        assert now.getattribute(attribute.name) == attribute.value, attribute.name


def test_identity_keeps_light(tmp_path: Path) -> None:
    """Values from -0.01 to 1000 come back through the generator's space."""
    values = np.concatenate([-np.geomspace(1e-4, 1e-2, 20), np.geomspace(1e-3, 1e3, 44)]).astype(np.float32)
    pixels = np.broadcast_to(values[None, :, None], (16, 64, 3)).copy()
    pixels[..., 1] *= 0.5
    source = write(tmp_path / "in.exr", pixels, formats=("float",) * 3)
    style(str(source), tmp_path / "out.exr", str(identity(tmp_path / "identity.onnx")))
    before, after = read(source)[0], read(tmp_path / "out.exr")[0]
    bright = before >= 1e-3
    assert np.abs(after[bright] / before[bright] - 1).max() <= 1e-4
    assert np.abs(after[~bright] - before[~bright]).max() <= 1e-5


def test_nan_and_inf_stay_where_they_are(tmp_path: Path, generator: str) -> None:
    """Bad pixels keep their bits; beyond the generator's own radius (24) nothing changes; nothing else turns bad."""
    clean = plate(120, 160)
    dirty = clean.copy()
    dirty[5, 5, 0], dirty[20, 30], dirty[40, 60, 1] = np.nan, np.inf, -np.inf
    for name, pixels in (("dirty", dirty), ("clean", clean)):
        style(str(write(tmp_path / f"{name}.exr", pixels)), tmp_path / f"{name}_out.exr", generator)
    out, reference = read(tmp_path / "dirty_out.exr")[0], read(tmp_path / "clean_out.exr")[0]
    bad = ~np.isfinite(dirty).all(axis=-1)
    assert np.array_equal(out[bad], read(tmp_path / "dirty.exr")[0][bad], equal_nan=True)
    assert np.isfinite(out[~bad]).all()
    far = np.ones(bad.shape, bool)
    for y, x in np.argwhere(bad):
        far[max(0, y - 25) : y + 26, max(0, x - 25) : x + 26] = False
    assert np.array_equal(bits(out[far]), bits(reference[far]))


def test_highlights_stay_highlights(tmp_path: Path) -> None:
    look = tiny_style(tmp_path / "mild.onnx", change=0.02)
    source = write(tmp_path / "in.exr", plate(48, 64))
    style(str(source), tmp_path / "out.exr", str(look))
    assert read(tmp_path / "out.exr")[0][..., :3].max() > 4


def test_premultiplied_edges(tmp_path: Path, generator: str) -> None:
    """A plate and the same plate at alpha 0.5 give the same colour once divided by alpha; empty pixels stay empty."""
    solid = plate(48, 64)
    half = solid * 0.5
    half[:, :8] = 0
    style(str(write(tmp_path / "solid.exr", solid, formats=("float",) * 4)), tmp_path / "a.exr", generator)
    style(str(write(tmp_path / "half.exr", half, formats=("float",) * 4)), tmp_path / "b.exr", generator)
    a, b = read(tmp_path / "a.exr")[0], read(tmp_path / "b.exr")[0]
    assert np.allclose(a[:, 40:, :3], b[:, 40:, :3] * 2, rtol=1e-4, atol=1e-5)
    assert (b[:, :8] == 0).all()


def test_the_header_says_how_it_was_made(tmp_path: Path, generator: str) -> None:
    source = write(tmp_path / "in.exr", plate(48, 64))
    style(str(source), tmp_path / "out.exr", generator, mix=0.5)
    header: oiio.ImageSpec = read(tmp_path / "out.exr")[1]
    assert header.getattribute("replate:node") == "style"
    assert '"mix": 0.5' in header.getattribute("replate:params")
    assert len(header.getattribute("replate:generator_sha256")) == 64


LAYERS = {"layer.clean": True, "layer.found": True, "confidence": True}


def test_removal_keeps_windows_channels_and_metadata_and_adds_its_layers(tmp_path: Path) -> None:
    attributes = {"PixelAspectRatio": 2.0, "owner": "a studio", "camera/iso": 800}
    how = {"origin": (-7, 5), "display": (0, 0, 96, 80), "attributes": attributes}
    shot = walk(tmp_path / "in", FRAMES[:5], **how)
    remove(shot, tmp_path / "out.%04d.exr", frames=f"{FRAMES[2]}", **LAYERS)
    _, was = read(shot.plate % FRAMES[2])
    after, now = read(tmp_path / f"out.{FRAMES[2]}.exr")
    for name in ("x", "y", "width", "height", "full_x", "full_y", "full_width", "full_height"):
        assert getattr(now, name) == getattr(was, name), name
    for attribute in was.extra_attribs:
        assert now.getattribute(attribute.name) == attribute.value, attribute.name
    assert [name for name in now.channelnames if not name.startswith("replate.")] == list(was.channelnames)
    layers = {name.split(".")[1] for name in now.channelnames if name.startswith("replate.")}
    assert layers == {"clean", "found", "confidence"}
    assert np.isfinite(after).all()


def test_removal_by_windows_that_move(tmp_path: Path) -> None:
    """Data windows that differ from frame to frame show the same place of the display."""
    still, moved = walk(tmp_path / "still", FRAMES[:5]), walk(tmp_path / "moved", FRAMES[:5])
    for index, number in enumerate(FRAMES[:5]):
        for pattern in (moved.plate, moved.mask):
            pixels, header = read(pattern % number)
            part = pixels[index : SIZE[0] - 3, 2 * index : SIZE[1] - 5]
            how = {"origin": (2 * index, index), "display": (0, 0, *SIZE[::-1]), "formats": ("float",) * part.shape[2]}
            write(Path(pattern % number), part, channels=header.channelnames, **how)
    made = []
    for name, shot in (("still", still), ("moved", moved)):
        remove(shot, tmp_path / f"{name}.%04d.exr", frames=f"{FRAMES[2]}", **{"grain.amount": 0.0})
        made.append(read(tmp_path / f"{name}.{FRAMES[2]}.exr")[0])
    whole, part = made[0][2 : SIZE[0] - 3, 4 : SIZE[1] - 5], made[1]
    inside = box(2)[2 : SIZE[0] - 3, 4 : SIZE[1] - 5] > 0
    assert np.abs(whole - part)[inside].mean() < 0.02


def test_removal_lets_nan_and_inf_stay_outside_the_hole_and_none_into_it(tmp_path: Path) -> None:
    shot = walk(tmp_path / "in", FRAMES[:7])
    clean = walk(tmp_path / "clean", FRAMES[:7])
    random = np.random.default_rng(5)
    for number in FRAMES[:7]:
        pixels, _ = read(shot.plate % number)
        for value in (np.nan, np.inf, -np.inf):
            pixels[random.integers(0, SIZE[0], 6), random.integers(0, SIZE[1], 6)] = value
        write(Path(shot.plate % number), pixels, formats=("float",) * 3)
    for name, each in (("wild", shot), ("clean", clean)):
        remove(each, tmp_path / f"{name}.%04d.exr", frames=f"{FRAMES[3]}")
    before = read(shot.plate % FRAMES[3])[0]
    after, expected = (read(tmp_path / f"{name}.{FRAMES[3]}.exr")[0] for name in ("wild", "clean"))
    hole = box(3) > 0
    assert np.array_equal(bits(before[~hole]), bits(after[~hole]))
    assert np.isfinite(after[hole]).all()
    assert np.abs(after - expected)[hole].mean() < 0.02
