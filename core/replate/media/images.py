"""One picture in, whatever the format: what the file holds is what the frame holds.

Every channel, every part, the whole data window, all attributes; colour neither converted nor multiplied by alpha.
EXR goes through OpenEXR (`exr_reader`), everything else through OpenImageIO (`plain_reader`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError
from ..frame import Frame
from .exr_reader import is_exr, read_exr, read_exr_header
from .header import Damage, Header
from .plain_reader import read_plain, read_plain_header

__all__ = ["Header", "read_header", "read_image"]


def read_header(path: Path) -> Header:
    """Sizes, channels, attributes of all parts, without a look at the pixels; raises InputError."""
    with _named(path, None):
        return read_exr_header(path) if is_exr(path) else read_plain_header(path)


def read_image(path: Path, *, number: int | None = None, space: str = "") -> Frame:
    """The picture in `path` as frame `number`, its parts beside it; raises InputError that names both.

    `pixels` is float16 where the file holds nothing but half, else float32.
    """
    with _named(path, number):
        return (read_exr if is_exr(path) else read_plain)(path, number=number or 0, space=space)


@contextmanager
def _named(path: Path, number: int | None) -> Iterator[None]:
    """What goes wrong inside, as one sentence that names the frame and the file."""
    try:
        if not path.is_file():
            raise Damage("it is a folder" if path.is_dir() else "there is no such file")
        if not path.stat().st_size:
            raise Damage("it is empty (0 bytes); render or copy it again")
        yield
    except (Damage, OSError) as error:
        words = _words(error, path)
        frame = "" if number is None else f"frame {number}, "
        raise InputError(f"{frame}{path} cannot be read: {words}", frame=number, path=path) from error


def _words(error: Damage | OSError, path: Path) -> str:
    """The first line of what a library says, without the name of the file and without what cannot be printed."""
    said = (error.strerror or "") if isinstance(error, OSError) else str(error)
    words = said.strip().splitlines()[0].rstrip(". ") if said.strip() else "no reason is known"
    words = words.replace(f'"{path}"', "it").replace(f" ({path})", "").split(". Is it a file format")[0]
    return "".join(each if each.isprintable() else "?" for each in words)
