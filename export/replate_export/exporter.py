"""A checkpoint becomes a generator file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx

from replate.card import Card
from replate.errors import OutputError, UsageError
from replate.media.parts import complete_or_nothing, make_folder
from replate.network.onnxfile import write_card
from replate_training import checkpoint

from .convert import to_onnx
from .describe import describe
from .half import to_half
from .module import Exportable
from .parity import BOUND, HALF_BOUND, check, parity
from .preview import preview as read_preview
from .receptive import receptive_radius
from .refresh import refreshed

__all__ = ["Exported", "export", "half_path"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file that was written: its card, and each output's greatest difference from torch over five sizes."""

    path: Path
    card: Card
    parity: Mapping[str, float]


def export(
    source: str | Path,
    out: str | Path,
    *,
    name: str = "",
    half: bool = False,
    confidence: bool = True,
    preview: str | Path | None = None,
    quick: bool = False,
) -> tuple[Exported, ...]:
    """Write the look in the checkpoint `source` to the ONNX file `out`, card inside.

    `half` also writes a float16 variant to `half_path(out)`. `confidence` adds the discriminator's opinion as a second
    output where the checkpoint has a discriminator. The same checkpoint gives the same bytes. A `quick` export writes
    new weights into the graph that lies at `out` from the last quick one, where that is of such a network.

    Raises InputError for a bad checkpoint or preview, UsageError for a bad `out`, OutputError where it cannot be
    written, and ReplateError where the file would not compute what the network does (nothing is written then).
    """
    out = _checked(Path(out))
    trained = checkpoint.load(source)
    critic = trained.discriminator() if confidence else None
    module = Exportable(trained.generator(), critic, multiple=trained.multiple)
    model, overlap = refreshed(out, module) if quick else (to_onnx(module), receptive_radius(module))
    shown = "" if preview is None else read_preview(preview)
    card = describe(trained, module, name=name or out.stem, overlap=overlap, preview=shown)
    plans = [(out, model, BOUND)]
    if half:
        plans.append((half_path(out), to_half(model, learnt=dict(module.named_parameters())), HALF_BOUND))
    figures = [_verify(module, variant, path, bound) for path, variant, bound in plans]
    return tuple(
        Exported(path=path, card=_write(path, variant, card), parity=worst)
        for (path, variant, _), worst in zip(plans, figures, strict=True)
    )


def half_path(out: str | Path) -> Path:
    """Where the float16 variant goes: `painted.onnx` -> `painted.fp16.onnx`."""
    return Path(out).with_suffix(".fp16.onnx")


def _checked(out: Path) -> Path:
    if out.suffix != ".onnx":
        raise UsageError(f"cannot export to {out}: the name of a generator file ends in .onnx", path=out)
    if not out.parent.is_dir():
        raise UsageError(f"cannot export to {out}: the folder {out.parent} does not exist; make it first", path=out)
    return out


def _verify(module: Exportable, model: onnx.ModelProto, path: Path, bound: float) -> dict[str, float]:
    worst = parity(module, model)
    check(worst, bound=bound, what=path)
    return worst


def _write(path: Path, model: onnx.ModelProto, card: Card) -> Card:
    """Save with the card inside; the file appears complete or not at all."""
    make_folder(path)  # which clears away what a killed export has left
    try:
        with complete_or_nothing(path) as part:
            part.write_bytes(model.SerializeToString(deterministic=True))
            return write_card(part, card)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}; check rights and space", path=path) from None
