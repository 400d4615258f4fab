"""Flamenco 3: a job type, which is a script beside the manager, and the job to post to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...frames import format_frames
from ...params import Value
from ..parameters import JobParameter
from ..steps import Farm
from .words import job_file, without_service

__all__ = ["files"]

_PRIORITY = 50  # Flamenco's own default

_SCRIPT = """\
// Copy this file into the folder "scripts" beside Flamenco Manager and start that again.
const JOB_TYPE = {type};

// Words hold {{{{Param.NAME}}}} for a setting and {{{{Task.Param.Frame}}}} for the frames of a task.
const STEPS = {steps};

function filled(word, settings, frames) {{
  return word.replace(/\\{{\\{{(?:Param\\.(\\w+)|Task\\.Param\\.Frame)\\}}\\}}/g,
    (_, name) => name ? String(settings[name]) : frames);
}}

function compileJob(job) {{
  const settings = job.settings;
  const done = {{}};
  for (const step of STEPS) {{
    const chunks = step.chunked ? frameChunker(settings.frames, settings.chunk) : [""];
    done[step.name] = chunks.map((frames) => {{
      const task = author.Task([step.name, frames].join(" ").trim(), "misc");
      const args = step.words.map((word) => filled(word, settings, frames));
      task.addCommand(author.Command("exec", {{ exe: settings.replate, args: args }}));
      step.after.forEach((name) => done[name].forEach((earlier) => task.addDependency(earlier)));
      job.addTask(task);
      return task;
    }});
  }}
}}
"""

_TYPES = {"INT": "int32", "FLOAT": "float"}


def files(farm: Farm, folder: Path) -> Mapping[str, str]:
    """The job type, whose settings are the job's parameters, and a job for `POST /api/v3/jobs`.

    Nothing of this one job is in the type, and its name tells types apart that have other settings or steps.
    """
    asked = [each for each in farm.parameters if each.name != "chunk_seconds"]
    values = {each.name: _typed(each, each.value) for each in asked}
    values |= {"frames": format_frames(farm.frames, steps=False), "job": job_file(farm, folder)}
    kind = {"label": f"Replate: {farm.job.node}", "settings": [_setting(each) for each in asked]}
    steps = [
        {"name": each.name, "words": without_service(each), "chunked": each.chunked, "after": each.after}
        for each in farm.steps
    ]
    script = _SCRIPT.format(type=_json(kind), steps=_json(steps))
    name = f"replate-{farm.job.node}-{hashlib.sha256(script.encode()).hexdigest()[:8]}"
    job = {
        "name": farm.name,
        "type": name,
        "priority": _PRIORITY,
        "submitter_platform": "linux",
        "settings": values,
        "metadata": {},
    }
    return {f"{name.replace('-', '_')}.js": script, "flamenco_job.json": _json(job) + "\n"}


def _setting(parameter: JobParameter) -> dict[str, Any]:
    made: dict[str, Any] = {
        "key": parameter.name,
        "type": "bool" if _is_box(parameter) else _TYPES.get(parameter.type, "string"),
        "description": parameter.help,
        "label": parameter.label,
    }
    if parameter.default is not None:
        made["default"] = _typed(parameter, parameter.default)
    if parameter.type == "PATH":
        made["subtype"] = "dir_path" if parameter.limits["objectType"] == "DIRECTORY" else "file_path"
    if parameter.type in _TYPES:
        named = {"minValue": "min", "maxValue": "max"}
        made["propargs"] = {named[limit]: value for limit, value in parameter.limits.items()}
    if "allowedValues" in parameter.limits and not _is_box(parameter):
        made["choices"] = parameter.limits["allowedValues"]
    return made


def _is_box(parameter: JobParameter) -> bool:
    return parameter.control == "CHECK_BOX"


def _typed(parameter: JobParameter, value: Value) -> Value:
    return value == "true" if _is_box(parameter) else value


def _json(data: Any) -> str:
    return json.dumps(data, indent=2)
