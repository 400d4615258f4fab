"""From what is in a host's folder to what is wanted there: first as a list of steps, then done."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .blocks import with_block, without
from .contents import Contents
from .hosts import Place
from .receipt import NAME, Receipt, digest

__all__ = ["Step", "Work", "installation", "removal"]


@dataclass(frozen=True)
class Step:
    """`data` is what a file will hold, None where it is deleted. With a reason in `left` nothing is done to it."""

    path: Path
    data: bytes | None = None
    left: str = ""

    def do(self) -> None:
        """Carry it out; the file is complete or as it was before."""
        if self.left:
            return
        if self.data is None:
            self.path.unlink(missing_ok=True)
            return
        real = self.path.resolve()  # a link into somebody's dotfiles stays a link
        passing = real.with_name(f".{real.name}.replate")
        passing.write_bytes(self.data)
        if real.exists():
            passing.chmod(real.stat().st_mode)
        passing.replace(real)


@dataclass(frozen=True)
class Work:
    """Steps in a place, and the receipt before and after them."""

    place: Place
    steps: list[Step]
    before: Receipt
    after: Receipt

    def do(self) -> None:
        """All steps. The receipt knows at any time all that may be there. Raises OSError."""
        receipt = self.place.ours / NAME
        folders = list(_missing(self.place, self.steps))
        after = self.after
        if after.files:
            after.folders = sorted({*self.before.folders, *(_name(self.place, folder) for folder in folders)})
            for folder in folders:
                folder.mkdir(exist_ok=True)
            Step(receipt, self.before.joined(after).data()).do()
        for step in self.steps:
            step.do()
        if after.files:
            Step(receipt, after.data()).do()
        else:
            self._sweep(receipt)

    def _sweep(self, receipt: Path) -> None:
        """What is left when the files are gone: bytecode of ours, the receipt, folders that nobody uses."""
        for name in self.before.files:
            _forget_bytecode(self.place.folder / name)
        receipt.unlink(missing_ok=True)
        made = (Path(os.path.normpath(self.place.folder / name)) for name in self.before.folders)
        for folder in sorted(made, key=lambda folder: len(folder.parts), reverse=True):
            with contextlib.suppress(OSError):  # not empty: somebody has put something there
                folder.rmdir()


def installation(place: Place, wanted: Contents) -> Work:
    """What makes a place hold what is wanted; nothing where it already does."""
    before, after = Receipt.load(place.ours), Receipt()
    steps = []
    for name, data in wanted.files.items():
        step = _written(place.folder / name, data, before.files.get(name, []))
        steps += [step] if step else []
        if not (step and step.left):
            after.files[name] = [digest(data)]
        elif name in before.files:
            after.files[name] = before.files[name]  # it may be put right again
    steps += [_deleted(place.folder / name, before.files[name]) for name in before.files.keys() - wanted.files.keys()]
    for name, text in wanted.blocks.items():
        steps += _put_in(place.folder / name, text, before.blocks.get(name, []))
        after.blocks[name] = [text]
        is_new = name not in before.blocks and not (place.folder / name).exists()
        after.created += [name] if name in before.created or is_new else []
    return Work(place, steps, before, after)


def removal(place: Place) -> Work:
    """What takes everything of ours out of a place."""
    before = Receipt.load(place.ours)
    steps = [_deleted(place.folder / name, digests) for name, digests in before.files.items()]
    for name, texts in before.blocks.items():
        steps += _taken_out(place.folder / name, texts, created=name in before.created)
    return Work(place, [step for step in steps if step.left or step.path.exists()], before, Receipt())


def _written(path: Path, data: bytes, ours: list[str]) -> Step | None:
    if not path.exists():
        return Step(path, data)
    state = digest(path.read_bytes())
    if state == digest(data):
        return None
    why = "it was changed since it was installed" if ours else "it is not from install.py"
    return Step(path, data) if state in ours else Step(path, left=why)


def _deleted(path: Path, ours: list[str]) -> Step:
    is_changed = path.exists() and digest(path.read_bytes()) not in ours
    return Step(path, left="it was changed since it was installed" if is_changed else "")


def _put_in(path: Path, text: str, old: list[str]) -> Iterator[Step]:
    content = path.read_bytes() if path.exists() else b""
    changed = with_block(content, text, old)
    if changed is None:
        yield Step(
            path, left="the lines of Replate in it were changed; put them right, or delete them and install again"
        )
    elif changed != content:
        yield Step(path, changed)


def _taken_out(path: Path, texts: list[str], *, created: bool) -> Iterator[Step]:
    content = path.read_bytes() if path.exists() else b""
    rest = without(content, texts)
    if rest is None:
        yield Step(path, left="the lines of Replate in it were changed; delete them yourself")
    elif rest != content:
        yield Step(path, None if created and not rest else rest)


def _missing(place: Place, steps: list[Step]) -> Iterator[Path]:
    """Folders to be made, outer ones first."""
    wanted = {parent for path in (place.ours / NAME, *(step.path for step in steps)) for parent in path.parents}
    yield from sorted((folder for folder in wanted if not folder.exists()), key=lambda folder: len(folder.parts))


def _name(place: Place, folder: Path) -> str:
    return Path(os.path.relpath(folder, place.folder)).as_posix()


def _forget_bytecode(path: Path) -> None:
    if path.suffix != ".py":
        return
    cache = path.parent / "__pycache__"
    for compiled in cache.glob(f"{path.stem}.*.pyc"):
        compiled.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        cache.rmdir()
