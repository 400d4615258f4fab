"""A bundle as Open Job Description's own library reads it. Needs the extra `farm`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openjd.model import (
    DecodeValidationError,
    ModelValidationError,
    ParameterValue,
    RevisionExtensions,
    SpecificationRevision,
    create_job,
    decode_job_template,
    preprocess_job_parameters,
)

from ..errors import InputError, reason
from .bundle import PARAMETERS, TEMPLATE

__all__ = ["EXTENSIONS", "Bundle", "open_bundle"]

_CHUNKING = ["TASK_CHUNKING"]
EXTENSIONS = RevisionExtensions(spec_rev=SpecificationRevision.v2023_09, supported_extensions=_CHUNKING)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A job of the library's, with the values of its parameters."""

    folder: Path
    job: Any
    values: dict[str, ParameterValue]


def open_bundle(folder: Path) -> Bundle:
    """The job in a bundle's folder. Raises InputError for what is none."""
    try:
        data, given = _read(folder / TEMPLATE), _read(folder / PARAMETERS)
        template = decode_job_template(template=data, supported_extensions=_CHUNKING)
        values = preprocess_job_parameters(
            job_template=template,
            job_parameter_values={each["name"]: str(each["value"]) for each in given.get("parameterValues", [])},
            job_template_dir=folder.absolute(),
            current_working_dir=folder.absolute(),
        )
        return Bundle(
            folder=folder, job=create_job(job_template=template, job_parameter_values=values), values=dict(values)
        )
    except (OSError, ValueError, KeyError, TypeError, DecodeValidationError, ModelValidationError) as error:
        message = f"{folder} is no bundle that can be run ({reason(error)}); make it again with: replate farm JOB"
        raise InputError(message, path=folder) from error


def _read(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} holds no object")
    return found
