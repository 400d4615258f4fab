"""Bundles as the reference implementation of Open Job Description sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openjd.model import (
    ParameterValue,
    SymbolTable,
    create_job,
    decode_job_template,
    preprocess_job_parameters,
)
from openjd.model import StepParameterSpaceIterator as Tasks

__all__ = ["chunks", "job_of", "words"]


def _values(bundle: Path) -> dict[str, str]:
    data = json.loads((bundle / "parameter_values.json").read_text(encoding="utf-8"))
    return {each["name"]: str(each["value"]) for each in data["parameterValues"]}


def _loaded(bundle: Path, values: Mapping[str, str]) -> tuple[Any, Any]:
    data = json.loads((bundle / "template.json").read_text(encoding="utf-8"))
    template = decode_job_template(template=data, supported_extensions=["TASK_CHUNKING"])
    given = preprocess_job_parameters(
        job_template=template,
        job_parameter_values=_values(bundle) | values,
        job_template_dir=bundle,
        current_working_dir=bundle,
    )
    return template, given


def job_of(bundle: Path, **values: str) -> Any:
    """The job that a bundle's template makes, with other `values` of its parameters."""
    template, given = _loaded(bundle, values)
    return create_job(job_template=template, job_parameter_values=given)


def chunks(bundle: Path, step: str = "Render", **values: str) -> list[str]:
    """The frames of every task of a step."""
    found = next(each for each in job_of(bundle, **values).steps if each.name == step)
    return [task["Frame"].value for task in Tasks(space=found.parameterSpace)]


def words(bundle: Path, *, step: str = "Render", chunk: str = "", **values: str) -> list[str]:
    """The command line of a task, with every format string resolved."""
    given: Mapping[str, ParameterValue] = _loaded(bundle, values)[1]
    table = SymbolTable(source={f"Param.{name}": parameter.value for name, parameter in given.items()})
    table["Task.Param.Frame"] = chunk
    table["Session.WorkingDirectory"] = "/session"
    action = next(each for each in job_of(bundle, **values).steps if each.name == step).script.actions.onRun
    return [part.resolve(symtab=table) for part in (action.command, *action.args)]
