"""Tiles cover a frame once, keep to the network's grid, and show nothing that the whole frame would not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nets import tiny_style
from replate.card import Card
from replate.color import transform
from replate.errors import UsageError
from replate.generator import Generator
from replate.network.graph import PLATE
from replate.network.tiles import AUTO, parse, plan, smaller

CARDS = st.builds(
    Card,
    name=st.just("net"),
    multiple=st.sampled_from([1, 2, 8, 12, 32]),
    overlap=st.integers(0, 90),
    size=st.one_of(st.none(), st.just((384, 288))),
)


@given(CARDS, st.integers(1, 700), st.integers(1, 700), st.one_of(st.none(), st.integers(1, 500)), st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_each_pixel_is_kept_once_far_from_cut_borders(
    card: Card, height: int, width: int, side: int | None, lead: int
) -> None:
    first = lead % card.multiple, lead // 3 % card.multiple
    tiles = plan(height, width, card, side=side, lead=first)
    seen = np.zeros((height, width), int)
    for tile in tiles:
        seen[tile.keep] += 1
        for read, keep, before, full in zip(tile.read, tile.keep, first, seen.shape, strict=True):
            assert (read.start + before) % card.multiple == 0 or card.size
            assert read.start <= 0 or keep.start - read.start >= card.overlap
            assert read.stop >= full or read.stop - keep.stop >= card.overlap
    assert (seen == 1).all()
    assert len({tile.size for tile in tiles}) == 1
    assert all(side % card.multiple == 0 or card.size for side in tiles[0].size)


def test_a_fixed_network_gets_its_size_and_a_resized_one_the_whole_frame() -> None:
    fixed = Card(name="net", size=(256, 256), overlap=16)
    assert {tile.size for tile in plan(1080, 1920, fixed, side=None)} == {(256, 256)}
    whole = Card(name="net", size=(256, 256), fit="resize")
    assert len(plan(1080, 1920, whole, side=64)) == 1


def test_tiles_halve_down_to_a_smallest_one() -> None:
    card, sides = Card(name="net", multiple=8, overlap=24), [4096]
    while (half := smaller(4096, 4096, card, side=sides[-1])) is not None:
        sides.append(half)
    assert sides == [4096, 2048, 1024, 512, 256, 128, 112]
    assert smaller(4096, 4096, Card(name="net", fit="resize"), side=None) is None


def test_tile_words() -> None:
    assert (parse("auto"), parse("off"), parse("512"), parse(64)) == (AUTO, None, 512, 64)
    for wrong in ("big", "0", "-4"):
        with pytest.raises(UsageError, match=f"'{wrong}'.*auto, off"):
            parse(wrong)


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    return Generator.load(tiny_style(tmp_path_factory.mktemp("nets") / "tiny.onnx", change=0.5), device="cpu")


@given(height=st.integers(1, 300), width=st.integers(1, 300), tile=st.integers(1, 200), seed=st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_tiled_equals_untiled(generator: Generator, height: int, width: int, tile: int, seed: int) -> None:
    plate = np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)
    inside = transform("ACEScct", "ACEScct")
    whole, _ = generator.apply(plate, transform=inside, tile="off")
    tiled, _ = generator.apply(plate, transform=inside, tile=tile)
    assert np.abs(tiled - whole).max() <= 1e-4
    assert np.abs(whole - plate).mean() > 0.05


@given(
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    tile=st.integers(1, 200),
    origin=st.tuples(st.integers(-99, 99), st.integers(-99, 99)),
    seed=st.integers(0, 9),
)
@settings(max_examples=40, deadline=None)
def test_tiles_do_not_show_in_plates_as_they_come(
    generator: Generator, height: int, width: int, tile: int, origin: tuple[int, int], seed: int
) -> None:
    """Dead pixels, also at a tile's border, soft edges, masks, and windows that do not lie on the network's grid."""
    random = np.random.default_rng(seed)
    plate = random.random((height, width, 3), dtype=np.float32)
    plate[random.random((height, width)) < 0.01] = np.nan
    alpha, weight = (random.choice([0.0, 0.5, 1.0], (height, width, 1)).astype(np.float32) for _ in range(2))
    given = {"transform": transform("ACEScct", "ACEScct"), "alpha": alpha, "weight": weight, "origin": origin}
    whole, _ = generator.apply(plate, tile="off", **given)
    tiled, _ = generator.apply(plate, tile=tile, **given)
    np.testing.assert_allclose(tiled, whole, rtol=0, atol=1e-4)
    assert (np.isnan(whole) == np.isnan(plate)).all()


def test_what_a_mask_leaves_out_is_not_computed(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    run, sizes = generator._runner.run, []

    def counted(arrays: Mapping[str, Any], *rest: Any) -> Any:
        sizes.append(arrays[PLATE].shape[:2])
        return run(arrays, *rest)

    monkeypatch.setattr(generator._runner, "run", counted)
    plate, matte = np.full((400, 400, 3), 0.2, np.float32), np.zeros((400, 400), np.float32)
    matte[350:, 350:] = 1
    made, _ = generator.apply(plate, transform=transform("ACEScct", "ACEScct"), weight=matte, tile=200)
    assert len(sizes) == 1
    assert (made[:350] == plate[:350]).all() and (made[350:, 350:] != plate[350:, 350:]).any()


def test_the_network_that_needs_overlap_shows_its_tiles_without(tmp_path: Path) -> None:
    """The test above can fail: with half the overlap it does."""
    from dataclasses import replace

    from replate.network.onnxfile import read_card, write_card

    path = tiny_style(tmp_path / "tiny.onnx", change=0.5)
    card = read_card(path)
    assert card is not None
    write_card(path, replace(card, overlap=8))
    broken = Generator.load(path, device="cpu")
    plate = np.random.default_rng(0).random((256, 256, 3), dtype=np.float32)
    whole, tiled = (broken.apply(plate, transform=transform("ACEScct"), tile=tile)[0] for tile in ("off", 96))
    assert np.abs(tiled - whole).max() > 1e-3
