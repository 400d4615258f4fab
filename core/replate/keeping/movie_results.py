"""What `results` is for sequences, for movies: one file, from frames that are kept beside it until it is complete."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import InputError, OutputError
from ..media import KeptPictures, MoviePicture, MovieSink
from ..news.progress import Watcher
from ..news.report import Report
from ..pipeline import Outcome, Stages
from ..plan import Plan
from .manifest import State, fingerprint
from .results import Results
from .sharing import Sharing

__all__ = ["MovieResults"]


class MovieResults(Results):
    """A movie, which one process has to itself.

    A frame that an earlier render has kept goes through the same line as the others, but is not computed. So the
    encoder is given all frames in the order of the shot, and the movie is that of an undisturbed render. Behind a frame
    that fails the others are made and kept; the movie is then made when the same command has made that one.
    """

    def __init__(
        self, plan: Plan, sink: MovieSink, prints: Mapping[int, str], report: Report, watcher: Watcher
    ) -> None:
        super().__init__(plan, prints, report, watcher)
        self.sharing = Sharing(Path(sink.name), prints, alone=True)
        self._sink, self._movie = sink, Path(sink.path)
        self._kept, self._keeping = KeptPictures(self._movie), True
        self._ready = set[int]()  # frames that an earlier render has kept
        self._appended = 0  # frames, in the plan's order

    def todo(self) -> list[int]:
        """All frames, kept ones among them; none where the movie is there."""
        state = self.plan.manifest.state("movie", self._movie, self._whole)
        self._refuse_foreign([self._movie] if state == "foreign" else [])
        if self.plan.job.option("overwrite"):
            return list(self.plan.frames)
        if state == "done":
            self.report.skipped = list(self.plan.frames)
            self.watcher.note(f"{self._movie} is already done with these settings")
            return []
        self._ready = set(self.plan.frames) - set(self._not_done({f: self._state(f) for f in self.plan.frames}))
        return list(self.plan.frames)

    def count(self, todo: Sequence[int]) -> int:
        """Those that are not kept."""
        return len(todo) - len(self._ready)

    def rounds(self, todo: Sequence[int], cancel: threading.Event | None) -> Iterator[Iterator[int]]:
        """All at once, unless another process has made the movie since this one looked."""
        manifest = self.plan.manifest
        if manifest.state_now("movie", self._movie, self._whole) == "done" and "movie" in manifest.news:
            self.report.skipped = list(todo)
        else:
            yield iter(todo)

    def stages(self, stages: Stages) -> Stages:
        """The same, with a way past `infer` for what is kept."""

        def read(frame: int) -> Any:
            return self._loaded(frame, stages.read)

        def infer(frame: int, found: Any) -> Any:
            return found if isinstance(found, MoviePicture) else stages.infer(frame, found)

        def size(held: Any) -> int:
            return held.nbytes if isinstance(held, MoviePicture) else stages.size(held)

        return replace(stages, read=read, infer=infer, size=size)

    def write(self, frame: int, made: Any) -> None:
        """Keep a frame, and append it to the movie unless one before it has failed."""
        next_ = self.plan.frames[self._appended] == frame
        picture = made if isinstance(made, MoviePicture) else self._sink.picture(made)
        if picture is not made and (self._keeping or not next_):
            self._keep(picture, needed=not next_)
        if next_:
            self._append(picture)
            self._appended += 1

    def settle(self, outcome: Outcome, seconds: Mapping[str, float]) -> None:
        """Note how a frame went; where the movie cannot be written to, the others are not made in vain."""
        if outcome.frame not in self._ready:
            super().settle(outcome, seconds)
        if isinstance(outcome.error, OutputError):
            raise outcome.error

    def finish(self) -> None:
        """Give the movie its name, if it has all its frames."""
        if self.report.failed:
            self._sink.abort()
            self.watcher.note(f"{self._movie} is not made; its finished frames are kept in {self._kept.folder}")
            return
        self.plan.manifest.claim("movie")
        self._sink.close()
        self.plan.manifest.record("movie", self._movie, self._whole)
        self._kept.forget()

    def tidy(self) -> None:
        """The same; kept frames go unless somebody makes another movie of them now."""
        if self.sharing.tidy():
            self._kept.forget()

    @property
    def _whole(self) -> str:
        """The movie's fingerprint."""
        return fingerprint({str(frame): print_ for frame, print_ in self.prints.items()})

    def _state(self, frame: int) -> State:
        return self.plan.manifest.state(str(frame), self._kept.path(frame), self.prints[frame])

    def _loaded(self, frame: int, read: Callable[[int], Any]) -> Any:
        """What is kept of a frame, or all that it is made from."""
        if frame in self._ready:
            try:
                return self._kept.load(frame)
            except InputError as error:
                self.watcher.note(f"{error}; it is made again")
                self._ready.discard(frame)
                self.report.skipped.remove(frame)
        return read(frame)

    def _keep(self, picture: MoviePicture, *, needed: bool) -> None:
        """Keep a picture; where there is no room and it is not `needed` the movie goes on without."""
        try:
            self._kept.keep(picture)
            path = self._kept.path(picture.number)
            self.plan.manifest.record(str(picture.number), path, self.prints[picture.number])
        except OutputError as error:
            if needed:
                raise
            self.watcher.note(f"{error}; from here on frames are not kept, and a render that is stopped begins anew")
            self._keeping = False
            for frame in self.plan.frames[: self._appended]:
                self._kept.path(frame).unlink(missing_ok=True)

    def _append(self, picture: MoviePicture) -> None:
        try:
            self._sink.append(picture)
        except OutputError as error:
            if isinstance(error.__cause__, ValueError):  # it is not like the others, and would not be the next time
                self._kept.path(picture.number).unlink(missing_ok=True)
            raise
