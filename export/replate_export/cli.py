"""`replate export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from replate.cli_options import watched
from replate.news.progress import Watcher

if TYPE_CHECKING:
    from .exporter import Exported

__all__ = ["export"]


@watched
def export(
    checkpoint: Annotated[Path, typer.Argument(help="The final.ckpt of a training folder; for a host, a generator.")],
    out: Annotated[Path, typer.Argument(help="The generator file to write, NAME.onnx; for NukeX, a folder.")],
    name: Annotated[str, typer.Option(help="The generator's name; the file's name if left out.")] = "",
    half: Annotated[bool, typer.Option("--half", help="Also write NAME.fp16.onnx, float16 for the GPU.")] = False,
    confidence: Annotated[bool, typer.Option(help="Add the discriminator's opinion as a second output.")] = True,
    preview: Annotated[Path | None, typer.Option(help="A picture for the card, PNG or JPEG.")] = None,
    flame: Annotated[bool, typer.Option("--flame", help="Also write NAME.json for Flame's Inference node.")] = False,
    nuke: Annotated[
        bool, typer.Option("--nuke", help="Write what NukeX's Inference node takes into a folder.")
    ] = False,
    space: Annotated[str, typer.Option(help="With --nuke: the colour space that Nuke computes in.")] = "ACEScg",
    *,
    watcher: Watcher,
) -> None:
    """Turn a finished training into a generator: one ONNX file with its card inside, checked against torch."""
    if nuke:
        _for_nuke(checkpoint, out, name=name, space=space, watcher=watcher)
        return
    if flame and checkpoint.suffix != ".ckpt":
        from replate.catalogue import find

        from .flame import copied

        watcher.note(f"{out}, for Flame with {copied(find(checkpoint), out)}")
        return
    from .exporter import export as run  # torch takes seconds to import: not for --help

    for exported in run(checkpoint, out, name=name, half=half, confidence=confidence, preview=preview):
        watcher.note(_line(exported))
        if flame:
            from .flame import beside

            watcher.note(f"for Flame: {beside(exported.path)}")


def _for_nuke(source: Path, folder: Path, *, name: str, space: str, watcher: Watcher) -> None:
    """A training's or a generator's files for NukeX."""
    from replate.catalogue import find

    from .nukex import write

    if source.suffix == ".ckpt":
        from .exporter import export as run

        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{name or source.absolute().parent.name}.onnx"
        run(source, target, name=name, confidence=False)
        source = target
    made = write(find(source), folder, space=space)
    watcher.note(f"{made.module}, differs from the network by {made.parity:.1e}")
    watcher.note(f"for NukeX: paste {made.script} into a script, or open it")


def _line(exported: Exported) -> str:
    size = exported.path.stat().st_size / 1e6
    parity = ", ".join(f"{name} {worst:.1e}" for name, worst in exported.parity.items())
    return f"{exported.path}: {size:.2f} MB, tile overlap {exported.card.overlap} px, differs from torch by {parity}"
