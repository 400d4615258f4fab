"""A job as wide as somebody looks at it: its plate and all lengths in pixels brought to one scale."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..color import using
from ..inputs import open_input
from ..job import Job
from ..network.onnxfile import read_card
from ..nodes import node_for, node_named
from ..params import Param
from ..proxy import scaled_lengths
from .opened import PreviewWorkshop
from .warm import Bench

__all__ = ["at_width", "params_of"]


def at_width(job: Job, width: int, bench: Bench) -> tuple[Job, PreviewWorkshop]:
    """The job and the workshop for a picture at most `width` wide; 0 is the plate's own width."""
    if not width:
        return job, bench.previews
    with using(job.option("ocio")), open_input(bench.previews, job, "plate", sparse=False) as plate:
        scale = min(1.0, width / plate.size[0])
    if scale < 1:
        job = replace(job, params=scaled_lengths(params_of(job), job.params, scale))
    return job, bench.at(scale)


def params_of(job: Job) -> tuple[Param, ...]:
    """The parameters of the job's node, with its generator's own."""
    card = read_card(Path(job.generator))
    return node_for(job.node, card).params_with(card) if card else node_named(job.node).params
