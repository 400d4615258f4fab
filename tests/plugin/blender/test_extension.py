"""The extension: valid, installed and removed by Blender's own tools, its properties those of the declarations."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import Blender


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    command = [sys.executable, "-m", "replate", "nodes", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_blender_finds_the_archive_valid(empty: Blender) -> None:
    tool = next((Path(empty.python).parents[1] / "lib").glob("*/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli"))
    command = [empty.python, str(tool / "blender_ext.py"), "validate", str(empty.archive)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Success" in done.stdout


def test_blender_installs_and_removes_it(empty: Blender) -> None:
    told = empty.run("install", archive=str(empty.archive))
    assert told["installed"] == ["FINISHED"] and told["enabled"]
    assert {"add", "bake", "bake_frame", "cancel", "clear", "render", "add_to_strip"} <= set(told["operators"])
    assert told["settings"] == ["replate", "replate_effect", "replate_removal", "replate_style"]
    assert not told["left"] and not told["attribute left"]
    assert not list(Path(empty.environment["BLENDER_USER_RESOURCES"]).rglob("replate_plugin"))


KINDS = {"float": "FLOAT", "int": "INT", "bool": "BOOLEAN", "choice": "ENUM", "text": "STRING"}


def test_every_parameter_is_a_property(blender: Blender, declared: dict[str, Any]) -> None:
    found = blender.run("properties")
    for node in declared["nodes"]:
        for param in (param for param in node["params"] if param["section"] != "Output"):
            prop = found[node["name"]][param["name"].replace(".", "_")]
            assert prop["kind"] == KINDS[param["kind"]], param["name"]
            exact = param["default"]
            assert prop["value"] == (pytest.approx(exact) if param["kind"] == "float" else exact), param["name"]
            assert prop["help"] == param["help"].rstrip(".")
            assert prop["choices"] == param["choices"]
            assert prop["keyable"] == param["keyable"]
            assert prop["title"].startswith(param["title"])
            limits = {"hard_min": param["minimum"], "hard_max": param["maximum"]}
            limits |= dict(zip(("soft_min", "soft_max"), param["soft"] or (None, None), strict=True))
            assert all(prop[name] == pytest.approx(value) for name, value in limits.items() if value is not None)
        generators = [each["name"] for each in declared["generators"] if each["node"] == node["name"]]
        assert found[node["name"]]["generator"]["choices"] == [*generators, "FILE"]
