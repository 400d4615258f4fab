"""Names of frame sequences: `shot.%04d.exr`, `shot.####.exr`, `shot.@@@@.exr`, `shot.$F4.exr`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, UsageError
from ..frames import format_frames

__all__ = ["Pattern", "find_neighbours", "parse_pattern"]

# Every # and @ stands for one digit, as in Nuke and Houdini's $F4; a lone %d or $F for as many as there are.
FRAME = re.compile(r"%(?:0?(?P<printf>\d+))?d|(?P<hash>#+|@+)|\$F(?P<houdini>\d?)")
_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>-?\d+)(?P<suffix>\.\w+)$")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A file name with a frame number of at least `width` digits between `prefix` and `suffix`."""

    text: str
    folder: Path
    prefix: str
    width: int
    suffix: str

    @property
    def canonical(self) -> str:
        """The same pattern with %04d, whether it was typed so, as ####, @@@@ or $F4."""
        token = f"%0{self.width}d" if self.width > 1 else "%d"
        return str(self.folder / f"{self.prefix}{token}{self.suffix}")

    def path(self, number: int) -> Path:
        """The file of a frame; the minus sign counts as a digit, as in printf."""
        return self.folder / f"{self.prefix}{number:0{self.width}d}{self.suffix}"

    def find(self) -> dict[int, Path]:
        """Every frame on disk in order; InputError where there is none, UsageError where two files claim a number."""
        found: dict[int, list[Path]] = {}
        for path in self._candidates():
            found.setdefault(int(self._number(path) or 0), []).append(path)
        files = {number: path for number, paths in found.items() for path in paths if path == self.path(number)}
        if not files:
            raise InputError(self._nothing_found(found), path=self.text)
        if self.width <= 1:
            self._refuse_doubles(found)
        return dict(sorted(files.items()))

    def _candidates(self) -> list[Path]:
        if not self.folder.is_dir():
            raise InputError(f"there is no folder {self.folder} to look for {self.text} in", path=self.text)
        return sorted(path for path in self.folder.iterdir() if self._number(path) is not None)

    def _number(self, path: Path) -> str | None:
        name, inner = path.name, len(self.prefix)
        if not (name.startswith(self.prefix) and name.endswith(self.suffix)):
            return None
        digits = name[inner : len(name) - len(self.suffix)]
        return digits if re.fullmatch(r"-?\d+", digits, re.ASCII) else None

    def _nothing_found(self, found: dict[int, list[Path]]) -> str:
        others = [path.name for paths in found.values() for path in paths]
        hint = f"; {others[0]} is there, with another number of digits" if others else ""
        return f"no file matches {self.text}{hint}; check the folder and the pattern"

    def _refuse_doubles(self, found: dict[int, list[Path]]) -> None:
        for number, paths in found.items():
            if len(paths) > 1:
                names = " and ".join(path.name for path in paths)
                message = (
                    f"{self.text} is ambiguous: {names} are both frame {number}; write #### or %04d for padded names"
                )
                raise UsageError(message, frame=number, path=self.text)


def parse_pattern(text: str) -> Pattern | None:
    """The pattern in a path; None where it names one file. UsageError for two patterns or one in a folder's name."""
    path = Path(text)
    tokens = list(FRAME.finditer(path.name))
    if FRAME.search(str(path.parent)) and not path.parent.is_dir():
        raise UsageError(f"{text} has a frame pattern in its folder; only the file name may have one", path=text)
    if not tokens or path.is_file():
        return None
    if len(tokens) > 1:
        both = " and ".join(token[0] for token in tokens)
        raise UsageError(f"{text} has two frame patterns, {both}; write the frame number once", path=text)
    token = tokens[0]
    width = len(token["hash"] or "") or int(token["printf"] or token["houdini"] or 1)
    return Pattern(text, path.parent, path.name[: token.start()], width, path.name[token.end() :])


def find_neighbours(path: Path) -> str | None:
    """In words, the sequences beside `path` that it may have meant, such as `shot.####.exr (1001-1100)`."""
    if not path.parent.is_dir():
        return None
    shots: dict[tuple[str, str, int], list[int]] = {}
    for file in sorted(path.parent.iterdir()):
        match = _NUMBERED.match(file.name)
        if match and file.suffix == path.suffix and match["prefix"].rstrip("._-") == path.stem:
            shots.setdefault((match["prefix"], match["suffix"], len(match["number"])), []).append(int(match["number"]))
    words = [
        f"{prefix}{'#' * width}{suffix} ({format_frames(sorted(numbers))})"
        for (prefix, suffix, width), numbers in shots.items()
    ]
    return " and ".join(words) or None
