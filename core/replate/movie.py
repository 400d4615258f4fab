"""A movie of frames that are there: what a farm has rendered in pieces, with the plate's rate, sound and time code."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import __version__
from .color import config_identity, resolve_space, using
from .errors import UsageError
from .frame import Frame
from .frames import parse_frames
from .keeping.manifest import Manifest, fingerprint
from .keeping.sharing import Sharing
from .media import Sink, Source, check_not_same, has_view, open_sink, open_source, views_of, with_view
from .news.progress import Watcher
from .pipeline import Stages, flow

__all__ = ["Film", "make_movie"]


@dataclass(frozen=True, kw_only=True)
class Film:
    """What is to be made: `movie` of `pictures`, all of them or `frames`.

    Rate, sound and colour space are those of the movie `like`, where there is one; else the rate is that of the
    pictures. `options` are those of a job, with every one that is not given at its default.
    """

    pictures: str
    movie: str
    like: str = ""
    frames: str = ""
    options: Mapping[str, Any]


def make_movie(film: Film, *, watcher: Watcher | None = None, cancel: threading.Event | None = None) -> int:
    """Write the movie, or where the pictures are named with %V one a view, and return how many frames that took.

    A movie that is already done is left as it is. Raises what is wrong with the pictures, UsageError for a movie that
    is somebody else's, OutputError and Cancelled; no half movie is left behind.
    """
    watcher = watcher or Watcher()
    return sum(_make(each, watcher, cancel) for each in _per_view(film))


def _per_view(film: Film) -> list[Film]:
    views = views_of(film.pictures) if has_view(film.pictures) else ()
    if views and not has_view(film.movie):
        raise UsageError(f"{film.pictures} are several views; write %V into the name of {film.movie}", path=film.movie)
    places = ("pictures", "movie", "like")
    each = [{place: with_view(getattr(film, place), view) for place in places} for view in views]
    return [Film(**named, frames=film.frames, options=film.options) for named in each] or [film]


def _make(film: Film, watcher: Watcher, cancel: threading.Event | None) -> int:
    with contextlib.ExitStack() as stack:
        stack.enter_context(using(film.options["ocio"], display=film.options["display"]))
        source = stack.enter_context(_open(film))
        plate = stack.enter_context(open_source(film.like)) if film.like else source
        frames = _frames(film, source)
        sink = _sink(film, plate, frames, source)
        manifest, target = Manifest(sink.name), sink.target(frames[0])
        print_ = _print(film, source, plate, frames)
        if _is_done(manifest, target, print_, again=film.options["overwrite"]):
            watcher.note(f"{target} is already done with these settings")
            return 0
        sink.begin()
        stack.enter_context(Sharing(Path(sink.name), {}, alone=True))
        for text in sink.notes:
            watcher.note(text)
        watcher.begin(len(frames), f"{target} of {source.path}")
        _write(source, sink, manifest, frames, watcher, cancel)
        manifest.record(_KEY, target, print_)
    return len(frames)


_KEY = "movie"


def _open(film: Film) -> Source:
    space = film.options["color_space"]
    return open_source(film.pictures, missing=film.options["missing"], space=resolve_space(space) if space else None)


def _frames(film: Film, source: Source) -> Sequence[int]:
    frames = sorted(parse_frames(film.frames)) if film.frames else source.frames
    source.check(frames)
    if film.options["missing"] != "skip":
        return frames
    return [frame for frame in frames if frame in set(source.frames)]


def _sink(film: Film, plate: Source, frames: Sequence[int], source: Source) -> Sink:
    sink = open_sink(
        film.movie,
        like=plate,
        fps=plate.fps or source.fps,
        compression=film.options["compression"] or None,
        bit_depth=film.options["bits"] or None,
        numbers=frames,
    )
    if not sink.ordered or not frames:
        why = "is no movie; name one, as in out.mov" if frames else "would have no frames; correct --frames"
        raise UsageError(f"{film.movie} {why}", path=film.movie)
    check_not_same(source, sink, frames)
    return sink


def _print(film: Film, source: Source, plate: Source, frames: Sequence[int]) -> str:
    facts = {"version": __version__, "options": dict(film.options), "config": config_identity()}
    like = plate.identity(plate.frames[0]) if film.like else ""
    return fingerprint({**facts, "like": like, "frames": [source.identity(frame) for frame in frames]})


def _is_done(manifest: Manifest, target: Path, print_: str, *, again: bool) -> bool:
    state = manifest.state(_KEY, target, print_)
    if state == "foreign" and not again:
        raise UsageError(
            f"{target} exists and was not made by this command; add --overwrite to replace it or name another",
            path=target,
        )
    return state == "done" and not again


def _write(
    source: Source,
    sink: Sink,
    manifest: Manifest,
    frames: Sequence[int],
    watcher: Watcher,
    cancel: threading.Event | None,
) -> None:
    try:
        with closing(flow(frames, _stages(source, sink), cancel=cancel)) as outcomes:
            for outcome in outcomes:
                watcher.frame(outcome.frame, failed=str(outcome.error or ""))
                if outcome.error:
                    raise outcome.error
        manifest.claim(_KEY)
        sink.close()
    except BaseException:
        sink.abort()
        raise


def _stages(source: Source, sink: Sink) -> Stages:
    def write(_: int, frame: Frame) -> None:
        sink.write(frame)

    return Stages(read=source.read, infer=lambda _, frame: frame, write=write, size=lambda frame: int(frame.nbytes))
