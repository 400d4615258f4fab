"""Parameters and curves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replate.errors import UsageError
from replate.nodes import NODES
from replate.options import OPTIONS
from replate.params import Curve, Param, check_settings, format_setting, nearest, parse_setting, resolve

MIX = Param(name="mix", kind="float", default=1.0, minimum=0, maximum=1, help="how much")
COUNT = Param(name="count", kind="int", default=3, minimum=1, help="how many")
LOOK = Param(name="look", kind="choice", default="a", choices=("a", "b"), help="which", keyable=False)
FLAG = Param(name="flag", kind="bool", default=False, help="whether", keyable=False)
ALL = (MIX, COUNT, LOOK, FLAG)
keys = st.dictionaries(st.integers(-1000, 2000), st.floats(0, 1), min_size=1, max_size=6)


@given(keys, st.sampled_from(["linear", "smooth", "hold"]), st.floats(-2000, 3000))
def test_a_curve_stays_between_its_keys(values: dict[int, float], interpolation: str, frame: float) -> None:
    curve = Curve(tuple(sorted(values.items())), interpolation)  # type: ignore[arg-type]
    assert min(values.values()) - 1e-9 <= curve.at(frame) <= max(values.values()) + 1e-9
    for number, value in values.items():
        assert curve.at(number) == pytest.approx(value)


@given(keys)
def test_curve_text_is_read_back(values: dict[int, float]) -> None:
    text = ",".join(f"{value!r}@{frame}" for frame, value in values.items())
    curve = parse_setting(MIX, text)
    assert isinstance(curve, Curve)
    assert dict(curve.keys) == values


def test_interpolation() -> None:
    assert parse_setting(MIX, "0@1001,1@1050").at(1025.5) == pytest.approx(0.5)  # type: ignore[union-attr]
    assert parse_setting(MIX, "0@0,1@10:smooth").at(2.5) == pytest.approx(0.15625)  # type: ignore[union-attr]
    assert parse_setting(MIX, "0@0,1@10:hold").at(9.9) == 0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("param", "text", "named"),
    [
        (MIX, "1.5", "from 0 to 1"),
        (MIX, "nan", "from 0 to 1"),
        (MIX, "inf", "from 0 to 1"),
        (MIX, "much", "a number"),
        (MIX, "0@1,2@5", "from 0 to 1"),
        (MIX, "0@1,1@1", "two keyframes"),
        (MIX, "0@", "keyframe"),
        (MIX, "0@1:wobbly", ":smooth"),
        (COUNT, "2.5", "whole number"),
        (COUNT, "0", "at least 1"),
        (LOOK, "c", "one of a, b"),
        (FLAG, "maybe", "true or false"),
        (FLAG, "1@5", "keyframes"),
    ],
)
def test_bad_values_name_what_is_allowed(param: Param, text: str, named: str) -> None:
    with pytest.raises(UsageError, match=named) as caught:
        parse_setting(param, text)
    assert param.name in str(caught.value)


def test_capitals_do_not_hide_the_nearest() -> None:
    assert nearest("acescgg", ["ACEScg", "Raw"]) == "; did you mean 'ACEScg'?"


def test_unknown_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'mix'"):
        check_settings(ALL, {"mux": 1})


def test_values_at_a_frame() -> None:
    settings = check_settings(ALL, {"mix": Curve(((0, 0), (10, 1))), "count": Curve(((0, 1), (10, 4)))})
    assert resolve(ALL, settings, 5) == {"mix": 0.5, "count": 2, "look": "a", "flag": False}
    assert resolve(ALL, {}, 5) == {param.name: param.default for param in ALL}


def test_a_switch_steps_at_its_keyframes() -> None:
    switch = Param(name="invert", kind="bool", default=False, help="whether")
    settings = {"invert": parse_setting(switch, "0@10,1@20,0@30")}
    values = [resolve((switch,), settings, frame)["invert"] for frame in (5, 19, 20, 29, 30)]
    assert values == [False, False, True, True, False]
    assert all(isinstance(value, bool) for value in values)
    with pytest.raises(UsageError, match="true or false"):
        parse_setting(switch, "0.5@10")


@pytest.mark.parametrize(
    "param", [*OPTIONS, *(p for node in NODES.values() for p in node.params)], ids=lambda p: p.name
)
def test_every_declared_default_is_allowed(param: Param) -> None:
    assert param.check(param.default) == param.default
    assert param.help.endswith(".")


@given(
    keys=st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1)), min_size=1, unique_by=lambda key: key[0]),
    interpolation=st.sampled_from(["linear", "smooth", "hold"]),
)
def test_settings_are_written_as_they_are_read(keys: list[tuple[float, float]], interpolation: Any) -> None:
    curve = MIX.check(Curve(tuple(keys), interpolation))
    assert parse_setting(MIX, format_setting(curve)) == curve
    assert parse_setting(MIX, format_setting(keys[0][1])) == keys[0][1]
    assert format_setting(Curve(((1001.0, 0.0), (1050.5, 1.0)), "smooth")) == "0@1001,1@1050.5:smooth"
