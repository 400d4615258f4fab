"""Removal with another background: whole jobs on files, from the matte to the composite."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from films import counted, encode, number_in
from nets import identity
from plates import bits, read, write, write_mask
from replate.card import Card, Port
from replate.color import convert
from replate.errors import GeneratorError, InputError, UsageError
from replate.job import Job
from replate.network.onnxfile import read_card, write_card
from replate.news.progress import Watcher
from replate.render import render

SIZE = (96, 128)
FRAMES = (1001, 1002, 1003)


def surface(seed: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Scene-linear H x W x 3 with structure, some of it above 1."""
    random = np.random.default_rng(seed)
    layers = [
        cv2.resize(random.normal(size=(n, n, 3)) / k, size[::-1], interpolation=cv2.INTER_CUBIC)
        for k, n in ((1, 4), (4, 40))
    ]
    return np.exp2(sum(layers) - 2).astype(np.float32)


def speaker(frame: int) -> np.ndarray:
    """The matte of somebody who moves, H x W x 1, with a soft edge."""
    matte = np.zeros(SIZE, np.float32)
    cv2.ellipse(matte, (60 + 4 * (frame - 1001), 60), (18, 34), 0, 0, 360, 1.0, -1)
    return cv2.GaussianBlur(matte, (0, 0), 1.2)[..., None].clip(0, 1)


STAGE, COLOUR, CITY = surface(1), surface(2) * np.float32([3, 1.2, 0.6]), surface(3)


