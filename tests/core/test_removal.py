"""Removal: a walker before a wall, whose wall is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from nets import identity
from plates import read as read_picture
from plates import write, write_mask
from replate.card import Card
from replate.errors import UsageError
from replate.job import Job
from replate.nodes import Removal
from replate.params import Curve
from replate.render import render

SIZE = (120, 160)
FRAMES = range(1, 10)


def wall(height: int, width: int, seed: int = 4) -> np.ndarray:
    """A surface with structure at all sizes, scene-linear, some of it above 1: H x W x 3 float32."""
    rng, total = np.random.default_rng(seed), np.zeros((height, width, 3), np.float32)
    for octave in range(2, 6):
        coarse = rng.normal(0, 1, (height // 2**octave + 2, width // 2**octave + 2, 3)).astype(np.float32)
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * octave / 6
    return np.exp2(total - 2).astype(np.float32)


def seen(surface: np.ndarray, frame: int, *, speed: float = 1.5) -> np.ndarray:
    """What the camera, which pans, has of the surface in a frame."""
    shift = np.array([[1, 0, -20 - speed * frame], [0, 1, -10]], np.float32)
    return cv2.warpAffine(surface, shift, SIZE[::-1], flags=cv2.INTER_CUBIC)


def walker(frame: int) -> np.ndarray:
    """The mask of something that walks against the camera, H x W."""
    mask = np.zeros(SIZE, np.float32)
    mask[30:90, 100 - 9 * frame + 20 : 125 - 9 * frame + 20] = 1
    return mask


@pytest.fixture
def generator(tmp_path: Path) -> str:
    return str(identity(tmp_path / "plain.onnx", card=Card(name="plain", kind="removal")))


@pytest.fixture
def shot(tmp_path: Path) -> dict[int, np.ndarray]:
    """Plates and masks in `tmp_path`; the wall behind them by frame."""
    surface = wall(160, 240)
    truth = {frame: seen(surface, frame) for frame in FRAMES}
    for frame, picture in truth.items():
        hidden = walker(frame)[..., None]
        write(tmp_path / f"plate.{frame:04d}.exr", np.where(hidden > 0, np.float32(7), picture))
        write_mask(tmp_path / f"mask.{frame:04d}.exr", walker(frame))
    return truth


def removed(folder: Path, generator: str, *, frames: str = "5", name: str = "out", **params: Any) -> Rendered:
    inputs = {each: str(folder / f"{each}.%04d.exr") for each in ("plate", "mask")}
    inputs |= {each: params.pop(each) for each in ("exclude", "clean", "vectors") if each in params}
    options = {each: params.pop(each) for each in ("projection",) if each in params}
    named = {key.replace("_", "."): value for key, value in params.items()}
    output = folder / f"{name}.%04d.exr"
    job = Job(
        node="removal",
        generator=generator,
        inputs=inputs,
        output=str(output),
        frames=frames,
        params=named,
        options=options,
    )
    report = render(job)
    assert not report.failed
    return Rendered(folder / f"{name}.{int(frames.split('-')[-1]):04d}.exr")


class Rendered:
    """A frame that was made: `pixels` and `channels`."""

    def __init__(self, path: Path) -> None:
        self.pixels, spec = read_picture(path)
        self.channels = list(spec.channelnames)

    def layer(self, name: str) -> np.ndarray:
        """One channel, H x W."""
        return self.pixels[..., self.channels.index(name)]


def stops(result: np.ndarray, truth: np.ndarray, where: np.ndarray) -> float:
    """Mean error in stops."""
    apart = np.log2(np.maximum(result[..., :3], 1e-4)) - np.log2(np.maximum(truth, 1e-4))
    return float(np.abs(apart)[where > 0].mean())


def test_what_other_frames_show_comes_back(shot: dict[int, np.ndarray], tmp_path: Path, generator: str) -> None:
    result = removed(tmp_path, generator)
    blind = removed(tmp_path, generator, name="blind", search=False)
    found, invented = (stops(each, shot[5], walker(5)) for each in (result.pixels, blind.pixels))
    assert found < 0.1
    assert invented > 5 * found


@pytest.mark.parametrize("motion", ["flow", "planar"])
def test_each_way_of_moving_finds_a_wall(
    shot: dict[int, np.ndarray], tmp_path: Path, generator: str, motion: str
) -> None:
    assert stops(removed(tmp_path, generator, motion=motion).pixels, shot[5], walker(5)) < 0.1


def test_a_still_camera_needs_no_motion(tmp_path: Path, generator: str) -> None:
    truth = seen(wall(160, 240), 0)
    for frame in FRAMES:
        write(tmp_path / f"plate.{frame:04d}.exr", np.where(walker(frame)[..., None] > 0, np.float32(7), truth))
        write_mask(tmp_path / f"mask.{frame:04d}.exr", walker(frame))
    result = removed(tmp_path, generator, motion="still", grain_amount=0.0)
    assert stops(result.pixels, truth, walker(5)) < 0.01


def test_light_that_drifts_is_followed(shot: dict[int, np.ndarray], tmp_path: Path, generator: str) -> None:
    for frame, picture in shot.items():
        light = np.float32(2 ** (0.1 * (frame - 5)))
        write(tmp_path / f"plate.{frame:04d}.exr", light * np.where(walker(frame)[..., None] > 0, 7, picture))
    assert stops(removed(tmp_path, generator).pixels, shot[5], walker(5)) < 0.12


def test_a_cut_is_never_crossed(shot: dict[int, np.ndarray], tmp_path: Path, generator: str) -> None:
    other = wall(160, 240, seed=9)
    for frame in range(6, 10):
        write(tmp_path / f"plate.{frame:04d}.exr", seen(other, frame) * 3)
    cut = removed(tmp_path, generator, name="cut", layer_found=True)
    offsets = cut.layer("replate.found.offset")
    assert offsets.min() < 0
    assert offsets.max() == 0
    assert stops(cut.pixels, shot[5], walker(5)) < 0.2


def test_the_layers_say_where_the_fill_is_from(shot: dict[int, np.ndarray], tmp_path: Path, generator: str) -> None:
    frame = removed(tmp_path, generator, layer_clean=True, layer_found=True, confidence=True, mix=0.0)
    hole, layer = walker(5) > 0, {name: frame.layer(name) for name in frame.channels}
    assert (layer["replate.found.share"][~hole] == 0).all()
    assert layer["replate.found.share"][hole].mean() > 0.95
    assert (layer["replate.found.offset"][hole] != 0).mean() > 0.95
    assert (layer["replate.confidence"][~hole] == 1).all()
    clean = np.stack([layer[f"replate.clean.{name}"] for name in "RGB"], -1)
    assert stops(clean, shot[5], hole) < 0.1
    assert (frame.pixels[hole][:, :3] == 7).all()


def test_frames_without_anything_to_remove_have_the_same_layers(
    shot: dict[int, np.ndarray], tmp_path: Path, generator: str
) -> None:
    write_mask(tmp_path / "mask.0004.exr", np.zeros(SIZE, np.float32))
    last = removed(tmp_path, generator, frames="4-5", layer_clean=True, layer_found=True, confidence=True)
    assert Rendered(tmp_path / "out.0004.exr").channels == last.channels


def test_what_is_excluded_is_not_taken_for_background(
    shot: dict[int, np.ndarray], tmp_path: Path, generator: str
) -> None:
    for frame in FRAMES:  # a second walker behind the first, in every frame but the one that is made
        matte = np.roll(walker(5), 3, axis=0) if frame != 5 else np.zeros(SIZE, np.float32)
        plate = np.where((walker(frame) > 0)[..., None], np.float32(7), shot[frame])
        write(tmp_path / f"plate.{frame:04d}.exr", np.where((matte > 0)[..., None], np.float32(0.01), plate))
        write_mask(tmp_path / f"exclude.{frame:04d}.exr", matte)
    taken = removed(tmp_path, generator, name="taken", layer_found=True)
    kept = removed(tmp_path, generator, exclude=str(tmp_path / "exclude.%04d.exr"), layer_found=True)
    dark = [(np.median(each.pixels[40:80, 85:95, 0]) < 0.03) for each in (taken, kept)]
    assert dark == [True, False]


def test_the_window_is_what_is_declared() -> None:
    assert Removal.offsets({}) == tuple(range(-14, 15))
    assert Removal.offsets({"steady": 0.0}) == tuple(range(-12, 13))
    assert Removal.offsets({"reach": 7, "step": 3}) == (-12, -9, -6, -3, 0, 3, 6, 9, 12)
    assert Removal.offsets({"search": False}) == Removal.offsets({"reach": 0}) == (0,)


def test_the_window_cannot_be_keyed(tmp_path: Path, generator: str, shot: dict[int, np.ndarray]) -> None:
    with pytest.raises(UsageError, match="reach"):
        removed(tmp_path, generator, reach=Curve(((1, 0), (9, 5))))


def test_a_shot_of_one_frame_is_filled(shot: dict[int, np.ndarray], tmp_path: Path, generator: str) -> None:
    for frame in FRAMES:
        if frame != 5:
            (tmp_path / f"plate.{frame:04d}.exr").unlink()
            (tmp_path / f"mask.{frame:04d}.exr").unlink()
    frame = removed(tmp_path, generator)
    assert np.isfinite(frame.pixels).all()
    assert (frame.pixels[walker(5) > 0][:, :3] < 6).all()


def test_a_mask_over_everything_is_filled_from_elsewhere_or_left_smooth(
    shot: dict[int, np.ndarray], tmp_path: Path, generator: str
) -> None:
    write_mask(tmp_path / "mask.0005.exr", np.ones(SIZE, np.float32))
    assert np.isfinite(removed(tmp_path, generator).pixels).all()


@pytest.mark.parametrize(("level", "said"), [(0.0, "black all over"), (1.0, "all is made up")])
def test_a_mask_that_is_likely_a_mistake_is_told_once(
    shot: dict[int, np.ndarray],
    tmp_path: Path,
    generator: str,
    caplog: pytest.LogCaptureFixture,
    level: float,
    said: str,
) -> None:
    for frame in FRAMES:
        write_mask(tmp_path / f"mask.{frame:04d}.exr", np.full(SIZE, level, np.float32))
    removed(tmp_path, generator, frames="4-5")
    assert [said in record.getMessage() for record in caplog.records] == [True]


def test_dead_pixels_in_the_hole_are_filled_and_outside_stay(
    shot: dict[int, np.ndarray], tmp_path: Path, generator: str
) -> None:
    plate = np.where(walker(5)[..., None] > 0, np.float32(7), shot[5])
    plate[50, 85] = np.nan
    plate[10, 10] = np.inf
    write(tmp_path / "plate.0005.exr", plate)
    pixels = removed(tmp_path, generator).pixels
    assert np.isfinite(pixels[50, 85]).all()
    assert np.isinf(pixels[10, 10, :3]).all()


def test_small_views_decide_for_large_plates(tmp_path: Path, generator: str) -> None:
    """A plate larger than motion is measured in gets its pixels at full resolution."""
    surface, folder, truth = wall(640, 1280), tmp_path / "large", {}
    folder.mkdir()
    for frame in range(4, 7):
        truth[frame] = cv2.warpAffine(
            surface, np.array([[1, 0, -20 - 6 * frame], [0, 1, -10]], np.float32), (1100, 400), flags=cv2.INTER_CUBIC
        )
        mask = np.zeros((400, 1100), np.float32)
        mask[150:250, 400 + 110 * (frame - 5) : 500 + 110 * (frame - 5)] = 1
        write(folder / f"plate.{frame:04d}.exr", np.where(mask[..., None] > 0, np.float32(7), truth[frame]))
        write_mask(folder / f"mask.{frame:04d}.exr", mask)
    result = removed(folder, generator, reach=1, grain_amount=0.0).pixels
    hole = np.zeros((400, 1100), bool)
    hole[150:250, 400:500] = True
    assert stops(result, truth[5], hole) < 0.1


def test_a_painted_clean_plate_wins(shot: dict[int, np.ndarray], tmp_path: Path, generator: str) -> None:
    write(tmp_path / "clean.0005.exr", shot[5] * np.float32(0.25))
    path = str(tmp_path / "clean.%04d.exr")
    own = removed(tmp_path, generator, clean=path, grain_amount=0.0, level=0.0, blend=0.0)
    assert stops(own.pixels, shot[5] / 4, walker(5)) < 0.01


def test_a_clean_plate_helps_the_frames_around_it(shot: dict[int, np.ndarray], tmp_path: Path, generator: str) -> None:
    """Nobody saw the wall behind a walker who stands still before it: but for one painted frame."""
    still = np.zeros(SIZE, np.float32)
    still[30:90, 60:110] = 1
    for frame, picture in shot.items():
        write(tmp_path / f"plate.{frame:04d}.exr", np.where(still[..., None] > 0, np.float32(7), picture))
        write_mask(tmp_path / f"mask.{frame:04d}.exr", still)
    write(tmp_path / "clean.0002.exr", shot[2])
    painted = removed(tmp_path, generator, clean=str(tmp_path / "clean.%04d.exr"), grain_amount=0.0, reach=2)
    alone = removed(tmp_path, generator, grain_amount=0.0, reach=2, name="alone")
    with_it, without = (stops(each.pixels, shot[5], still) for each in (painted, alone))
    assert with_it < 0.1
    assert without > 2 * with_it


def test_what_lies_across_the_seam_of_a_panorama_is_found(tmp_path: Path, generator: str) -> None:
    surface = wall(80, 160)
    surface[:, -40:] += (surface[:, :1] - surface[:, -1:]) * np.linspace(0, 1, 40, dtype=np.float32)[None, :, None]
    for frame in FRAMES:
        mask = np.zeros((80, 160), np.float32)
        mask[25:60, 60:85] = 1
        mask = np.roll(mask, 12 * (frame - 5) + 88, axis=1)
        write(tmp_path / f"plate.{frame:04d}.exr", np.where(mask[..., None] > 0, np.float32(7), surface))
        write_mask(tmp_path / f"mask.{frame:04d}.exr", mask)
        hole = mask if frame == 5 else None
        if hole is not None:
            crossing = hole
    assert crossing[:, 0].any()
    assert crossing[:, -1].any()
    result = removed(tmp_path, generator, projection="equirect", grain_amount=0.0)
    assert stops(result.pixels, surface, crossing) < 0.05
    outside = crossing == 0
    assert np.array_equal(result.pixels[outside], surface.astype(np.float16).astype(np.float32)[outside])


def test_depth_is_kept_or_filled_as_chosen_and_ids_always_kept(
    shot: dict[int, np.ndarray], tmp_path: Path, generator: str
) -> None:
    hole = walker(5)[..., None] > 0
    depth, ids = np.where(hole, np.float32(1), np.float32(9)), np.where(hole, np.float32(3), np.float32(4))
    for frame in FRAMES:
        plate = np.where(walker(frame)[..., None] > 0, np.float32(7), shot[frame])
        write(
            tmp_path / f"plate.{frame:04d}.exr",
            np.concatenate([plate, depth, ids], -1),
            channels=("R", "G", "B", "Z", "objectId"),
        )
    kept, filled = (removed(tmp_path, generator, aovs=choice, name=choice) for choice in ("keep", "fill"))
    assert np.array_equal(kept.layer("Z"), depth[..., 0])
    assert np.array_equal(filled.layer("objectId"), ids[..., 0])
    assert (filled.layer("Z") == 9).all()


NUKE = {"forward.u": -1, "forward.v": 0, "backward.u": 1, "backward.v": 0}
BLENDER = {"View.Vector.X": 1, "View.Vector.Y": 0, "View.Vector.Z": 1, "View.Vector.W": 0}


@pytest.mark.parametrize("names", [NUKE, BLENDER])
def test_vectors_that_are_given_are_followed(tmp_path: Path, generator: str, names: dict[str, float]) -> None:
    """A wall without any structure to follow but in the hole, where vectors alone tell how it moves."""
    surface = np.full((160, 240, 3), 0.2, np.float32)
    surface[45:95, 100:150] = wall(50, 50)
    speed = 3.0
    truth = {frame: seen(surface, frame, speed=speed) for frame in FRAMES}
    for frame, plate in truth.items():
        hidden = np.zeros(SIZE, np.float32)
        hidden[30:90, 50:118] = frame in range(4, 7)
        write(tmp_path / f"plate.{frame:04d}.exr", np.where(hidden[..., None] > 0, np.float32(7), plate))
        write_mask(tmp_path / f"mask.{frame:04d}.exr", hidden)
        motion = np.stack([np.full(SIZE, speed * sign, np.float32) for sign in names.values()], -1)
        write(tmp_path / f"vectors.{frame:04d}.exr", motion, channels=tuple(names))
    path = str(tmp_path / "vectors.%04d.exr")
    given = removed(tmp_path, generator, vectors=path, grain_amount=0.0, level=0.0)
    measured = removed(tmp_path, generator, grain_amount=0.0, level=0.0, name="measured")
    hole = np.zeros(SIZE, np.float32)
    hole[30:90, 50:118] = 1
    with_them, without = (stops(each.pixels, truth[5], hole) for each in (given, measured))
    assert with_them < 0.03
    assert without > 3 * with_them


def test_vectors_are_refused_in_a_sentence(shot: dict[int, np.ndarray], tmp_path: Path, generator: str) -> None:
    for frame in FRAMES:
        write(tmp_path / f"vectors.{frame:04d}.exr", np.zeros((*SIZE, 2), np.float32), channels=("u", "v"))
    path = str(tmp_path / "vectors.%04d.exr")
    with pytest.raises(UsageError, match="leave step at 1"):
        removed(tmp_path, generator, vectors=path, step=2)
    job = {"plate": str(tmp_path / "plate.%04d.exr"), "mask": str(tmp_path / "mask.%04d.exr"), "vectors": path}
    out = str(tmp_path / "out.%04d.exr")
    report = render(Job(node="removal", generator=generator, inputs=job, output=out, frames="5"))
    assert "render it with a vector pass" in str(report.failed[5])
