"""Render a job: read -> infer -> write, frame by frame, resumable, with news for whoever watches."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from . import __version__
from .color import config_notes, view_between
from .eyes import per_view
from .frame import Frame
from .frames import format_frames
from .job import Job
from .keeping.movie_results import MovieResults
from .keeping.results import Results
from .media import MovieSink
from .memory import peak
from .news.progress import Watcher
from .news.report import Report
from .news.stopwatch import Stopwatch
from .nodes import Shots
from .picture.layers import find_layers
from .picture.pictures import put_back, take
from .pipeline import Outcome, Stages, flow
from .plan import Plan, prepare
from .window import WindowReader
from .workshop import Workshop

__all__ = ["Report", "render", "stages"]

log = logging.getLogger(__name__)


def render(
    job: Job,
    *,
    watcher: Watcher | None = None,
    cancel: threading.Event | None = None,
    workshop: Workshop | None = None,
) -> Report:
    """Make every frame of `job` that is not already done with the same settings, in every view.

    A frame that fails is reported and does not stop the others; a movie is made when it has all of them. Several
    processes at one output share the frames of a sequence. Raises what `prepare` finds wrong,
    Cancelled, or MemoryLimitError; frames finished by then are kept.
    """
    watcher = watcher or Watcher()
    reports = []
    for view, each in per_view(job).items():
        if view:
            watcher.note(f"view {view}")
        reports.append(_render(each, watcher, cancel, workshop))
    return reports[0] if len(reports) == 1 else Report.of_views(job.output, reports)


def _render(job: Job, watcher: Watcher, cancel: threading.Event | None, workshop: Workshop | None) -> Report:
    with prepare(job, workshop=workshop) as plan:
        report = Report(output=job.output, device=plan.generator.device)
        for text in _introduction(plan):
            watcher.note(text)
        if not plan.frames:
            watcher.note("none of the frames asked for exists, so there is nothing to do")
            return report
        plan.sink.begin()
        results = _results(plan, report, watcher)
        todo = results.todo()
        watcher.planned(_facts(plan, todo, report))
        started = time.monotonic()
        try:
            if todo:
                _make(plan, todo, results, watcher, cancel)
            else:
                results.tidy()
        finally:
            report.device, report.seconds = plan.generator.device, time.monotonic() - started
            watcher.spent({"device": report.device, "seconds": report.seconds, "peak_memory": peak()})
    return report


def _make(plan: Plan, todo: Sequence[int], results: Results, watcher: Watcher, cancel: threading.Event | None) -> None:
    with results.sharing:
        plan.check()
        title = f"{plan.node.title} '{plan.generator.card.name}' on {plan.generator.device}"
        watcher.begin(results.count(todo), title)
        way = stages(plan, results.prints, watcher, write=results.write)
        _run(plan, todo, results, results.stages(way), cancel)


def _results(plan: Plan, report: Report, watcher: Watcher) -> Results:
    prints = {frame: plan.fingerprint(frame) for frame in plan.frames}
    if isinstance(plan.sink, MovieSink):
        return MovieResults(plan, plan.sink, prints, report, watcher)
    return Results(plan, prints, report, watcher)


def _facts(plan: Plan, todo: Sequence[int], report: Report) -> dict[str, Any]:
    """What is about to be made, see `Watcher.planned`."""
    return {
        "output": str(plan.sink.path),
        "node": plan.node.name,
        "generator": plan.generator.card.name,
        "generator_sha256": plan.generator.sha256,
        "device": plan.generator.device,
        "frames": format_frames(frame for frame in todo if frame not in report.skipped),  # a movie has all to do
        "skipped": format_frames(report.skipped),
    }


def _introduction(plan: Plan) -> Iterable[str]:
    plate, sink = plan.sources["plate"], plan.sink
    yield f"plate: {plate.path}, {plate.size[0]}x{plate.size[1]}, {plate.space} ({plate.space_reason})"
    if sink.space != plate.space:
        view = view_between(plate.space, sink.space)
        way = f"shown by {view[1]} on {view[0]}" if view else "converted"
        yield f"output: {sink.path}, {sink.space} ({way})"
    main, *others = find_layers(plate.parts) or ("",)
    if main and others and not plan.job.option("layer"):
        yield f"layer: {main}; --layer chooses another: {', '.join(filter(None, others))}"
    yield from config_notes(plate.space, plan.generator.card.space, sink.space)
    for source in dict.fromkeys(plan.sources.values()):  # a mask may be a channel of the plate
        yield from source.notes
    yield from plan.sink.notes
    yield from plan.generator.notes
    yield from plan.node.notes(plan.generator.card, plan.settings)
    yield from _unheard(plan)


def _unheard(plan: Plan) -> Iterable[str]:
    """Settings that were changed and bear on an input that the job does not have."""
    for entry in plan.node.inputs:
        prefix = f"{entry.name}."
        own = [param for param in plan.params if param.name.startswith(prefix) and entry.name not in plan.sources]
        changed = [param.name for param in own if plan.settings[param.name] != param.default]
        if changed:
            yield f"{', '.join(changed)} without effect: no {entry.name} is given"


def _run(plan: Plan, todo: Sequence[int], results: Results, way: Stages, cancel: threading.Event | None) -> None:
    try:
        clock = Stopwatch()
        for frames in results.rounds(todo, cancel):
            # Closed before the sink is: no thread may still write to a movie that is being aborted.
            with closing(flow(frames, clock.timing(way), cancel=cancel)) as outcomes:
                for outcome in outcomes:
                    seconds = clock.seconds.pop(outcome.frame, {})
                    _log(outcome, seconds)
                    results.settle(outcome, seconds)
        results.finish()
    except BaseException:
        plan.sink.abort()
        raise


def _log(outcome: Outcome, seconds: Mapping[str, float]) -> None:
    if outcome.error is None:
        log.info("frame %d: %s", outcome.frame, ", ".join(f"{name} {took:.2f} s" for name, took in seconds.items()))


def stages(plan: Plan, prints: Mapping[int, str], watcher: Watcher, *, write: Callable[[int, Any], None]) -> Stages:
    """What a frame goes through; `prints` holds the fingerprint of every frame that is made."""
    reader = WindowReader(plan)

    def infer(frame: int, shots: Shots) -> Frame:
        values = plan.values(frame)
        plan.generator.report_to(lambda text: watcher.fallback(f"frame {frame}: {text}"))
        result = _processed(plan, shots, values)
        return _with_provenance(result, plan, frame, values, prints[frame])

    def spare(frame: int) -> None:
        watcher.fallback(f"frame {frame}: memory ran out; trying again, and going on with one frame at a time")
        plan.generator.spare_memory()

    return Stages(read=reader.read, infer=infer, write=write, size=_size, spare=spare, ordered=plan.sink.ordered)


def _size(held: Shots | Frame) -> int:
    """Bytes of the pixels in what a stage hands to the next one."""
    if isinstance(held, Frame):
        return held.nbytes
    frames = {id(frame): frame for shots in held.values() for frame in shots.values()}
    return sum(frame.nbytes for frame in frames.values())


def _processed(plan: Plan, shots: Shots, values: Mapping[str, Any]) -> Frame:
    """Every picture of the frame through the node; for an output with room for one, that one alone."""
    made = [(picture, plan.node.process(seen, values)) for picture, seen in plan.choice.each(shots)]
    result = put_back(shots["plate"][0], made)
    return result if plan.sink.layered or not made else take(result, replace(made[0][0], half=""))


def _with_provenance(result: Frame, plan: Plan, frame: int, values: dict[str, Any], print_: str) -> Frame:
    """The frame with a header that says how it was made."""
    made_by = {
        "replate:version": __version__,
        "replate:node": plan.node.name,
        "replate:generator": plan.generator.card.name,
        "replate:generator_sha256": plan.generator.sha256,
        "replate:params": json.dumps(values, sort_keys=True),
        "replate:frames": " ".join(str(number) for number in plan.window(frame)["plate"].values()),
        "replate:settings": print_,
    }
    return replace(result, metadata={**result.metadata, **made_by})
