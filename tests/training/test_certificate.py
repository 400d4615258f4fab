"""The birth certificate of a look, read as a browser without network reads it."""

from __future__ import annotations

import base64
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from replate.errors import OutputError
from replate_training import checkpoint
from replate_training.checkpoint import Data, Trained
from replate_training.judging.meanings import MEANINGS
from replate_training.material.data import Batch, Material
from replate_training.material.pairs import Pairs, PairSource
from replate_training.networks import Architecture
from replate_training.recipe import Recipe
from replate_training.seeing import certificate

LOADS = {"src", "href", "srcset", "action", "data", "poster", "background"}


class Page(HTMLParser):
    """What is on a page: its text, its pictures by their alternative text, whatever it would load or run."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text, self.pictures, self.loads, self.tags = "", list[tuple[str, str]](), list[str](), set[str]()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.loads += [value for name, value in given.items() if name in LOADS and not value.startswith("data:")]
        self.loads += [name for name in given if name.startswith("on")]
        if tag == "img":
            self.pictures.append((given["alt"], given["src"]))

    def handle_data(self, data: str) -> None:
        self.text += data

    def picture(self, name: str) -> NDArray[np.uint8]:
        """The first picture of a name, decoded."""
        content = next(source for alt, source in self.pictures if alt == name).partition(",")[2]
        pixels: NDArray[np.uint8] = cv2.imdecode(np.frombuffer(base64.b64decode(content), np.uint8), cv2.IMREAD_COLOR)
        return pixels


@pytest.fixture
def trained(recipe: Recipe) -> Trained:
    def network(architecture: Architecture) -> checkpoint.Network:
        weights = architecture.folded(architecture.build().state_dict())
        return checkpoint.Network.of(architecture, weights)

    assert recipe.adversary is not None
    return Trained(
        recipe="tiny",
        title="Tiny <b>&",
        description="A look for tests.",
        generator_network=network(recipe.generator),
        critic_network=network(recipe.adversary.critic),
        command="replate train tiny --licence 'stills=CC0 <i>'",
        steps=1234,
        seconds=90.0,
        data=(Data(name="stills", licence="CC0-1.0", files=4, source="debian:stills"),),
        metrics={"psnr": 31.25, "exposure_error": 0.002, "odd_figure": 0.5},
    )


HISTORY = [{"step": 25.0 * n, "pixels": 1 / n, "critic_real": 0.5, "critic_made": -0.5} for n in range(1, 9)]
WATCHED = [{"step": 100.0, "seconds": 20.0, "psnr": 25.0}, {"step": 200.0, "seconds": 40.0, "psnr": 31.0}]


def write(path: Path, trained: Trained, recipe: Recipe, pairs: Pairs, **fields: Any) -> Page:
    source = PairSource(pairs=pairs, count=2, crop=80, margin=8, stops=2.0)
    material = Material(source=source, held=pairs.examples(), **{"shown": pairs.examples()[:2], **fields})
    certificate.write(path, trained, recipe, material, HISTORY, WATCHED)
    return Page(path)


def test_it_holds_everything_and_asks_for_nothing(
    trained: Trained, recipe: Recipe, pairs: Pairs, tmp_path: Path
) -> None:
    page = write(tmp_path / "certificate.html", trained, recipe, pairs)
    assert page.loads == [] and not page.tags & {"script", "link", "iframe", "object", "b", "i"}
    for alt, source in page.pictures:
        kind, _, content = source.partition(",")
        if "svg" in kind:
            assert ElementTree.fromstring(base64.b64decode(content)).tag.endswith("svg")
        else:
            assert page.picture(alt).size
    for words in ("Tiny <b>&", "1,234 steps", "31.2 dB", "CC0-1.0", "debian:stills", "Odd figure", "stills=CC0 <i>"):
        assert words in page.text
    for name in ("psnr", "exposure_error", "critic"):
        assert MEANINGS[name].sentence in page.text
    assert {"PSNR in ACEScct over the steps", "losses over the steps"} <= {alt for alt, _ in page.pictures}


def test_its_pictures_are_what_the_look_does(trained: Trained, recipe: Recipe, pairs: Pairs, tmp_path: Path) -> None:
    grey = write(tmp_path / "page.html", trained, recipe, pairs)
    plate, result = grey.picture("the plate"), grey.picture("the result")
    assert plate.shape == result.shape == grey.picture("the target").shape == (128, 144, 3)
    assert np.ptp(grey.picture("a part of the result").astype(int), axis=-1).max() <= 1  # the tiny look is mono
    assert np.ptp(grey.picture("a part of the plate").astype(int), axis=-1).max() > 10
    assert "the confidence" in {alt for alt, _ in grey.pictures}


def test_a_look_without_targets_critic_or_plate(recipe: Recipe, trained: Trained, pairs: Pairs, tmp_path: Path) -> None:
    alone = replace(trained, critic_network=None, metrics={})
    page = write(tmp_path / "page.html", alone, recipe, pairs, shown=[Batch((torch.rand(1, 3, 61, 77),))])
    assert {alt for alt, _ in page.pictures} >= {"the plate", "the result"} and "stopped by hand" in page.text
    assert not {"the target", "the confidence"} & {alt for alt, _ in page.pictures}


def test_a_crop_is_pixel_for_pixel_and_where_the_detail_is(
    trained: Trained, recipe: Recipe, plates: list[Tensor], tmp_path: Path
) -> None:
    plate = torch.full((1, 3, 400, 900), 0.4)
    plate[..., 60:380, 560:880] += 0.1 * torch.rand(1, 3, 320, 320, generator=torch.Generator().manual_seed(1))
    page = write(tmp_path / "page.html", trained, recipe, Pairs(plates, plates), shown=[Batch((plate,), plate)])
    crop, whole = page.picture("a part of the target"), page.picture("the target")
    assert crop.shape == (240, 320, 3) and whole.shape == (400, 900, 3)
    assert crop.std() > 1.5 * whole.std()


def test_a_place_that_cannot_be_written(trained: Trained, recipe: Recipe, pairs: Pairs, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"page\.html could not be written"):
        write(tmp_path / "nowhere" / "page.html", trained, recipe, pairs)
