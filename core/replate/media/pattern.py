"""Names of frame sequences: `shot.%04d.exr`, `shot.####.exr`, `shot.@@@@.exr`, `shot.$F4.exr`, `shot.%d.exr`.

Some programs write the frames into the path. That is read where it can mean one thing only: Nuke's
`shot.####.exr 1001-1100`, fileseq's `shot.1001-1100####.exr` and Flame's `shot.[1001-1100].exr`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, UsageError
from ..frames import parse_frames
from .neighbours import close_folder, close_name, list_names

__all__ = ["FRAME", "Pattern", "parse_pattern", "split_frames"]

# Every # and @ stands for one digit, as in Nuke and Houdini's $F4; a lone %d or $F for as many as there are.
FRAME = re.compile(
    r"%(?:0?(?P<printf>\d{1,2}))?d|(?P<hash>#+|@+)|\$(?P<brace>\{)?F(?P<houdini>\d?)(?(brace)\}|(?![A-Za-z]))", re.ASCII
)
_FOREIGN = re.compile(r"<\w+>|%\(\w+\)d")

_PART = r"-?\d+(?:--?\d+(?:x\d+)?)?"
_FRAMES = rf"(?P<frames>(?=-?\d+[-,]){_PART}(?:,{_PART})*)"
_BESIDE_TOKEN = re.compile(rf"(?<![^._ ]){_FRAMES}(?={FRAME.pattern}|$)", re.ASCII)
_FOR_TOKEN = re.compile(rf"\[{_FRAMES}\]", re.ASCII)

# Where shot.exr and Shot.EXR are one file, both name it.
_CASE = re.IGNORECASE if os.path.normcase("A") == "a" else re.NOFLAG


@dataclass(frozen=True, slots=True)
class Pattern:
    """A file name with a frame number of at least `width` digits between `prefix` and `suffix`.

    `frames` are those that the path itself names, in ascending order; empty where it means all that exist.
    """

    text: str
    folder: Path
    prefix: str
    width: int
    suffix: str
    frames: tuple[int, ...] = ()

    @property
    def canonical(self) -> str:
        """The same pattern with %04d, whether it was typed so, as ####, @@@@ or $F4."""
        token = f"%0{self.width}d" if self.width > 1 else "%d"
        return str(self.folder / f"{self.prefix}{token}{self.suffix}")

    def path(self, number: int) -> Path:
        """The file of a frame; the minus sign counts as a digit, as in printf."""
        return self.folder / f"{self.prefix}{self._spellings(number)[0]}{self.suffix}"

    def find(self) -> dict[int, Path]:
        """Every frame on disk in order; InputError where there is none, UsageError where two files claim a number."""
        found = self._on_disk()
        files: dict[int, Path] = {}
        for number in sorted(found):
            mine = [name for name in found[number] if self._digits(name) in self._spellings(number)]
            if mine and len(mine if self.width > 1 else found[number]) > 1:
                raise self._double(number, found[number])
            if mine:
                files[number] = self.folder / mine[0]
        if not files:
            raise InputError(self._nothing_found(found), path=self.text)
        return files

    def _on_disk(self) -> dict[int, list[str]]:
        """The names in the folder that differ from the pattern in no more than the way they write the number."""
        if not self.folder.is_dir():
            hint = close_folder(self.folder)
            raise InputError(f"there is no folder {self.folder} to look for {self.text} in{hint}", path=self.text)
        expression = re.compile(rf"{re.escape(self.prefix)}(-?[0-9]+){re.escape(self.suffix)}", _CASE)
        found: dict[int, list[str]] = {}
        for name in list_names(self.folder):
            if match := expression.fullmatch(name):
                found.setdefault(int(match[1]), []).append(name)
        return found

    def _digits(self, name: str) -> str:
        return name[len(self.prefix) : len(name) - len(self.suffix)]

    def _spellings(self, number: int) -> tuple[str, ...]:
        """How a number may be written: as printf does, or with all digits behind the minus, as Houdini does."""
        printf = f"{number:0{self.width}d}"
        return (printf, f"-{-number:0{self.width}d}") if number < 0 else (printf,)

    def _nothing_found(self, found: dict[int, list[str]]) -> str:
        others = [name for names in found.values() for name in names]
        if others:
            return f"no file matches {self.text}; {others[0]} is there, with another number of digits"
        return f"no file matches {self.text}{close_name(self.path(1)) or '; check the path'}"

    def _double(self, number: int, names: list[str]) -> UsageError:
        both = " and ".join(names)
        message = f"{self.text} is ambiguous: {both} are both frame {number}; write #### or %04d for padded names"
        return UsageError(message, frame=number, path=self.text)


def parse_pattern(text: str) -> Pattern | None:
    """The pattern in a path; None where it names one file.

    UsageError for two patterns, one in a folder's name, and numbers that are not frames (`<UDIM>`).
    """
    path = Path(text)
    if FRAME.search(str(path.parent)) and not path.parent.is_dir():
        raise UsageError(f"{text} has a frame pattern in its folder; only the file name may have one", path=text)
    if path.is_file():
        return None
    name, frames = split_frames(path.name)
    tokens = list(FRAME.finditer(name))
    if not tokens:
        _refuse_foreign(name, text)
        return None
    if len(tokens) > 1:
        both = " and ".join(token[0] for token in tokens)
        raise UsageError(f"{text} has two frame patterns, {both}; write the frame number once", path=text)
    token = tokens[0]
    width = len(token["hash"] or "") or int(token["printf"] or token["houdini"] or 1)
    numbers = tuple(sorted(parse_frames(frames))) if frames else ()
    return Pattern(text, path.parent, name[: token.start()], width, name[token.end() :], numbers)


def split_frames(name: str) -> tuple[str, str]:
    """A file name as Nuke, fileseq or Flame write it, as the plain name and the frames in it, empty where none are."""
    match, token = _BESIDE_TOKEN.search(name), ""
    if match is None and not FRAME.search(name) and (match := _FOR_TOKEN.search(name)):
        # [1001-1100] is padded to its shortest number; [1-100] is not padded.
        token = "#" * min(map(len, re.findall(r"(?<![x\d])\d+", match["frames"])))
    if match is None:
        return name, ""
    return f"{name[: match.start()]}{token}{name[match.end() :]}".rstrip(), match["frames"]


def _refuse_foreign(name: str, text: str) -> None:
    if token := _FOREIGN.search(name):
        raise UsageError(f"{text} has {token[0]}, which is no frame number here; write #### or %04d", path=text)
