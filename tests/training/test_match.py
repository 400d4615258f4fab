"""Looks that are learnt from pairs: which frames become pairs, what is wrong with them, and that it works."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from films import counted, encode
from plates import plate, read, write
from replate.errors import InputError, ReplateError, UsageError
from replate.job import Job
from replate.network.onnxfile import read_card
from replate.render import render
from replate_training import checkpoint, recipes
from replate_training.loop import session
from replate_training.loop.run import Run
from replate_training.material.data import Material
from replate_training.material.site import Site
from replate_training.networks import Architecture
from replate_training.recipe import Recipe

SIZE = 96, 128


@pytest.fixture
def match() -> Recipe:
    """The shipped recipe, small."""
    options = {"quarter": 8, "eighth": 8, "dilations": (1, 2), "fine": 1, "tones": 8}
    recipe = replace(recipes.find("match"), generator=Architecture(family="match", options=options))
    return replace(recipe, crop=64, margin=8, batch=4, rate=1e-2)


def darker(light: np.ndarray) -> np.ndarray:
    """Half the light, and less to the right: what depends on where a pixel lies."""
    return light * np.linspace(0.8, 0.2, light.shape[1], dtype=np.float32)[None, :, None]


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """Six plates, b.1.exr .. b.6.exr, and what three of them should become, a.1.exr, a.3.exr and a.5.exr."""
    for number in range(1, 7):
        light = plate(*SIZE, frame=number, channels=3)
        write(tmp_path / f"b.{number}.exr", light, channels="RGB")
        if number % 2:
            write(tmp_path / f"a.{number}.exr", darker(light), channels="RGB")
    return tmp_path


def material(recipe: Recipe, folder: Path, **given: Any) -> Material:
    said: list[str] = []
    return recipe.data(Site(recipe=recipe, folder=folder, say=said.append), **given)


def paths(folder: Path, letter: str, *numbers: int) -> list[str]:
    return [str(folder / f"{letter}.{number}.exr") for number in numbers]


def test_files_are_pairs_in_their_order(match: Recipe, shot: Path) -> None:
    found = material(match, shot, before=paths(shot, "b", 5, 1), after=paths(shot, "a", 5, 1))
    assert len(found.shown) == 2  # no other frames are known: the pairs are shown
    assert found.shown[0].target is not None
    ratio = found.shown[0].target - found.shown[0].inputs[0]
    assert ratio[..., :8].mean() > ratio[..., -8:].mean()
    assert [(each.name, each.files) for each in found.data] == [
        ("b.5.exr", 1),
        ("b.1.exr", 1),
        ("a.5.exr", 1),
        ("a.1.exr", 1),
    ]


def test_a_sequence_pairs_the_frames_that_both_have(match: Recipe, shot: Path) -> None:
    found = material(match, shot, before=[str(shot / "b.#.exr")], after=[str(shot / "a.#.exr")])
    assert len(found.source.pairs.plates) == 3  # type: ignore[attr-defined]
    assert len(found.shown) == 3 and found.shown[0].target is None  # 2, 4 and 6 have no pair
    assert len(found.clip) == 6


def test_frames_can_be_chosen(match: Recipe, shot: Path) -> None:
    found = material(match, shot, before=[str(shot / "b.#.exr")], after=[str(shot / "a.#.exr")], at="3")
    assert len(found.source.pairs.plates) == 1  # type: ignore[attr-defined]
    assert len(found.shown) == 4


def test_movies_are_paired_by_frame_number(match: Recipe, tmp_path: Path) -> None:
    movies = [str(tmp_path / name) for name in ("b.mp4", "a.mp4")]
    for movie in movies:
        encode(Path(movie), counted(6))
    found = material(match, tmp_path, before=movies[:1], after=movies[1:], at="2,5")
    pairs = found.source.pairs  # type: ignore[attr-defined]
    assert len(pairs.plates) == 2
    assert torch.equal(pairs.plates[0], pairs.targets[0]) and not torch.equal(*pairs.plates)


def test_one_picture_belongs_to_one_frame_of_a_movie(match: Recipe, shot: Path) -> None:
    found = material(match, shot, before=[str(shot / "b.#.exr")], after=paths(shot, "a", 3), at="3")
    assert len(found.source.pairs.plates) == 1  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="say which with --at"):
        material(match, shot, before=[str(shot / "b.#.exr")], after=paths(shot, "a", 3))


@pytest.mark.parametrize(
    ("given", "kind", "sentence"),
    [
        ({"before": (1, 3), "after": (1,)}, UsageError, "--before names 2 and --after 1"),
        ({"before": (1,), "after": (9,)}, ReplateError, "no file"),
    ],
)
def test_wrong_pairs_are_told_in_a_sentence(
    match: Recipe, shot: Path, given: dict[str, tuple[int, ...]], kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        material(match, shot, before=paths(shot, "b", *given["before"]), after=paths(shot, "a", *given["after"]))


def test_a_frame_that_is_not_there_is_told(match: Recipe, shot: Path) -> None:
    with pytest.raises(UsageError, match="has no frame 2"):
        material(match, shot, before=[str(shot / "b.#.exr")], after=[str(shot / "a.#.exr")], at="1,2")


def test_sizes_must_agree_and_suffice(match: Recipe, shot: Path) -> None:
    write(shot / "a.2.exr", plate(80, 128, channels=3), channels="RGB")
    with pytest.raises(InputError, match="is 128x96 and 128x80"):
        material(match, shot, before=paths(shot, "b", 2), after=paths(shot, "a", 2))
    write(shot / "small.exr", plate(40, 128, channels=3), channels="RGB")
    with pytest.raises(InputError, match="below the 64 pixels"):
        material(match, shot, before=[str(shot / "small.exr")], after=[str(shot / "small.exr")])


def test_two_folders_are_paired_by_name(match: Recipe, tmp_path: Path) -> None:
    for name in ("one", "two"):
        for folder in ("before", "after"):
            (tmp_path / folder).mkdir(exist_ok=True)
            write(tmp_path / folder / f"{name}.exr", plate(*SIZE, channels=3), channels="RGB")
    (tmp_path / "before" / "alone.exr").write_bytes((tmp_path / "before" / "one.exr").read_bytes())
    (tmp_path / "before" / "bad.exr").write_bytes(b"no picture")
    (tmp_path / "after" / "bad.exr").write_bytes(b"no picture")
    said: list[str] = []
    recipe = replace(recipes.find("paired"), crop=64, generator=match.generator)
    site = Site(recipe=recipe, folder=tmp_path, say=said.append)
    found = recipe.data(site, before=tmp_path / "before", after=tmp_path / "after")
    assert len(found.source.pairs.plates) == 2  # type: ignore[attr-defined]
    assert any("alone has no partner" in line for line in said) and any("bad.exr" in line for line in said)
    with pytest.raises(InputError, match="no pair that can be used"):
        recipe.data(site, before=tmp_path / "before", after=tmp_path)


def test_three_frames_teach_the_shot(match: Recipe, shot: Path, tmp_path: Path) -> None:
    """The node brings a frame without a pair several times closer to what it should be, position and all."""
    given = {"before": [str(shot / "b.#.exr")], "after": [str(shot / "a.#.exr")]}
    look = tmp_path / "look.onnx"
    session.run(match, Run(out=look, steps=150, precision="fp32"), given)
    card = read_card(look)
    assert card is not None and [port.role for port in card.inputs] == ["plate", "position"]
    assert "warp_ratio" in card.metrics
    job = Job(
        node="style", inputs={"plate": str(shot / "b.4.exr")}, output=str(tmp_path / "out.exr"), generator=str(look)
    )
    render(job)
    source, made = read(shot / "b.4.exr")[0], read(tmp_path / "out.exr")[0]
    lit = source.min(axis=-1) > 0.05
    error = np.abs(np.log2(np.maximum(made, 1e-3) / np.maximum(darker(source), 1e-3)))[lit].mean()
    before = np.abs(np.log2(source / darker(source)))[lit].mean()
    assert error < before / 4


def test_a_look_can_begin_from_an_earlier_one(match: Recipe, shot: Path, tmp_path: Path) -> None:
    given = {"before": paths(shot, "b", 1), "after": paths(shot, "a", 1)}
    session.run(match, Run(out=tmp_path / "one", steps=2, precision="fp32"), given)
    start = tmp_path / "one" / "final.ckpt"
    session.run(replace(match, rate=0.0), Run(out=tmp_path / "two", steps=1, precision="fp32", start=start), given)
    earlier, later = (checkpoint.load(tmp_path / name / "final.ckpt").generator_network for name in ("one", "two"))
    for name, weight in earlier.weights.items():
        torch.testing.assert_close(later.weights[name], weight)
    other = replace(match, generator=Architecture(options={"quarter": 8, "eighth": 8, "deep": 1, "fine": 1}))
    with pytest.raises(UsageError, match="another network"):
        session.run(other, Run(out=tmp_path / "three", steps=1, precision="fp32", start=start), given)
