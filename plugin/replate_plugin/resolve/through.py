"""What Replate cannot read, rendered by Resolve: camera raw, nested timelines, titles, changes of speed.

A copy of the timeline with all other video tracks off goes through the render queue into a movie; the copy and the job
are deleted again, and the settings of the Deliver page are as they were.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..client import ServiceError
from ..exchange import cancelled_error
from ..host.baking import Progress
from .calls import media_pool, must, track_count
from .clips import Shot, track_of
from .rates import rate

__all__ = ["rendered"]

_FORMAT = "mov"
_CODECS = ("ProRes4444", "DNxHR444", "ProRes422HQ", "DNxHRHQX", "DNxHRHQ", "H265", "H264")
_PRESETS = ("H.264 Master", "ProRes 422 HQ", "YouTube 1080p")
_LOOK = 0.25  # seconds between two looks at a render job
_KEPT = "Replate: as it was"


def rendered(
    resolve: Any,
    project: Any,
    timeline: Any,
    shot: Shot,
    folder: Path,
    *,
    watch: Callable[[Progress], None],
    cancelled: Callable[[], bool],
    notes: list[str],
) -> Shot:
    """The same shot from a movie that shows what the timeline shows of it, grade and all. Raises ServiceError.

    What could not be put back as it was is added to `notes`.
    """
    name = f"{Path(shot.name).stem}_{shot.start}_{time.strftime('%H%M%S')}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceError(f"{folder} cannot be made ({error.strerror}); choose another folder for results") from error
    with _deliver(resolve, project, notes), _alone(project, timeline, shot, notes):
        job = _queued(project, timeline, shot, folder, name)
        try:
            must(project.StartRendering([job], False), f"Resolve does not start to render {shot.name}; look at Deliver")
            _wait(project, job, shot, watch, cancelled)
        finally:
            project.DeleteRenderJob(job)
    found = sorted(folder.glob(f"{name}*.{_FORMAT}"))
    movie = must(found, f"Resolve says it has rendered {shot.name}, but there is no {folder / name}.{_FORMAT}")[0]
    frames = range(1, shot.duration + 1)
    timed = rate(timeline.GetSetting("timelineFrameRate"), of="the timeline")
    handed = replace(shot, path=str(movie), frames=frames, used=shot.duration, rate=timed)
    return replace(handed, is_graded=True, is_still=False, why="")


def _queued(project: Any, timeline: Any, shot: Shot, folder: Path, name: str) -> str:
    codecs = project.GetRenderCodecs(_FORMAT) or {}
    codec = next((each for wish in _CODECS for each in codecs.values() if each.startswith(wish)), "")
    must(
        codec, f"this Resolve writes none of {', '.join(_CODECS)} into .{_FORMAT}, so {shot.name} cannot be handed over"
    )
    must(project.SetCurrentRenderFormatAndCodec(_FORMAT, codec), f"Resolve does not take the codec {codec}")
    must(project.SetCurrentRenderMode(1), "Resolve does not render to a single clip; look at the Deliver page")
    settings: dict[str, Any] = {
        "SelectAllFrames": False,
        "MarkIn": shot.start,
        "MarkOut": shot.start + shot.duration - 1,
        "TargetDir": str(folder),
        "CustomName": name,
        "ExportVideo": True,
        "ExportAudio": False,
    }
    settings |= {"FormatWidth": _side(timeline, "Width"), "FormatHeight": _side(timeline, "Height")}
    must(project.SetRenderSettings(settings), f"Resolve does not take the settings for rendering {shot.name}")
    return str(must(project.AddRenderJob(), f"{shot.name} cannot be put into the render queue; look at Deliver"))


def _side(timeline: Any, which: str) -> int:
    told = must(timeline.GetSetting(f"timelineResolution{which}"), "Resolve does not say how large the timeline is")
    return int(float(told))


def _wait(project: Any, job: str, shot: Shot, watch: Callable[[Progress], None], cancelled: Callable[[], bool]) -> None:
    """Until the job has ended; raises ServiceError where it has not ended well."""
    while True:
        status = project.GetRenderJobStatus(job) or {}
        state = status.get("JobStatus")
        if state == "Complete":
            return
        if state in ("Failed", "Cancelled", None):
            why = status.get("Error") or "it gives no reason"
            raise ServiceError(f"Resolve has not rendered {shot.name}: {why}; try it on the Deliver page")
        watch(Progress(int(status.get("CompletionPercentage") or 0), 100, f"Resolve renders {shot.name}"))
        if cancelled():
            project.StopRendering()
            raise cancelled_error()
        time.sleep(_LOOK)


@contextmanager
def _alone(project: Any, timeline: Any, shot: Shot, notes: list[str]) -> Iterator[None]:
    """A copy of the timeline is the current one, in which nothing but the clip's track shows; gone afterwards."""
    pool = media_pool(project)
    own = track_of(shot.item) or shot.track
    copy = must(timeline.DuplicateTimeline(f"Replate {shot.name}"), f"{timeline.GetName()} cannot be duplicated")
    try:
        must(project.SetCurrentTimeline(copy), "the copy of the timeline cannot be opened")
        for index in range(1, track_count(copy) + 1):
            if index != own:
                must(copy.SetTrackEnable("video", index, False), f"track {index} of the copy cannot be switched off")
        yield
    finally:
        if not project.SetCurrentTimeline(timeline):
            notes.append(f"the timeline {timeline.GetName()} could not be opened again; open it yourself")
        if not pool.DeleteTimelines([copy]):
            notes.append(f"the timeline {copy.GetName()} could not be deleted; delete it yourself")


@contextmanager
def _deliver(resolve: Any, project: Any, notes: list[str]) -> Iterator[None]:
    """Settings that begin from a preset, because others shine through; page and settings are put back."""
    page = resolve.GetCurrentPage()
    project.DeleteRenderPreset(_KEPT)  # one that a crash has left: a name is taken once
    kept = project.SaveAsNewRenderPreset(_KEPT)
    presets = project.GetRenderPresetList() or []
    base = next((name for name in _PRESETS if name in presets), None)
    if base is not None:
        project.LoadRenderPreset(base)
    try:
        yield
    finally:
        if not (kept and project.LoadRenderPreset(_KEPT) and project.DeleteRenderPreset(_KEPT)):
            notes.append("the settings of the Deliver page could not be put back; look at them before you render")
        if page:
            resolve.OpenPage(page)