class Shoot:
    """Files in a folder, and jobs over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generator = str(identity(folder / "plain.onnx", card=Card(name="plain", kind="removal")))
        for frame in FRAMES:
            grain = np.random.default_rng(frame).normal(0, 0.004, (*SIZE, 3))
            plate = speaker(frame) * COLOUR + (1 - speaker(frame)) * STAGE + grain
            write(
                folder / f"plate.{frame:04d}.exr",
                np.dstack([plate, np.full(SIZE, 0.75)]).astype(np.float16),
                channels=("R", "G", "B", "Z"),
            )
            write_mask(folder / f"mask.{frame:04d}.exr", speaker(frame)[..., 0])
        write(folder / "clean.1001.exr", STAGE.astype(np.float16))
        write(folder / "city.exr", CITY.astype(np.float16))

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def made(
        self,
        *,
        plate: str = "plate.%04d.exr",
        mask: str = "mask.%04d.exr",
        background: str = "city.exr",
        clean: str = "",
        output: str = "out.%04d.exr",
        frames: str = "1001-1003",
        options: dict[str, Any] | None = None,
        watcher: Watcher | None = None,
        **params: Any,
    ) -> Sequence[np.ndarray]:
        """The frames of a job."""
        given = {"plate": plate, "mask": mask, "background": background, "clean": clean}
        inputs = {name: self.path(path) for name, path in given.items() if path}
        settings = {name.replace("_", "."): value for name, value in {"replace": "outside", **params}.items()}
        job = Job(
            node="removal",
            generator=self.generator,
            inputs=inputs,
            output=self.path(output),
            frames=frames,
            params=settings,
            options={"overwrite": True, **(options or {})},
        )
        report = render(job, watcher=watcher)
        assert not report.failed
        return [read(self.path(output) % frame)[0] for frame in report.done]


@pytest.fixture
def shoot(tmp_path: Path) -> Shoot:
    return Shoot(tmp_path)


def plate(shoot: Shoot, frame: int) -> np.ndarray:
    return read(shoot.path(f"plate.{frame:04d}.exr"))[0]


def apart(made: np.ndarray, frame: int, *, behind: np.ndarray = CITY) -> float:
    """The greatest error, of a perfect composite."""
    perfect = speaker(frame) * COLOUR + (1 - speaker(frame)) * behind
    return float(np.abs(made[..., :3] - perfect).max())


def test_the_network_is_read_only_where_something_is_invented(shoot: Shoot) -> None:
    card = read_card(Path(shoot.generator))
    assert card is not None
    write_card(Path(shoot.generator), replace(card, inputs=(Port(name="picture", role="plate"),)))  # which it has not
    assert len(shoot.made(frames="1001")) == 1
    with pytest.raises(GeneratorError, match="picture"):
        shoot.made(frames="1001", replace="off", background="", output="hole.%04d.exr")


class TestOutside:
    def test_the_speaker_stays_the_audience_goes(self, shoot: Shoot) -> None:
        for frame, made in zip(FRAMES, shoot.made(), strict=True):
            solid, outside = speaker(frame)[..., 0] == 1, speaker(frame)[..., 0] == 0
            assert np.array_equal(bits(made[solid]), bits(plate(shoot, frame)[solid]))
            assert np.allclose(made[outside][:, :3], CITY[outside], rtol=2e-3, atol=1e-3)
            assert np.array_equal(made[..., 3], plate(shoot, frame)[..., 3]), "depth is nobody's colour"
            assert apart(made, frame) < apart(shoot.made(edge_decontaminate=0.0, frames=str(frame))[0], frame)

    def test_a_clean_plate_cleans_the_edge_better(self, shoot: Shoot) -> None:
        raw, blind, known = (
            np.abs(shoot.made(frames="1001", **how)[0][..., :3] - shoot_truth()).sum()
            for how in ({"edge_decontaminate": 0.0}, {}, {"clean": "clean.####.exr"})
        )
        assert known < 0.9 * blind < 0.9 * raw

    def test_a_matte_from_the_clean_plate(self, shoot: Shoot) -> None:
        for frame, made in zip(FRAMES, shoot.made(mask="", clean="clean.####.exr", matte="difference"), strict=True):
            perfect = speaker(frame) * COLOUR + (1 - speaker(frame)) * CITY
            assert np.abs(made[..., :3] - perfect).mean() < 0.1 * np.abs(plate(shoot, frame)[..., :3] - perfect).mean()

    def test_the_matte_is_a_layer_where_asked_for(self, shoot: Shoot) -> None:
        made = shoot.made(mask="", clean="clean.####.exr", matte="difference", layer_matte=True, frames="1001")[0]
        assert made.shape[2] == 5
        assert np.abs(made[..., 4:] - speaker(1001)).sum() < 0.1 * speaker(1001).sum()

    def test_a_mask_bounds_what_is_looked_for(self, shoot: Shoot) -> None:
        garbage = np.zeros(SIZE)
        garbage[:, 64:] = 1
        write_mask(shoot.folder / "garbage.exr", garbage)
        made = shoot.made(mask="garbage.exr", clean="clean.####.exr", matte="difference", frames="1001")[0]
        assert np.allclose(made[:, :64, :3], CITY[:, :64], rtol=2e-3, atol=1e-3)
        assert np.array_equal(bits(made[60, 70]), bits(plate(shoot, 1001)[60, 70]))


def shoot_truth() -> np.ndarray:
    """Frame 1001 over the city, perfect."""
    truth: np.ndarray = speaker(1001) * COLOUR + (1 - speaker(1001)) * CITY
    return truth


class TestHole:
    def test_outside_of_it_the_plate_keeps_its_bits(self, shoot: Shoot) -> None:
        for frame, made in zip(FRAMES, shoot.made(replace="hole"), strict=True):
            untouched, inside = speaker(frame)[..., 0] == 0, speaker(frame)[..., 0] == 1
            assert np.array_equal(bits(made[untouched]), bits(plate(shoot, frame)[untouched]))
            assert np.allclose(made[inside][:, :3], CITY[inside], rtol=2e-3, atol=1e-3)

    def test_light_wraps_no_farther_than_its_width(self, shoot: Shoot) -> None:
        made = shoot.made(replace="hole", wrap_amount=1.0, wrap_width=5.0, frames="1001")[0]
        touched = (bits(made) != bits(plate(shoot, 1001))).any(axis=-1)
        near = cv2.dilate((speaker(1001) > 0).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_RECT, (11, 11)))
        assert not touched[near == 0].any()
        assert (touched & (speaker(1001)[..., 0] == 0)).any()

    def test_mix_0_is_the_plate(self, shoot: Shoot) -> None:
        made = shoot.made(replace="hole", mix=0.0, frames="1001")[0]
        assert np.array_equal(bits(made), bits(plate(shoot, 1001)))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), where=st.sampled_from(["hole", "outside"]))
def test_any_bit_pattern_where_the_plate_stays(shoot: Shoot, seed: int, where: str) -> None:
    """Every half there is, in every channel, with a random matte, over a background that is as wild."""
    random = np.random.default_rng(seed)
    wild, other = random.integers(0, 2**16, (2, *SIZE, 4), dtype=np.uint16).view(np.float16)
    matte = random.integers(0, 3, SIZE).astype(np.float32) / 2
    write(shoot.folder / "wild.1001.exr", wild)
    write(shoot.folder / "other.exr", other)
    write_mask(shoot.folder / "wild_mask.exr", matte)
    made = shoot.made(
        plate="wild.%04d.exr", mask="wild_mask.exr", background="other.exr", replace=where, frames="1001"
    )[0]
    before, stays = read(shoot.path("wild.1001.exr"))[0], matte == (0 if where == "hole" else 1)
    assert np.array_equal(bits(made[stays]), bits(before[stays]))
    changed = (bits(made) != bits(before)).any(axis=-1)
    assert changed.any() and np.isfinite(made[changed]).all()


def test_the_command_line(shoot: Shoot) -> None:
    """The line of docs/replace.md."""
    words = [
        "render",
        "removal",
        shoot.path("plate.%04d.exr"),
        shoot.path("cli.%04d.exr"),
        "--generator",
        shoot.generator,
    ]
    words += ["--clean", shoot.path("clean.1001.exr"), "--background", shoot.path("city.exr"), "--frames", "1001"]
    words += ["--set", "replace=outside", "--set", "matte=difference"]
    done = subprocess.run([sys.executable, "-m", "replate", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    by_job = shoot.made(mask="", clean="clean.1001.exr", matte="difference", frames="1001")[0]
    assert np.array_equal(bits(read(shoot.path("cli.1001.exr"))[0]), bits(by_job))


class TestBackground:
    def test_of_another_space_and_size(self, shoot: Shoot) -> None:
        """A larger picture in sRGB, scaled to the format, lies where the same light in the plate's own does."""
        large = cv2.resize(CITY.clip(0.01, 0.9), (256, 192), interpolation=cv2.INTER_CUBIC)
        shown = convert(large, "ACEScg", "srgb_texture").clip(0, 1)
        cv2.imwrite(shoot.path("large.png"), np.round(shown[..., ::-1] * 65535).astype(np.uint16))
        made = shoot.made(background="large.png", background_fit="fill", frames="1001")[0]
        light = convert(np.round(shown * 65535).astype(np.float32) / 65535, "srgb_texture", "ACEScg")
        behind = cv2.resize(light, SIZE[::-1], interpolation=cv2.INTER_AREA)
        outside = speaker(1001)[..., 0] == 0
        assert np.abs(made[..., :3] - behind)[outside].max() < 0.01

    def test_pixel_on_pixel_by_its_coordinates(self, shoot: Shoot) -> None:
        write(shoot.folder / "part.exr", surface(5, (40, 40)), origin=(10, 20), display=(0, 0, 64, 64))
        made = shoot.made(background="part.exr", frames="1001")[0]
        outside = speaker(1001)[..., 0] == 0
        expected = np.zeros((*SIZE, 3), np.float32)
        expected[20:60, 10:50] = surface(5, (40, 40))
        assert np.allclose(made[outside][:, :3], expected[outside], rtol=2e-3, atol=1e-3)

    @pytest.mark.parametrize(("size", "display"), [((48, 64), None), ((192, 300), None), ((96, 128), (3, 7, 128, 96))])
    def test_filling_the_format_keeps_the_middle(self, shoot: Shoot, size: tuple[int, int], display: Any) -> None:
        y, x = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j]
        ball = np.exp(-((x * size[1] / size[0]) ** 2 + y**2) * 8)[..., None] * np.ones(3)
        write(shoot.folder / "ball.exr", ball.astype(np.float32), origin=(display or (0, 0))[:2], display=display)
        made = shoot.made(
            background="ball.exr",
            background_fit="fill",
            mask="",
            clean="clean.1001.exr",
            matte="difference",
            difference_sensitivity=0.0,
            frames="1001",
        )[0]
        weight = made[..., 0]
        middle = [(weight * place).sum() / weight.sum() for place in np.indices(SIZE)]
        assert np.allclose(middle, [47.5, 63.5], atol=0.2)

    def test_one_that_ends_too_soon_is_held_and_told(self, shoot: Shoot) -> None:
        for frame in FRAMES[:2]:
            write(shoot.folder / f"walk.{frame:04d}.exr", np.full((*SIZE, 3), frame - 1000, np.float32))
        notes: list[str] = []
        watcher = Watcher()
        watcher.note = notes.append  # type: ignore[method-assign]
        made = shoot.made(background="walk.%04d.exr", watcher=watcher)
        assert [each[0, 0, 0] for each in made] == pytest.approx([1, 2, 2], rel=2e-3)
        assert any("walk.%04d.exr does not reach frame 1003: its nearest frame is held" in note for note in notes)

    def test_a_movie_begins_with_the_shot(self, shoot: Shoot) -> None:
        encode(shoot.folder / "walk.mov", counted(5, width=128, height=96), options={"crf": "10"})
        made = shoot.made(background="walk.mov", frames="1002-1003")
        assert [number_in(each) for each in made] == [2, 3]

    def test_frames_alone_are_those_of_the_shot(self, shoot: Shoot) -> None:
        for frame in FRAMES:
            write(shoot.folder / f"walk.{frame:04d}.exr", np.full((*SIZE, 3), frame - 1000, np.float32))
        whole = shoot.made(background="walk.%04d.exr")
        alone = shoot.made(background="walk.%04d.exr", frames="1003", output="alone.%04d.exr")
        assert np.array_equal(bits(whole[2]), bits(alone[0]))

    def test_one_of_other_numbers_is_an_error(self, shoot: Shoot) -> None:
        write(shoot.folder / "walk.0001.exr", CITY)
        write(shoot.folder / "walk.0002.exr", CITY)
        with pytest.raises(InputError, match=r"walk.*has the frames 1-2, and the plate has none of them; number"):
            shoot.made(background="walk.%04d.exr")


class TestJob:
    def test_layers_that_nothing_is_found_for_are_told(self, shoot: Shoot) -> None:
        notes: list[str] = []
        watcher = Watcher()
        watcher.note = notes.append  # type: ignore[method-assign]
        shoot.made(frames="1001", layer_found=True, watcher=watcher)
        assert "with replace nothing is looked for, so there is no layer.found" in notes

    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ({"background": ""}, "replace needs the input 'background'"),
            ({"replace": "off"}, "a background is laid nowhere"),
            ({"mask": ""}, "needs the input 'mask'"),
            ({"matte": "difference"}, "needs the input 'clean'"),
            ({"replace": "off", "background": "", "matte": "difference"}, "matte=difference is for"),
        ],
    )
    def test_what_is_missing_is_said_before_anything_starts(self, shoot: Shoot, how: Any, words: str) -> None:
        with pytest.raises(UsageError, match=words):
            shoot.made(**how)
        assert not list(shoot.folder.glob("out.*"))
