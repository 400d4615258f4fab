"""Shots and duplicates.

Films made of real clips in a drawn order: straight cuts, dissolves and fades of 10 or 11 frames, a flash in
each fourth shot, a frame that is held for three more in each third; encoded as H.264. Found: a border of shots within
two frames of the true one. Held frames are found where they are left out as duplicates; those inside of a dissolve or a
fade are left out anyway and not counted. "Others" are further frames left out as duplicates, with the lowest PSNR of
such a frame and its twin, in code values: they are frames of locked shots. To hold: no cut missed, no false border.

With PySceneDetect installed, a row says what its two usual detectors find in the same films.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from common import Table, holds, show

from replate.media import open_source
from replate_training.dataset.clips import find_clips
from replate_training.dataset.selection import Taken, select
from replate_training.dataset.survey import survey

Picture = npt.NDArray[np.uint8]
Span = tuple[int, int]
_SIZE, _LONGEST, _FILMS, _NEAR = (640, 360), 70, 3, 2
_JOINTS = ("cut", "cut", "dissolve", "cut", "fade")


@dataclass
class Film:
    """Frames, and what is true of them; positions count from 0, spans are first and last."""

    frames: list[Picture] = field(default_factory=list)
    cuts: list[Span] = field(default_factory=list)
    soft: list[Span] = field(default_factory=list)
    held: list[int] = field(default_factory=list)

    def join(self, shot: list[Picture], how: str, length: int) -> None:
        """Put a shot behind the others."""
        end = len(self.frames)
        if how == "cut":
            self.cuts += [(end, end)] if end else []
            self.frames += shot
            return
        weights = (np.arange(1, length + 1) / (length + 1))[:, None, None, None]
        last, first = np.array(self.frames[-length:]), np.array(shot[:length])
        if how == "dissolve":
            self.frames[-length:] = list((last * (1 - weights) + first * weights).round().astype(np.uint8))
            self.frames += shot[length:]
            self.soft.append((end - length, end))
            return
        self.frames[-length:] = list((last * (1 - weights)).astype(np.uint8))
        self.frames += [np.zeros_like(shot[0])] * 3 + list((first * weights).astype(np.uint8)) + shot[length:]
        self.soft.append((end - length, end + 3 + length))


def measure(options: argparse.Namespace) -> Table:
    """A row for what finds shots, over all films."""
    clips = [list(_clip(path)) for path in sorted(options.footage.iterdir())]
    clips += [list(_clip(path)) for path in options.plates]
    found: dict[str, list[int]] = {}
    others, worst, held = 0, np.inf, [0, 0]
    for seed in range(1, _FILMS + 1):
        film = _film(clips, np.random.default_rng(seed))
        with TemporaryDirectory() as folder:
            path = _encode(film, Path(folder) / "film.mp4")
            taken = _taken(path)
            borders = [(a.shot.frames[-1], b.shot.frames[0] - 1) for a, b in pairwise(taken)]
            _add(found, "replate dataset", borders, film)
            for name, theirs in _peers(path):
                _add(found, name, theirs, film)
            mine, more, quality = _twins(path, taken, film)
        held, others, worst = [held[0] + mine[0], held[1] + mine[1]], others + more, min(worst, quality)
    rows = [[name, *_words(counts), "", ""] for name, counts in found.items()]
    rows[0][4:6] = [f"{held[0]} of {held[1]}", f"{others}, {worst:.1f} dB"]
    rows = [[*row, holds(row[1].split(" of ")[0] == row[1].split(" of ")[1] and row[3] == "0")] for row in rows]
    return Table(("what finds them", "cuts", "soft", "false", "held frames", "others", "holds"), rows)


def _clip(path: Path) -> Iterator[Picture]:
    """The pictures of a movie, as far as they are needed, or of a folder in name order, in one size."""
    if path.is_dir():
        pictures = (cv2.imread(str(file))[..., ::-1] for _, file in find_clips([str(path)])[0].files)
        yield from map(_scaled, pictures)
        return
    with av.open(str(path)) as movie:
        for frame in islice(movie.decode(video=0), _LONGEST):
            yield _scaled(frame.to_ndarray(format="rgb24"))


def _scaled(picture: Picture) -> Picture:
    return cv2.resize(np.ascontiguousarray(picture), _SIZE, interpolation=cv2.INTER_AREA)


def _film(clips: Sequence[list[Picture]], random: np.random.Generator) -> Film:
    film = Film()
    for place, index in enumerate(random.permutation(len(clips))):
        clip = clips[index]
        length = min(len(clip), int(random.integers(34, 56)))
        start = int(random.integers(0, max(1, len(clip) - length + 1)))
        shot, at = clip[start : start + length], int(random.integers(11, 13))
        joint = _JOINTS[place % len(_JOINTS)] if film.frames else "cut"
        if place % 4 == 1:
            shot[at] = np.clip(shot[at] * 0.3 + 180, 0, 255).astype(np.uint8)
        if place % 3 == 0:
            shot[at + 9 : at + 9] = [shot[at + 9]] * 3
        film.join(shot, joint, int(random.integers(10, 12)))
        shift = len(film.frames) - len(shot)
        film.held += [shift + at + step for step in (10, 11, 12)] if place % 3 == 0 else []
    return film


def _encode(film: Film, path: Path) -> Path:
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"crf": "23", "preset": "fast"})
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
        for picture in film.frames:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
        output.mux(stream.encode())
    return path


def _taken(path: Path) -> list[Taken]:
    clip = find_clips([str(path)])[0]
    return select(survey(clip, name="film", every=1, smallest=96).shots, share=0.1)


def _add(found: dict[str, list[int]], name: str, borders: Sequence[Span], film: Film) -> None:
    """Count for `name`: cuts found and there, soft ones found and there, false borders."""
    used: set[Span] = set()
    counts = found.setdefault(name, [0] * 5)
    for at, truth in ((0, film.cuts), (2, film.soft)):
        for first, last in truth:
            hits = {each for each in borders if each[0] <= last + _NEAR and each[1] >= first - _NEAR}
            counts[at] += bool(hits)
            counts[at + 1] += 1
            used |= hits
    counts[4] += len(set(borders) - used)


def _twins(path: Path, taken: Sequence[Taken], film: Film) -> tuple[list[int], int, float]:
    """Held frames found and there, how many others were left out, and the lowest PSNR among those."""
    inside = {number - 1 for each in taken for number in each.shot.frames}
    pairs = [(number, there) for each in taken for number, _, there in each.twins]
    planted = inside & set(film.held)
    others = [pair for pair in pairs if pair[0] - 1 not in planted]
    with open_source(str(path)) as source:
        errors = [float(np.mean((source.read(a).pixels - source.read(b).pixels) ** 2)) for a, b in others]
    found = planted & {number - 1 for number, _ in pairs}
    return [len(found), len(planted)], len(others), min((-10 * np.log10(each) for each in errors), default=np.inf)


def _peers(path: Path) -> Iterator[tuple[str, list[Span]]]:
    if importlib.util.find_spec("scenedetect") is None:
        return
    from scenedetect import FrameTimecode  # type: ignore[import-not-found]
    from scenedetect.detectors import AdaptiveDetector, ContentDetector  # type: ignore[import-not-found]

    for make in (AdaptiveDetector, ContentDetector):
        detector, cuts = make(min_scene_len=4), list[Any]()
        with av.open(str(path)) as movie:
            for number, frame in enumerate(movie.decode(video=0)):
                cuts += detector.process_frame(FrameTimecode(number, 25.0), frame.to_ndarray(format="bgr24"))
        yield f"PySceneDetect, {make.__name__}", [(cut.frame_num, cut.frame_num) for cut in cuts if cut.frame_num]


def _words(counts: Sequence[int]) -> list[str]:
    return [f"{counts[0]} of {counts[1]}", f"{counts[2]} of {counts[3]}", str(counts[4])]


if __name__ == "__main__":
    show(measure)
