"""Resolve itself, its project, and a render queue that writes real movies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from films import encode

from .media import MediaPool
from .timeline import Timeline
from .world import Remote, World

__all__ = ["Project", "Resolve"]


class Resolve(Remote):
    def __init__(self, world: World, project: Project) -> None:
        self.world, self.project = world, project

    def GetProductName(self) -> Any:
        return self.world.product

    def GetVersionString(self) -> Any:
        return self.world.version

    def GetProjectManager(self) -> Any:
        return ProjectManager(self.world, self.project)

    def GetCurrentPage(self) -> Any:
        return self.world.page

    def OpenPage(self, page: str) -> Any:
        self.world.page = page
        return True


class ProjectManager(Remote):
    def __init__(self, world: World, project: Project) -> None:
        self.world, self.project = world, project

    def GetCurrentProject(self) -> Any:
        return self.project


class Project(Remote):
    """A project with a render queue that writes real movies."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.timelines, self.pool = list[Timeline](), MediaPool(world, self)
        self.timeline: Timeline = None  # type: ignore[assignment]
        self.presets: dict[str, dict[str, Any]] = {"H.264 Master": {"ExportVideo": True}}
        self.settings: dict[str, Any] = {"ExportVideo": False, "of": "the user"}
        self.jobs, self.codec, self.reason = dict[str, dict[str, Any]](), "", ""

    def GetMediaPool(self) -> Any:
        return self.pool

    def GetCurrentTimeline(self) -> Any:
        return self.timeline

    def SetCurrentTimeline(self, timeline: Timeline) -> Any:
        self.timeline = timeline
        return True

    def GetRenderPresetList(self) -> Any:
        return list(self.presets)

    def LoadRenderPreset(self, name: str) -> Any:
        self.settings = dict(self.presets[name])
        return True

    def SaveAsNewRenderPreset(self, name: str) -> Any:
        self.presets[name] = dict(self.settings)
        return True

    def DeleteRenderPreset(self, name: str) -> Any:
        return self.presets.pop(name, None) is not None

    def GetRenderCodecs(self, kind: str) -> Any:
        return {"Apple ProRes 422 HQ": "ProRes422HQ", "H.264": "H264"} if kind == "mov" else {}

    def SetCurrentRenderFormatAndCodec(self, kind: str, codec: str) -> Any:
        self.codec = codec
        return codec in self.GetRenderCodecs(kind).values()

    def SetCurrentRenderMode(self, mode: int) -> Any:
        self.world.page = "deliver"
        return True

    def SetRenderSettings(self, settings: dict[str, Any]) -> Any:
        self.settings |= settings
        return True

    def AddRenderJob(self) -> Any:
        name = f"job-{len(self.jobs) + 1}"
        self.jobs[name] = {**self.settings, "timeline": self.timeline, "looks": 0}
        return name

    def StartRendering(self, names: list[str], interactive: bool) -> Any:
        return all(name in self.jobs for name in names)

    def StopRendering(self) -> Any:
        return None

    def DeleteRenderJob(self, name: str) -> Any:
        return self.jobs.pop(name, None) is not None

    def GetRenderJobStatus(self, name: str) -> Any:
        """Half done at the first look, done at the second."""
        job = self.jobs[name]
        job["looks"] += 1
        if self.reason:
            return {"JobStatus": "Failed", "CompletionPercentage": 0, "Error": self.reason}
        if job["looks"] == 1:
            return {"JobStatus": "Rendering", "CompletionPercentage": 50}
        if job["ExportVideo"]:
            self._write(job)
        return {"JobStatus": "Complete", "CompletionPercentage": 100}

    def _write(self, job: dict[str, Any]) -> None:
        timeline = job["timeline"]
        pictures = [
            timeline.shown(frame).reformat(format="yuv422p10le") for frame in range(job["MarkIn"], job["MarkOut"] + 1)
        ]
        assert (job["FormatWidth"], job["FormatHeight"]) == (1920, 1080)
        path = Path(job["TargetDir"]) / f"{job['CustomName']}.mov"
        encode(path, pictures, codec="prores_ks", rate=timeline.rate)
