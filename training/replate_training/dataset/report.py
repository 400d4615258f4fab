"""What was found in every source and what was done with it: for the eye, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["Row", "lines", "write_json", "write_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One movie, numbered files or still: what it is, what was found, what was done, what else there is to say."""

    path: str
    what: str
    found: str
    done: str
    notes: tuple[str, ...] = ()


def lines(rows: Sequence[Row]) -> list[str]:
    """A table, then the notes; stills of one folder that went through alike share a line."""
    with StringIO() as text:
        _print(list(_together(rows)), Console(file=text, width=160, no_color=True))
        return text.getvalue().splitlines()


def write_text(rows: Sequence[Row], path: Path) -> None:
    """Every row, and the notes, as plain text."""
    with path.open("w", encoding="utf-8") as file:
        _print(rows, Console(file=file, width=160, no_color=True))


def _print(rows: Sequence[Row], console: Console) -> None:
    table = Table("file", "what", "found", "done", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, (_brief(row.path), row.what, row.found, row.done)))
    console.print(table)
    for row in rows:
        for note in row.notes:
            console.print(f"{_brief(row.path)}: {note}", markup=False, highlight=False, soft_wrap=True)


def _brief(path: str) -> str:
    return "/".join(Path(path).parts[-2:])


def write_json(contents: Any, path: Path) -> None:
    """As indented JSON, in one step."""
    path.write_text(json.dumps(contents, indent=1, ensure_ascii=False, default=asdict) + "\n", encoding="utf-8")


def _together(rows: Iterable[Row]) -> Iterable[Row]:
    for (folder, quiet), each in groupby(rows, lambda row: (str(Path(row.path).parent), _is_quiet(row))):
        mine = list(each)
        if not quiet or len(mine) == 1:
            yield from mine
            continue
        held = sum("validation" in row.done for row in mine)
        done = f"{len(mine) - held} train" + (f", {held} validation" if held else "")
        yield Row(path=f"{folder}/*", what="stills", found=f"{len(mine)} pictures", done=done)


def _is_quiet(row: Row) -> bool:
    return row.found == "1 picture" and not row.notes
