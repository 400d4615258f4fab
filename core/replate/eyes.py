"""A shot whose views lie in separate files, `shot.%V.%04d.exr`, as one job a view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .errors import InputError, UsageError
from .frames import format_frames
from .job import Job
from .media import has_view, open_source, views_of, with_view
from .params import nearest

__all__ = ["per_view"]


def per_view(job: Job) -> Mapping[str, Job]:
    """A job for each view on disk, or for the one that `view` names; `job` itself under "" where it has no %V.

    Every view gets the same parameters and seed. Raises UsageError where plate and output do not agree.
    """
    plate = job.inputs.get("plate", "")
    if not has_view(plate):
        _refuse_views_elsewhere(job)
        return {"": job}
    asked = job.option("view")
    views = [view for view in views_of(plate) if asked in ("", view)]
    if not views:
        raise UsageError(f"{plate} has no view '{asked}'{nearest(asked, views_of(plate))}", parameter="view")
    if len(views) > 1 and not has_view(job.output):
        raise UsageError(
            f"{plate} has {len(views)} views, but the output {job.output} has no %V; write %V into its name",
            path=job.output,
        )
    jobs = {view: _of_view(job, view) for view in views}
    if job.option("missing") == "error" and not job.frames:
        _check_frames(jobs)
    return jobs


def _check_frames(jobs: Mapping[str, Job]) -> None:
    """Each view alone may look whole (on twos, or shorter), and an eye would be missing in the film."""
    frames = {view: set(_frames(job)) for view, job in jobs.items()}
    every = set().union(*frames.values())
    for view, has in frames.items():
        if lacking := every - has:
            path = jobs[view].inputs["plate"]
            raise InputError(
                f"{path} has no file for {format_frames(sorted(lacking))}, which another view has; "
                "render it, or choose --missing or --frames",
                path=path,
            )


def _frames(job: Job) -> tuple[int, ...]:
    with open_source(job.inputs["plate"]) as source:
        return source.frames


def _of_view(job: Job, view: str) -> Job:
    options = {name: value for name, value in job.options.items() if name != "view"}
    inputs = {name: with_view(path, view) for name, path in job.inputs.items()}
    return replace(job, inputs=inputs, output=with_view(job.output, view), options=options)


def _refuse_views_elsewhere(job: Job) -> None:
    for path in (*job.inputs.values(), job.output):
        if has_view(path):
            raise UsageError(
                f"{path} is written with %V, but the plate is not; write %V into both or neither", path=path
            )
