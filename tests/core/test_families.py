"""A generator's card says which of a node's kinds of work it is for, and which defaults suit it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nets import identity, tiny_style
from plates import write_shot
from replate.card import Card, Port
from replate.declarations import declarations
from replate.errors import GeneratorError, UsageError
from replate.job import Job
from replate.nodes import NODES, node_for
from replate.nodes.effect_noise import NoiseEffect
from replate.nodes.style import Style
from replate.params import Curve
from replate.plan import prepare
from replate.reference import describe

FACES = Card(name="faces", kind="effect", inputs=(Port(name="z", role="noise", length=8),), size=(16, 16), fit="resize")


def test_a_generator_from_noise_is_served_by_the_noise_family() -> None:
    assert node_for("effect", FACES) is NoiseEffect
    assert node_for("style", Card(name="look")) is Style


@pytest.mark.parametrize(("node", "family"), [("effect", "rain"), ("style", "rain")])
def test_a_family_that_a_node_does_not_have_is_told(node: str, family: str) -> None:
    with pytest.raises(UsageError, match=f"'x' is of the family 'rain', which the node {node}"):
        node_for(node, Card(name="x", family=family))


def test_a_card_keeps_family_and_defaults() -> None:
    card = replace(FACES, family="field", defaults={"seed": 3.0, "mask.invert": True})
    assert Card.from_json(card.to_json()) == card


def test_a_generators_defaults_stand_in_for_the_nodes() -> None:
    params = {param.name: param for param in NoiseEffect.params_with(replace(FACES, defaults={"variety": 0.5}))}
    assert params["variety"].default == 0.5
    assert [params[param.name].help for param in NoiseEffect.params] == [param.help for param in NoiseEffect.params]
    assert params["mix"] == next(param for param in NoiseEffect.params if param.name == "mix")


@pytest.mark.parametrize(
    ("defaults", "words"),
    [
        ({"varety": 0.5}, "a default for 'varety', which is no parameter of the node effect; did you mean 'variety'"),
        ({"variety": 9.0}, "a default that cannot be: parameter 'variety' must be a number from 0 to 2"),
        ({"variety": [1, 2]}, "a default that cannot be"),
    ],
)
def test_wrong_defaults_are_told(defaults: dict[str, Any], words: str) -> None:
    with pytest.raises(GeneratorError, match=words):
        NoiseEffect.params_with(replace(FACES, defaults=defaults))


def test_settings_of_a_plan_hold_every_parameter(tmp_path: Path) -> None:
    """Given, else the generator's default, else the node's: windows and notes are to follow from what will be used."""
    look = tiny_style(tmp_path / "look.onnx", card=Card(name="look", defaults={"steady": 0.5, "strength": 0.25}))
    shot = write_shot(tmp_path / "in", [1, 2, 3])
    keys = Curve(((1.0, 0.0), (3.0, 1.0)))
    job = Job(
        node="style",
        inputs={"plate": shot},
        output=str(tmp_path / "o.%04d.exr"),
        generator=str(look),
        params={"strength": keys},
        options={"device": "cpu"},
    )
    with prepare(job) as plan:
        assert plan.offsets == (-2, -1, 0, 1, 2)
        assert plan.settings["strength"] == keys and plan.settings["mix"] == 1.0
        assert plan.values(2)["steady"] == 0.5


def test_declarations_tell_what_a_generator_adds_and_changes(tmp_path: Path) -> None:
    tiny_style(tmp_path / "look.onnx", card=Card(name="look", defaults={"steady": 0.5}))
    identity(tmp_path / "odd.onnx", card=Card(name="odd", family="rain"))
    told = declarations(str(tmp_path))
    look = next(each for each in told["generators"] if each["name"] == "look")
    assert [(param["name"], param["default"]) for param in look["params"]] == [("steady", 0.5)]
    assert [problem for problem in told["problems"] if "odd.onnx" in problem and "'rain'" in problem]
    json.dumps(told)


def test_a_nodes_description_has_its_families() -> None:
    text = describe(NODES["effect"])
    assert NoiseEffect.title in text and "variety" in text
