"""The card of an exported network: what its checkpoint says, and what was measured."""

from __future__ import annotations

import re

from replate.card import Card, Dataset, Port, Training
from replate.errors import InputError
from replate_training.checkpoint import Trained

from .module import Exportable

__all__ = ["describe"]


def describe(trained: Trained, module: Exportable, *, name: str, overlap: int, preview: str = "") -> Card:
    """The card for `trained`, exported as `module` and called `name`; `overlap` is the measured receptive radius.

    Raises InputError where the checkpoint is of a kind that no node takes.
    """
    if trained.kind not in ("style", "effect", "removal"):
        raise InputError(f"the checkpoint is for a '{trained.kind}', not for a style, effect or removal node")
    return Card(
        name=name,
        kind=trained.kind,  # type: ignore[arg-type]
        family=trained.family,
        defaults=trained.defaults,
        title=trained.title or name.replace("_", " ").capitalize(),
        description=trained.description,
        licence=trained.licence,
        commercial_use=trained.commercial_use,
        space=trained.space,
        multiple=1 if module.size else trained.multiple,
        overlap=overlap,
        size=module.size,
        fit="resize" if module.size else "tile",
        inputs=module.ports,
        outputs=tuple(_output(each) for each in module.outputs),
        training=_training(trained),
        metrics=trained.metrics,
        preview=preview,
    )


def _output(name: str) -> Port:
    return Port(name=name, role=name, channels="L" if name == "confidence" else "RGB")


def _training(trained: Trained) -> Training:
    return Training(
        recipe=trained.recipe,
        command=_portable(trained.command),
        steps=trained.steps,
        seconds=trained.seconds,
        device=trained.device,
        seed=trained.seed,
        data=tuple(Dataset(name=d.name, licence=d.licence, files=d.files, source=d.source) for d in trained.data),
    )


def _portable(command: str) -> str:
    """The command without the folders of the machine that it ran on: `/home/me/photos` becomes `photos`."""
    return re.sub(r"(?<![\w.])/(?:[^\s/'\"=]+/)+", "", command)
