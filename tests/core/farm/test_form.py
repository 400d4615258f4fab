"""The form that Deadline Cloud draws from a bundle: every knob is there, and gives back what it was given."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from replate.declarations import params_of
from replate.farm.asked import Asked
from replate.farm.bundle import write_bundle
from replate.farm.work import farm_of
from replate.job import Job
from replate.params import Param

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6", reason="the form is drawn with PySide6")
pytest.importorskip("qtpy", reason="it is drawn through QtPy: pip install 'deadline[gui]'")
pytest.importorskip("deadline", reason="pip install deadline, to see the form that it draws of a bundle")

TIED = ("replace", "matte", "mask.channel", "mask.light")
"""Parameters that want something of the inputs."""


def any_value(param: Param, chance: random.Random) -> Any:
    """Something that nobody would type: all digits that a number has."""
    low, high = param.soft or (param.minimum or 0, param.maximum or 10)
    values = {"float": chance.uniform(low, high), "int": int(high), "bool": not param.default, "text": "ä {{b}}"}
    return param.choices[-1] if param.kind == "choice" else values[param.kind]


@pytest.mark.parametrize(("node", "generator"), [("style", "painted"), ("removal", "fill"), ("effect", "light")])
def test_the_form_gives_back_what_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: Any, node: str, generator: str
) -> None:
    monkeypatch.setenv("DEADLINE_CLOUD_TELEMETRY_OPT_OUT", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    from deadline.client.job_bundle.parameters import read_job_bundle_parameters
    from deadline.client.ui.widgets.openjd_parameters_widget import OpenJDParametersWidget

    chance = random.Random(7)
    job = Job(
        node=node,
        generator=generator,
        inputs={"plate": "blank:64x48", **({"mask": "plate:A"} if node == "removal" else {})},
        output=str(tmp_path / "o.%04d.exr"),
        frames="1-10",
        params={param.name: any_value(param, chance) for param in params_of(node, generator) if param.name not in TIED},
    )
    farm = farm_of(job, Asked(movie=str(tmp_path / "o.mov")))
    write_bundle(tmp_path / "bundle", farm)
    form = OpenJDParametersWidget(parameter_definitions=read_job_bundle_parameters(str(tmp_path / "bundle")))
    assert form.invalid_parameter_names() == []
    shown = {each["name"]: str(each["value"]) for each in form.get_parameters()}
    assert shown == farm.values | {"job": str(tmp_path / "bundle" / "job.json")}
