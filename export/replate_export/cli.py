"""`replate export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .exporter import Exported

__all__ = ["export"]


def export(
    checkpoint: Annotated[Path, typer.Argument(help="The final.ckpt of a training folder; for a host, a generator.")],
    out: Annotated[Path, typer.Argument(help="The generator file to write, NAME.onnx.")],
    name: Annotated[str, typer.Option(help="The generator's name; the file's name if left out.")] = "",
    half: Annotated[bool, typer.Option("--half", help="Also write NAME.fp16.onnx, float16 for the GPU.")] = False,
    confidence: Annotated[bool, typer.Option(help="Add the discriminator's opinion as a second output.")] = True,
    preview: Annotated[Path | None, typer.Option(help="A picture for the card, PNG or JPEG.")] = None,
    flame: Annotated[bool, typer.Option("--flame", help="Also write NAME.json for Flame's Inference node.")] = False,
) -> None:
    """Turn a finished training into a generator: one ONNX file with its card inside, checked against torch."""
    if flame and checkpoint.suffix != ".ckpt":
        from replate.catalogue import find

        from .flame import copied

        typer.echo(f"{out}, for Flame with {copied(find(checkpoint), out)}")
        return
    from .exporter import export as run  # torch takes seconds to import: not for --help

    for exported in run(checkpoint, out, name=name, half=half, confidence=confidence, preview=preview):
        typer.echo(_line(exported))
        if flame:
            from .flame import beside

            typer.echo(f"for Flame: {beside(exported.path)}")


def _line(exported: Exported) -> str:
    size = exported.path.stat().st_size / 1e6
    parity = ", ".join(f"{name} {worst:.1e}" for name, worst in exported.parity.items())
    return f"{exported.path}: {size:.2f} MB, tile overlap {exported.card.overlap} px, differs from torch by {parity}"
