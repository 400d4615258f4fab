"""OpenCue: a script for pyoutline, one layer a step."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...frames import format_frames
from ..steps import Farm, Step
from .words import spoken

__all__ = ["files"]

_CHUNK = "#FRAMESPEC#"  # what Cuebot puts the frames of a task in place of

_HEAD = '''\
"""Submits a job to OpenCue; needs pyoutline, with the show and shot in $SHOW and $SHOT."""
import getpass
import os

import outline
import outline.cuerun
from outline.modules.shell import Shell

job = outline.Outline(
    {name},
    show=os.environ.get("SHOW", "testing"),
    shot=os.environ.get("SHOT", "shot"),
    user=getpass.getuser(),
    frame_range={frames},
)
layers = {{}}
'''


def files(farm: Farm, folder: Path) -> Mapping[str, str]:
    """The script, to be run where pyoutline is installed. A file `opencue.py` would be imported in place of that."""
    name = re.sub(r"\W+", "_", farm.name, flags=re.ASCII)  # a folder of Cuebot's logs is called so
    head = _HEAD.format(name=_text(name), frames=_text(format_frames(farm.frames)))
    layers = [line for step in farm.steps for line in _layer(step, farm, folder)]
    return {"opencue_submit.py": "\n".join([head, *layers, "outline.cuerun.launch(job, use_pycuerun=False)", ""])}


def _layer(step: Step, farm: Farm, folder: Path) -> Iterator[str]:
    # Cuebot joins the words to a line for a shell.
    words = [shlex.quote(word) for word in spoken(step, farm, folder, chunk=_CHUNK)]
    frames = format_frames(farm.frames) if step.chunked else str(farm.frames[0])
    chunk = int(farm.values["chunk"]) if step.chunked else 1
    name = _text(step.name)
    yield f"layers[{name}] = Shell({name}, command={json.dumps(words)}, range={_text(frames)}, chunk={chunk})"
    if step.gpu:
        yield f'layers[{name}].set_arg("gpus", 1)'
    yield f"job.add_layer(layers[{name}])"
    for earlier in step.after:
        yield f"layers[{name}].depend_all(layers[{_text(earlier)}])"


def _text(words: str) -> str:
    return json.dumps(words)  # a Python string as well, and ASCII
