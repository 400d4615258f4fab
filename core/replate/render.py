"""Render a job: read -> infer -> write, frame by frame, resumable, with news for whoever watches."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import __version__
from .color import config_notes, view_between
from .errors import ReplateError, UsageError
from .eyes import per_view
from .frame import Frame
from .frames import count_frames
from .job import Job
from .manifest import fingerprint
from .nodes import Shots
from .picture.layers import find_layers
from .picture.pictures import put_back, take
from .pipeline import Outcome, Stages, flow
from .plan import Plan, prepare
from .progress import Watcher
from .stopwatch import Stopwatch
from .window import WindowReader
from .workshop import Workshop

__all__ = ["Report", "render", "stages"]

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Report:
    """How a render went. `seconds` is wall time, `failed` maps frame numbers to what went wrong there."""

    output: str
    device: str
    done: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    failed: dict[int, ReplateError] = field(default_factory=dict)
    seconds: float = 0.0


def render(
    job: Job,
    *,
    watcher: Watcher | None = None,
    cancel: threading.Event | None = None,
    workshop: Workshop | None = None,
) -> Report:
    """Make every frame of `job` that is not already done with the same settings, in every view.

    A frame that fails is reported and does not stop the others, except in a movie, which cannot have a hole.
    Raises what `prepare` finds wrong, Cancelled, or MemoryLimitError; frames finished by then are kept.
    """
    watcher = watcher or Watcher()
    reports = []
    for view, each in per_view(job).items():
        if view:
            watcher.note(f"view {view}")
        reports.append(_render(each, watcher, cancel, workshop))
    return reports[0] if len(reports) == 1 else _together(job, reports)


def _render(job: Job, watcher: Watcher, cancel: threading.Event | None, workshop: Workshop | None) -> Report:
    with prepare(job, workshop=workshop) as plan:
        report = Report(output=job.output, device=plan.generator.device)
        for text in _introduction(plan):
            watcher.note(text)
        prints = {frame: plan.fingerprint(frame) for frame in plan.frames}
        todo = _todo(plan, prints, report, watcher)
        started = time.monotonic()
        if todo:
            plan.check()
            watcher.begin(len(todo), f"{plan.node.title} '{plan.generator.card.name}' on {plan.generator.device}")
            _run(plan, todo, prints, report, watcher, cancel)
            report.device = plan.generator.device
        report.seconds = time.monotonic() - started
    return report


def _together(job: Job, reports: Sequence[Report]) -> Report:
    """One report of several views; a frame number stands in it once a view."""
    return Report(
        output=job.output,
        device=reports[-1].device,
        done=[frame for report in reports for frame in report.done],
        skipped=[frame for report in reports for frame in report.skipped],
        failed={frame: error for report in reports for frame, error in report.failed.items()},
        seconds=sum(report.seconds for report in reports),
    )


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


def _todo(plan: Plan, prints: dict[int, str], report: Report, watcher: Watcher) -> list[int]:
    """The frames that are not done yet; a movie is done as a whole or not at all."""
    if not plan.frames:
        watcher.note("none of the frames asked for exists, so there is nothing to do")
        return []
    if plan.sink.ordered:
        return _todo_movie(plan, prints, report, watcher)
    states = {f: plan.manifest.state(str(f), plan.sink.target(f), prints[f]) for f in plan.frames}
    _refuse_foreign(plan, [plan.sink.target(f) for f, state in states.items() if state == "foreign"])
    if plan.job.option("overwrite"):
        return list(plan.frames)
    report.skipped = [frame for frame, state in states.items() if state == "done"]
    stale = sum(state == "stale" for state in states.values())
    if report.skipped:
        watcher.note(f"already done with these settings: {len(report.skipped)} of {count_frames(len(states))}")
    if stale:
        watcher.note(f"rendered again, because made with other settings: {count_frames(stale)}")
    return [frame for frame, state in states.items() if state != "done"]


def _todo_movie(plan: Plan, prints: dict[int, str], report: Report, watcher: Watcher) -> list[int]:
    target = plan.sink.target(plan.frames[0])
    state = plan.manifest.state("movie", target, _movie_print(prints))
    if state == "foreign":
        _refuse_foreign(plan, [target])
    if state == "done" and not plan.job.option("overwrite"):
        report.skipped = list(plan.frames)
        watcher.note(f"{target} is already done with these settings")
        return []
    return list(plan.frames)


def _movie_print(prints: dict[int, str]) -> str:
    return fingerprint({str(frame): print_ for frame, print_ in prints.items()})


def _refuse_foreign(plan: Plan, targets: list[Path]) -> None:
    """Somebody else's picture is not ours to replace unless the user says so."""
    if targets and not plan.job.option("overwrite"):
        raise UsageError(
            f"{targets[0]} exists and was not made by this job; add --overwrite to replace it or name another output",
            path=targets[0],
        )


def _run(
    plan: Plan,
    todo: list[int],
    prints: dict[int, str],
    report: Report,
    watcher: Watcher,
    cancel: threading.Event | None,
) -> None:
    try:
        # Closed before the sink is: no thread may still write to a movie that is being aborted.
        clock = Stopwatch()
        with closing(flow(todo, clock.timing(stages(plan, prints, watcher)), cancel=cancel)) as outcomes:
            for outcome in outcomes:
                _note(outcome, clock.seconds.pop(outcome.frame, {}), report, watcher)
                if outcome.error and plan.sink.ordered:
                    raise outcome.error
        if plan.sink.ordered:
            plan.manifest.claim("movie")
        plan.sink.close()
    except BaseException:
        plan.sink.abort()
        raise
    if plan.sink.ordered:
        plan.manifest.record("movie", plan.sink.target(todo[0]), _movie_print(prints))


def _note(outcome: Outcome, seconds: Mapping[str, float], report: Report, watcher: Watcher) -> None:
    if outcome.error is None:
        report.done.append(outcome.frame)
        log.info("frame %d: %s", outcome.frame, ", ".join(f"{name} {took:.2f} s" for name, took in seconds.items()))
    else:
        report.failed[outcome.frame] = outcome.error
    watcher.frame(outcome.frame, failed="" if outcome.error is None else str(outcome.error))


def stages(plan: Plan, prints: Mapping[int, str], watcher: Watcher) -> Stages:
    """What a frame goes through; `prints` holds the fingerprint of every frame that is made."""
    reader = WindowReader(plan)

    def infer(frame: int, shots: Shots) -> Frame:
        values = plan.values(frame)
        plan.generator.report_to(lambda text: watcher.fallback(f"frame {frame}: {text}"))
        result = _processed(plan, shots, values)
        return _with_provenance(result, plan, frame, values, prints[frame])

    def write(frame: int, result: Frame) -> None:
        if plan.sink.ordered:
            plan.sink.write(result)
            return
        plan.manifest.claim(str(frame))
        plan.sink.write(result)
        plan.manifest.record(str(frame), plan.sink.target(frame), prints[frame])

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
