"""The steps that train a look and make a generator of it, from the words of a `replate train`."""

from __future__ import annotations

import shlex
from pathlib import Path

from ..errors import UsageError
from ..job import Job
from ..media.pattern import parse_pattern
from . import offers
from .offers import Offer, parameters_of
from .parameters import path, text
from .steps import Part, Step

__all__ = ["part"]

_FOLDER = "{{Param.training}}"
_LOOK = f"{_FOLDER}/look.onnx"


def part(words: str, job: Job, *, gpu: bool) -> Part:
    """Train and Export for `words` as one types them after `replate train`; what `--out` names is the folder.

    Raises UsageError where there is no recipe.
    """
    recipe, *rest = _split(words)
    given, out = _without_out(rest)
    told = "Where the training keeps its checkpoints, previews, and the look."
    shown = {"help": told, "label": "Training: folder", "group": "Training"}
    folder = path("training", out or _beside(job), kind="DIRECTORY", flow="OUT", **shown)
    typed = [_word(number, word) for number, word in enumerate(given, 1)]
    return Part(
        parameters=(folder, *parameters_of(typed)),
        steps=(
            # A task that was ended, or ran out of time, is tried again by the farm.
            Step(
                name="Train",
                words=("train", recipe, *(offer.word for offer in typed), f"--out={_FOLDER}", "--resume-or-begin"),
                gpu=gpu,
            ),
            Step(name="Export", words=("export", f"{_FOLDER}/final.ckpt", _LOOK), after=("Train",)),
        ),
        look=_LOOK,
    )


def _split(words: str) -> list[str]:
    try:
        found = shlex.split(words)
    except ValueError as error:
        raise UsageError(f"--train {words!r} cannot be read: {str(error).lower()}; mind the quotes") from None
    if not found or found[0].startswith("-"):
        raise UsageError("--train wants what follows 'replate train': a recipe, then its options")
    return found


def _without_out(words: list[str]) -> tuple[list[str], str]:
    """The words without `--out FOLDER`, and that folder."""
    rest, out = list[str](), ""
    following = iter(words)
    for word in following:
        if word == "--out":
            out = next(following, "")
        elif word.startswith("--out="):
            out = word.removeprefix("--out=")
        else:
            rest.append(word)
    return rest, str(Path(out).absolute()) if out else ""


def _beside(job: Job) -> str:
    return str(Path(job.output).absolute().parent / "training")


def _word(number: int, word: str) -> Offer:
    """A word as it is typed; one that names something on this disk as parameters, so that a farm can ship it."""
    option, equals, value = word.rpartition("=") if word.startswith("--") else ("", "", word)
    name = f"train_{number}"
    if _is_place(value):
        return offers.file(name, str(Path(value).absolute()), flow="IN", option=option + equals)
    if "{{" in word or "}}" in word:
        line = text(name, word, group="Training")
        return Offer(word=line.word, parameters=(line,))
    return Offer(word=word, parameters=())


def _is_place(word: str) -> bool:
    """Whether a word is a file, a folder, or a sequence in a folder that is there."""
    if not word or word.startswith("-"):
        return False
    place = Path(word)
    return place.exists() or (parse_pattern(word) is not None and place.absolute().parent.is_dir())
