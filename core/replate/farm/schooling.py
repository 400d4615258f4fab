"""The steps that train a look and make a generator of it, from the words of a `replate train`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from ..errors import UsageError
from ..job import Job
from ..media.pattern import parse_pattern
from . import offers
from .offers import Offer, parameters_of
from .parameters import fits, path, text
from .steps import Part, Step

__all__ = ["part"]

_FOLDER = "{{Param.training}}"
_GROUP = "Training"
_LOOK = f"{_FOLDER}/look.onnx"


def part(words: str, job: Job, *, gpu: bool) -> Part:
    """Train and Export for `words` as one types them after `replate train`; what `--out` names is the folder.

    Raises UsageError where there is no recipe.
    """
    recipe, *rest = _split(words)
    given, out = _without_out(rest)
    told = "Where the training keeps its checkpoints, previews, and the look."
    shown = {"help": told, "label": "Training: folder", "group": _GROUP}
    folder = path("training", out or _beside(job), kind="DIRECTORY", flow="OUT", **shown)
    typed = list(_typed(given))
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
    if not found or not found[0].isidentifier():
        raise UsageError("--train wants what follows 'replate train': a recipe, then its options")
    if not all(map(fits, found)):
        raise UsageError("--train has a word that is too long for a farm, or has a control character")
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


def _typed(words: list[str]) -> Iterator[Offer]:
    """Words as they are typed; those that name something on this disk as parameters, so that a farm can ship it."""
    option = ""
    for number, word in enumerate(words, 1):
        flag, equals, value = word.rpartition("=") if word.startswith("--") else ("", "", word)
        option = flag or (word if word.startswith("--") else option)
        shown = {"title": option.strip("-").replace("-", " ").capitalize(), "group": _GROUP}
        if _is_place(value):
            yield offers.file(f"train_{number}", str(Path(value).absolute()), flow="IN", option=flag + equals, **shown)
        elif "{{" in word or "}}" in word:
            line = text(f"train_{number}", word, group=_GROUP)
            yield Offer(word=line.word, parameters=(line,))
        else:
            yield Offer(word=word, parameters=())


def _is_place(word: str) -> bool:
    """Whether a word is a file, a folder, or a sequence in a folder that is there."""
    if not word or word.startswith("-"):
        return False
    place = Path(word)
    return place.exists() or (parse_pattern(word) is not None and place.absolute().parent.is_dir())
