"""A farm's work as a folder: an Open Job Description template that is also a job bundle of AWS Deadline Cloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import OutputError, UsageError
from .engines import ENGINES
from .steps import Farm
from .template import template
from .work import JOB_FILE

__all__ = ["PARAMETERS", "TEMPLATE", "write_bundle"]

TEMPLATE, PARAMETERS = "template.json", "parameter_values.json"


def write_bundle(folder: Path, farm: Farm, *, engine: str = "") -> None:
    """Write template, values, assets and job into `folder`, in place of a bundle of ours that may be there; for one of
    the other `ENGINES` its files as well.

    Raises UsageError for a folder that holds something else, OutputError where it cannot be written.
    """
    _check_ours(folder)
    files = {
        TEMPLATE: template(farm),
        PARAMETERS: {"parameterValues": _values(farm)},
        "asset_references.json": {"assetReferences": _assets(farm)},
    }
    texts = {name: json.dumps(data, indent=2, ensure_ascii=False) + "\n" for name, data in files.items()}
    if engine:
        texts |= ENGINES[engine](farm, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        farm.job.save(folder / JOB_FILE)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"the bundle {folder} cannot be written: {error.strerror}; choose another place with --out"
        raise OutputError(message, path=folder) from error


def _values(farm: Farm) -> list[dict[str, Any]]:
    """What the job says; all else has the template's default."""
    return [{"name": each.name, "value": each.value} for each in farm.parameters if each.value != each.default]


def _assets(farm: Farm) -> dict[str, Any]:
    files = [place for place in farm.assets if not Path(place).is_dir()]
    folders = [place for place in farm.assets if place not in files]
    return {"inputs": {"filenames": files, "directories": folders}, "outputs": {"directories": []}}


def _check_ours(folder: Path) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not ((folder / TEMPLATE).is_file() and (folder / JOB_FILE).is_file()):
        raise UsageError(f"{folder} holds something else than a bundle of Replate; choose another with --out")
