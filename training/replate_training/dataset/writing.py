"""The chosen frames as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from replate.errors import ReplateError
from replate.frame import Frame
from replate.media import open_sink

from .clips import Reader
from .contact import COLUMNS, Strip, thumbnail
from .light import colour_of, stored
from .proxy import Array
from .selection import Taken
from .statistics import Light

__all__ = ["Picture", "Writer"]

Tell = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file of a dataset, by its path inside of it, and what it is: which frame of which source, in which shot.

    `origin` is the last word of what the user named, `source` the file that was found there.
    """

    file: str
    origin: str
    source: str
    frame: int
    shot: str
    split: str
    width: int
    height: int
    licence: str
    light: Light


class Writer:
    """Writes pictures of at most `short` pixels on their short side into `folder`.

    `licence` tells the one of a source. `failed` are (path of the clip, sentence) of what could be read at first and
    cannot be read now, `strips` is what a contact sheet shows.
    """

    def __init__(self, folder: Path, *, short: int, licence: Callable[[str], str]) -> None:
        self.folder, self.short, self.licence = folder, short, licence
        self.failed = list[tuple[str, str]]()
        self.strips = list[Strip]()

    def write(self, taken: Sequence[Taken], tell: Tell) -> Iterator[Picture]:
        """Shot by shot; what is yielded is on the disk."""
        total, done = sum(len(each.picks) for each in taken) or 1, 0
        for clip, shots in groupby(taken, lambda each: each.shot.clip):
            try:
                reader = clip.open()
            except ReplateError as error:
                self.failed.append((clip.path, str(error)))
                continue
            try:
                for each in shots:
                    for picture in self._shot(reader, each):
                        done += 1
                        tell(done / total, picture.shot)
                        yield picture
            finally:
                reader.close()

    def _shot(self, reader: Reader, taken: Taken) -> Iterator[Picture]:
        shown = set(taken.picks[:: -(-len(taken.picks) // COLUMNS) or 1])
        thumbnails = list[Array]()
        for number in taken.picks:
            try:
                frame, suffix = stored(colour_of(reader.read(number)), short=self.short, number=number)
            except ReplateError as error:
                self.failed.append((taken.shot.clip.path, str(error)))
                continue
            if number in shown:
                thumbnails.append(thumbnail(frame))
            yield self._picture(frame, suffix, taken)
        if thumbnails:
            text = f"{taken.shot.name}  {len(taken.picks)} of {len(taken.shot.frames)}  {taken.split}"
            self.strips.append(Strip(text=text, pictures=thumbnails, held=taken.held))

    def _picture(self, frame: Frame, suffix: str, taken: Taken) -> Picture:
        shot, clip = taken.shot, taken.shot.clip
        pattern = f"{taken.split}/{shot.name}/{shot.name}.%04d{suffix}"
        bits = 8 if frame.formats[0] == "uint8" else 16
        with open_sink(str(self.folder / pattern), bit_depth=bits) as sink:
            sink.write(replace(frame, space=""))  # it is in the space that it shall be written in
            target = sink.target(frame.number)
        return Picture(
            file=target.relative_to(self.folder).as_posix(),
            origin=Path(clip.source).name,
            source=str(clip.file(frame.number)),
            frame=frame.number,
            shot=shot.name,
            split=taken.split,
            width=frame.pixels.shape[1],
            height=frame.pixels.shape[0],
            licence=self.licence(clip.source),
            light=Light.of(frame),
        )
