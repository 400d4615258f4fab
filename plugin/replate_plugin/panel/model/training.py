"""A look in training: a process of its own that writes to files, so that neither ends when the other does."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from .home import alive, read_json, write_json

__all__ = ["Pair", "Progress", "Training", "Trainings", "words"]

_LINE = re.compile(r"Progress: (?P<share>\d+)% step (?P<step>\d+).*?loss (?P<loss>[^\s,]+)(?:, (?P<left>.*))?")
_HOSTS_OWN = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__")


@dataclass(frozen=True)
class Pair:
    """A frame as it was shot and as it should be. `stamp` is what `after` looked like before anybody worked on it."""

    frame: int
    before: str
    after: str
    stamp: tuple[int, int] = (0, 0)

    @property
    def done(self) -> bool:
        """Whether somebody has saved the finished frame."""
        return Path(self.after).is_file() and stamp(self.after) != tuple(self.stamp)


@dataclass(frozen=True)
class Training:
    """What is asked of a training, and the process that does it. `references` are pictures of a look, in place of
    pairs; `start` an earlier training's `final.ckpt`."""

    name: str
    shot: str = ""
    pairs: tuple[Pair, ...] = ()
    references: str = ""
    minutes: float = 5.0
    start: str = ""
    process: int = 0
    stopping: bool = False

    def to_data(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Training:
        """From plain data. Raises TypeError for what is none."""
        known = {each.name: data[each.name] for each in fields(cls) if each.name in data}
        pairs = tuple(Pair(**{**pair, "stamp": tuple(pair["stamp"])}) for pair in known.pop("pairs", ()))
        return cls(**known, pairs=pairs)


@dataclass(frozen=True)
class Progress:
    """How a training stands: "running", "done", "failed" or "" where none was begun; `losses` are (step, loss).

    `look` is the look as it stands, `written` what its file looked like; both empty where there is none yet.
    """

    state: str = ""
    share: float = 0.0
    text: str = ""
    losses: tuple[tuple[float, float], ...] = ()
    preview: str = ""
    look: str = ""
    written: tuple[int, int] = (0, 0)


def words(training: Training, look: Path) -> list[str]:
    """What `replate` is told to do. Raises ValueError where something is missing, with what to do."""
    common = ["--out", str(look), "--minutes", f"{training.minutes:g}", "--live"]
    common += ["--start", training.start] if training.start else []
    if training.references:
        if not training.shot:
            raise ValueError("open the shot that the look is for")
        return ["train", "style", "--content", training.shot, "--style", training.references, *common]
    pairs = [pair for pair in training.pairs if pair.done]
    if not pairs:
        raise ValueError("no pair is finished yet: export a frame, paint over it and save it, or add a finished one")
    sides = ["--before", *(pair.before for pair in pairs), "--after", *(pair.after for pair in pairs)]
    return ["train", "match", *sides, *(["--shot", training.shot] if training.shot else []), *common]


class Trainings:
    """The trainings in a folder: NAME.json what was asked, NAME.log what was said, NAME.onnx the look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def names(self) -> list[str]:
        """Those that there are."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def load(self, name: str) -> Training | None:
        """One by its name."""
        try:
            return Training.of(read_json(self.path(name, ".json")))
        except TypeError:
            return None

    def save(self, training: Training) -> None:
        """Keep what is asked. Raises OSError."""
        write_json(self.path(training.name, ".json"), training.to_data())

    def path(self, name: str, suffix: str) -> Path:
        """A file of a training: .json, .log, .onnx, .train (a folder), .frames (a folder)."""
        return self.folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)}{suffix}"

    def begin(self, training: Training, python: str, *, resume: bool = False) -> Training:
        """Start the process. Raises ValueError where something is missing, OSError where it cannot be started."""
        told = words(training, self.path(training.name, ".onnx")) + ["--resume"] * resume
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if name not in _HOSTS_OWN}
        apart: dict[str, Any] = {"creationflags": 0x08000000} if os.name == "nt" else {"start_new_session": True}
        with self.path(training.name, ".log").open("wb") as log:
            child = self._children[training.name] = subprocess.Popen(
                [python, "-s", "-m", "replate", *told],
                env={**environment, "PYTHONUNBUFFERED": "1", "REPLATE_PROGRESS": "plain"},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **apart,
            )
        begun = replace(training, process=child.pid, stopping=False)
        self.save(begun)
        return begun

    def stop(self, training: Training) -> Training:
        """End it soon; what it has learnt so far becomes the look."""
        if self._runs(training):
            os.kill(training.process, signal.SIGINT)
        stopped = replace(training, stopping=True)
        self.save(stopped)
        return stopped

    def progress(self, training: Training) -> Progress:
        """How it stands now."""
        if not training.process:
            return Progress()
        said = self._said(training.name)
        found = [match for line in said if (match := _LINE.match(line))]
        share, left = (float(found[-1]["share"]) / 100, found[-1]["left"] or "") if found else (0.0, "")
        told = {float(each["step"]): float(each["loss"]) for each in found}
        losses = tuple(sorted({**told, **self._losses(training.name)}.items()))
        text = left or (said[-1] if said else "Starting …")
        shown = Progress("running", share, text, losses, self._preview(training.name), *self._now(training.name))
        if self._runs(training):
            return replace(shown, text="Finishing …") if training.stopping else shown
        if self.path(training.name, ".onnx").is_file():
            return replace(shown, state="done", share=1.0, text="The look is ready: try it, keep it")
        last = next((line.removeprefix("replate: ") for line in reversed(said) if line.startswith("replate: ")), "")
        return replace(shown, state="failed", text=last or self._why(said))

    def keep(self, training: Training, folder: Path) -> Path:
        """The look among the user's own, where every host finds it. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        look = self.path(training.name, ".onnx")
        return Path(shutil.copyfile(look, folder / look.name))

    def checkpoint(self, name: str) -> Path | None:
        """Where another training could begin, None where this one has left nothing."""
        path = self.path(name, ".train") / "final.ckpt"
        return path if path.is_file() else None

    def _runs(self, training: Training) -> bool:
        child = self._children.get(training.name)
        return child.poll() is None if child is not None else alive(training.process)

    def _said(self, name: str) -> list[str]:
        path = self.path(name, ".log")
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        return [line for line in text.splitlines() if line.strip()]

    def _losses(self, name: str) -> dict[float, float]:
        """By step, out of the file that the trainer adds to; what it took back is overwritten by later lines."""
        path = self.path(name, ".train") / "losses.jsonl"
        found: dict[float, float] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            try:
                row = json.loads(line)
                found[float(row["step"])] = float(row["loss"])
            except (ValueError, KeyError):  # being written
                continue
        return found

    def _preview(self, name: str) -> str:
        found = sorted((self.path(name, ".train") / "previews").glob("*.png"))
        return str(found[-1]) if found else ""

    def _now(self, name: str) -> tuple[str, tuple[int, int]]:
        """The look as it stands, and the state of its file."""
        path = str(self.path(name, ".train") / "now.onnx")
        try:
            return path, stamp(path)
        except OSError:
            return "", (0, 0)

    def _why(self, said: Sequence[str]) -> str:
        tail = said[-1] if said else "it said nothing"
        return f"the training ended unexpectedly ({tail}); begin it again, or see its log"


def stamp(path: str) -> tuple[int, int]:
    """Size and date of a file."""
    state = Path(path).stat()
    return state.st_size, state.st_mtime_ns
