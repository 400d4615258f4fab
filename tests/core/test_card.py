"""The card as JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replate.card import Card, Dataset, Port, Training
from replate.errors import GeneratorError
from replate.params import Param

FULL = Card(
    name="look",
    kind="style",
    licence="CC0-1.0",
    commercial_use=True,
    size=(720, 1280),
    fit="resize",
    inputs=(Port(name="in:0", role="plate", channels="BGR", layout="NHWC", high=255.0),),
    outputs=(Port(name="out", role="result"),),
    controls=(Param(name="glow", kind="float", default=0.5, help="How much."),),
    training=Training(recipe="r", steps=10, data=(Dataset(name="photos", licence="CC0-1.0", files=3),)),
    metrics={"psnr": 31.5},
)


def test_round_trip() -> None:
    assert Card.from_json(FULL.to_json()) == FULL
    assert Card.from_json(FULL.to_json(indent=2)) == FULL


@given(st.text(max_size=40), st.integers(1, 64), st.booleans() | st.none())
def test_round_trip_of_anything(name: str, multiple: int, use: bool | None) -> None:
    card = Card(name=name, multiple=multiple, commercial_use=use)
    assert Card.from_json(card.to_json()) == card


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "JSON"),
        ("[]", "object"),
        ("{}", "'name' is missing"),
        ('{"name": "a", "multipl": 8}', "unknown entry 'multipl'"),
        ('{"name": "a", "multiple": "8"}', "'multiple'"),
        ('{"name": "a", "multiple": true}', "'multiple'"),
        ('{"name": "a", "kind": "weather"}', "style, effect, removal"),
        ('{"name": "a", "inputs": [{"name": "x"}]}', "'role' is missing"),
        ('{"name": "a", "inputs": [{"name": "x", "role": "plate", "layout": "HW"}]}', "NCHW, NHWC"),
        ('{"name": "a", "inputs": 5}', "inputs"),
    ],
)
def test_a_broken_card_names_the_entry(text: str, named: str) -> None:
    with pytest.raises(GeneratorError, match=named) as caught:
        Card.from_json(text, where="x.card.json")
    assert "x.card.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("entry", ['"multiple": 0', '"overlap": -1', '"size": [720]', '"size": [0, 8]'])
def test_impossible_numbers_are_named(entry: str) -> None:
    with pytest.raises(GeneratorError, match=entry.split('"')[1]):
        Card.from_json(f'{{"name": "x", {entry}}}')
