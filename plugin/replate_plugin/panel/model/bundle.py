"""A job for the render farm: a folder that `replate farm` makes of a job file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ServiceError
from ...starting import HIDDEN, environment
from .home import read_json
from .outputs import stem_of

__all__ = ["Bundle"]


@dataclass(frozen=True)
class Bundle:
    """`job` is the job's file, `folder` the bundle, `chunk` how many frames a task has; 0 is as many as usual."""

    job: str
    folder: str
    chunk: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """What `replate` is told to write it."""
        return ("farm", self.job, "--out", self.folder, *(("--chunk", str(self.chunk)) if self.chunk else ()))

    def run(
        self, python: str, *, on_news: Callable[[Mapping[str, Any]], None], cancelled: Callable[[], bool]
    ) -> dict[str, Any]:
        """Render it on this machine as a farm would; how it went, in the words of `Service.render`.

        `on_news` is called with what `Service.render` would tell. Raises ServiceError; 130 is its exit code where it
        was cancelled.
        """
        command = [python, "-s", "-m", "replate", *self.words, "--run", "--progress", "json"]
        told: dict[str, Any] = {}
        failed: dict[str, str] = {}
        with _process(command) as process:
            ending = threading.Thread(target=_end, args=(process, cancelled), daemon=True)
            ending.start()
            for line in process.stdout or ():
                news = _news(line)
                if news.get("failed"):
                    failed[str(news["frame"])] = str(news["failed"])
                if news.get("type") == "fail":
                    told = news
                elif news:
                    on_news(news)
            code = process.wait()
            ending.join()
        if code and not failed:
            why = told.get("text") or f"'replate farm --run' ended with code {code}"
            raise ServiceError(str(why), exit_code=code)
        reason = next(iter(failed.values()), "")
        return {"output": read_json(Path(self.job)).get("output", ""), "failed": ", ".join(failed), "reason": reason}

    @classmethod
    def beside(cls, output: str) -> Bundle:
        """Where it goes when nobody has said: beside the result."""
        place = Path(output).parent / stem_of(output)
        return cls(f"{place}.json", f"{place}-farm")

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Bundle:
        """From plain data. Raises KeyError or ValueError for what is none."""
        return cls(str(data["job"]), str(data["folder"]), int(data["chunk"]))


def _process(command: list[str]) -> subprocess.Popen[str]:
    how: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    how |= HIDDEN or {"start_new_session": True}
    try:
        return subprocess.Popen(command, env=environment(), encoding="utf-8", errors="replace", **how)
    except OSError as error:
        raise ServiceError(f"Replate's Python {command[0]} cannot be run ({error.strerror}); run install.py") from error


def _end(process: subprocess.Popen[str], cancelled: Callable[[], bool]) -> None:
    """Ask it to end when nobody wants it any more; what is done stays done."""
    while process.poll() is None:
        if cancelled():
            process.terminate() if os.name == "nt" else process.send_signal(signal.SIGINT)
            return
        time.sleep(0.1)


def _news(line: str) -> dict[str, Any]:
    """A line of it as news; empty for anything else."""
    try:
        news = json.loads(line)
    except ValueError:
        return {}
    return news if isinstance(news, dict) and "type" in news else {}
