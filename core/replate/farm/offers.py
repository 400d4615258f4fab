"""What of a job becomes a job parameter, and how its value gets into the command line that renders."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from .. import catalogue
from ..errors import UsageError
from ..job import BLANK, OF_PLATE, Job
from ..media import has_view
from ..media.pattern import parse_pattern
from ..network.onnxfile import read_card
from ..nodes import node_for, node_named
from ..options import OPTIONS
from ..params import Param, Setting
from .parameters import JobParameter, choice, fits, identifier, knob, path, text

__all__ = ["Offer", "color", "file", "generator", "knobs", "options", "parameters_of", "that_fit"]

OCIO = "ocio"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A word of the command, and the parameters in it; `chosen` where the job says what they are."""

    word: str
    parameters: tuple[JobParameter, ...]
    chosen: bool = True


def file(
    name: str, place: str, *, flow: str, option: str = "", title: str = "", group: str = "", told: str = ""
) -> Offer:
    """An input that flows IN or an output that flows OUT: a file, or a folder and the name of a sequence in it.

    `title`, `group` and `told`, its help, are for a form; the first two follow from `name` and `flow` if left out.
    """
    if not fits(place):
        raise UsageError(f"the path of {name} is too long for a farm, or has a control character: {place!r}")
    title = title or name.replace("_", " ").capitalize()
    shown = {"group": group or {"IN": "Input", "OUT": "Output"}[flow], "help": told}
    if place.startswith((OF_PLATE, BLANK)):
        return _offer(option, text(name, place, label=title, **shown))
    if parse_pattern(place) is None and not has_view(place):
        return _offer(option, path(name, place, kind="FILE", flow=flow, label=title, **shown))
    folder, rest = _split(place)
    return _offer(
        option,
        path(name, folder, kind="DIRECTORY", flow=flow, label=f"{title}: folder", **shown),
        text(f"{name}_name", rest, label=f"{title}: name", **shown),
    )


def _split(place: str) -> tuple[str, str]:
    """The folder that holds all views and frames, and what follows it."""
    whole = PurePath(place)
    folder = next(parent for parent in whole.parents if not has_view(str(parent)))
    return str(folder), whole.relative_to(folder).as_posix()


def generator(job: Job) -> Offer:
    """A shipped generator by name, one of the same family to choose; any other as a file, which must be shipped."""
    found = catalogue.find(node_named(job.node).generator_named(job.generator))
    shown = {"label": "Generator", "group": "Generator"}
    if found.parent != catalogue.SHIPPED:
        made = path("generator", str(found.absolute()), kind="FILE", flow="IN", filters=[catalogue.SUFFIX], **shown)
    else:
        made = choice("generator", found.stem, _relatives(job.node, found), **shown)
    return _offer("--generator=", made)


def _relatives(node: str, found: Path) -> list[str]:
    """Names of the shipped generators that have the same parameters and inputs."""
    family = {each.stem: _family(node, each) for each in catalogue.shipped(node)}
    return [name for name, kind in family.items() if kind == family.get(found.stem)] or [found.stem]


def _family(node: str, generator: Path) -> object:
    card = read_card(generator)
    return card and (node_for(node, card), {port.role for port in card.inputs}, card.defaults)


def knobs(params: Sequence[Param], settings: Mapping[str, Setting], taken: Collection[str]) -> Iterator[Offer]:
    """Every parameter of the node, with what the job says or as it is declared."""
    yield from _knobs(params, settings, taken, "--set={name}=")


def options(job: Job, taken: Collection[str]) -> Iterator[Offer]:
    """Every option of the job that has a value on the command line, but for what `color` has; flags stay as the job
    file has them."""
    params = [param for param in OPTIONS if param.kind != "bool" and param.name not in (OCIO, *_also_color(job))]
    yield from _knobs(params, job.options, taken, "--{flag}=")


def color(job: Job) -> list[Offer]:
    """What the job says of colour; whatever reads its frames later must know of it."""
    config = [_ocio(job.option(OCIO))] if job.option(OCIO) else []
    params = [param for param in OPTIONS if param.name in _also_color(job)]
    return [*config, *_knobs(params, job.options, (), "--{flag}=")]


def _also_color(job: Job) -> list[str]:
    return [name for name in ("color_space", "display") if job.option(name)]


def _knobs(
    params: Iterable[Param], settings: Mapping[str, Setting], taken: Collection[str], option: str
) -> Iterator[Offer]:
    known = set(taken)
    for param in params:
        name = identifier(param.name, known)
        known.add(name)
        made = knob(param, settings.get(param.name, param.default), name)
        if made is not None and not re.search(r"[{}=]", param.name):  # a word would be read otherwise than it is meant
            words = option.format(name=param.name, flag=param.name.replace("_", "-"))
            yield Offer(word=words + made.word, parameters=(made,), chosen=param.name in settings)


def _ocio(place: str) -> Offer:
    """The OpenColorIO configuration: a file that is shipped, or the name of one that is built in."""
    option = next(param for param in OPTIONS if param.name == OCIO)
    shown = {"help": option.help, "label": "OpenColorIO configuration", "group": option.section}
    if "://" in place:
        return _offer("--ocio=", text(OCIO, place, **shown))
    filters = [".ocio", ".ocioz"]
    return _offer("--ocio=", path(OCIO, place, kind="FILE", flow="IN", filters=filters, **shown))


def _offer(option: str, *parameters: JobParameter) -> Offer:
    return Offer(word=option + "/".join(each.word for each in parameters), parameters=parameters)


def parameters_of(offers: Iterable[Offer]) -> tuple[JobParameter, ...]:
    """All parameters of these offers."""
    return tuple(parameter for offer in offers for parameter in offer.parameters)


def that_fit(offers: Sequence[Offer], room: int) -> list[Offer]:
    """As many as there is room for, in their order; those that the job chose come before those that are only offered.

    What is left out stays as the job file has it.
    """
    ranked = sorted(offers, key=lambda offer: not offer.chosen)
    kept = {id(offer) for offer in ranked[: max(0, room)]}
    return [offer for offer in offers if id(offer) in kept]
