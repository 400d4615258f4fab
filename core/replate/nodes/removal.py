"""Removal: the object goes, the plate stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import UsageError
from ..params import Param, Setting
from .base import Input, Node, Shots
from .layer import layer
from .mask import MASK, MASK_PARAMS, MIX
from .replacing import BACKGROUND, REPLACE_PARAMS, check_replacing, replaces

if TYPE_CHECKING:
    from ..card import Card
    from ..frame import Frame
    from ..removal.remover import Remover

__all__ = ["Removal"]

VOTERS = 2  # frames before and after one, a step apart, that have a vote on what was found for it

REACH = Param(
    name="reach",
    kind="int",
    default=12,
    minimum=0,
    maximum=120,
    soft=(0, 48),
    unit="frames",
    section="Search",
    keyable=False,
    help="How far before and after a frame the background is looked for; more finds more and takes longer.",
)

STEP = Param(
    name="step",
    kind="int",
    default=1,
    minimum=1,
    maximum=24,
    unit="frames",
    section="Search",
    keyable=False,
    help="Look at every n-th frame only: for slow shots, with a larger reach.",
)

STEADY = Param(
    name="steady",
    kind="float",
    default=1.0,
    minimum=0.0,
    maximum=1.0,
    section="Temporal",
    help="How much the frames before and after have a vote on what was found; 0 is quicker for single frames.",
)

SEARCH = Param(
    name="search",
    kind="bool",
    default=True,
    section="Search",
    keyable=False,
    help="Look for the true background in other frames; off, the generator invents all of the hole.",
)


class Removal(Node):
    """What a mask covers is replaced by the background: found in other frames, or invented where none shows it."""

    name: ClassVar[str] = "removal"
    title: ClassVar[str] = "Removal"
    help: ClassVar[str] = "Take an object out of the plate and put back what stood behind it."
    default_generator: ClassVar[str] = "fill"
    inputs: ClassVar[tuple[Input, ...]] = (
        Input(name="plate", help="the shot to take something out of", required=True, window=True),
        replace(MASK, help="what is to go, white; every pixel that it touches, soft ones too", window=True),
        Input(
            name="exclude",
            help="a matte of other things that move and are no background: nothing is taken from there",
            window=True,
        ),
        Input(name="clean", help="clean plates, painted for one or a few frames: they win over all found", sparse=True),
        Input(
            name="vectors",
            help="motion vectors of the background, rendered without what is to go; Nuke's or Blender's channels",
            window=True,
        ),
        BACKGROUND,
    )
    params: ClassVar[tuple[Param, ...]] = (
        MIX,
        SEARCH,
        REACH,
        STEP,
        Param(
            name="motion",
            kind="choice",
            default="auto",
            choices=("auto", "still", "planar", "flow"),
            section="Search",
            keyable=False,
            help="How the background moves: not at all, as one plane, pixel by pixel, or as agrees best.",
        ),
        Param(
            name="quality",
            kind="choice",
            default="good",
            choices=("draft", "good", "best"),
            section="Search",
            keyable=False,
            help="How finely motion is measured: draft is quick to look at, best takes several times as long.",
        ),
        STEADY,
        *MASK_PARAMS,
        Param(
            name="invent",
            kind="bool",
            default=True,
            section="Fill",
            help="Let the generator draw what no frame shows; off, it is filled smoothly.",
        ),
        Param(
            name="blend",
            kind="float",
            default=4.0,
            minimum=0.0,
            maximum=200.0,
            soft=(0.0, 40.0),
            unit="px",
            section="Fill",
            help="Width inside the mask's edge over which plate and fill are mixed where they show the same.",
        ),
        Param(
            name="level",
            kind="float",
            default=40.0,
            minimum=0.0,
            maximum=1000.0,
            soft=(0.0, 200.0),
            unit="px",
            section="Fill",
            help="How far into the mask the fill is brought to the plate's light at its edge; 0 leaves it as it is.",
        ),
        Param(
            name="grain.amount",
            kind="float",
            default=1.0,
            minimum=0.0,
            maximum=4.0,
            soft=(0.0, 2.0),
            section="Grain",
            help="How much of the plate's own grain the fill gets; 1 makes it as grainy as the plate.",
        ),
        Param(
            name="grain.seed",
            kind="int",
            default=0,
            section="Grain",
            help="Which grain: every number has its own.",
        ),
        *REPLACE_PARAMS,
        Param(
            name="aovs",
            label="AOVs",
            kind="choice",
            default="keep",
            choices=("keep", "fill"),
            section="Fill",
            keyable=False,
            help="Alpha, depth and other channels of the picture: left as they are, or filled smoothly from around.",
        ),
        layer("layer.clean", "Add the layer replate.clean: the clean plate, whatever the mix is."),
        layer(
            "layer.found",
            "Add replate.found: how much of a pixel is true background, and how many frames away it was seen.",
        ),
        layer(
            "confidence",
            "Add the layer replate.confidence: 1 is the plate itself or what frames agree on, 0 is a guess.",
        ),
    )

    @classmethod
    def offsets(cls, settings: Mapping[str, Setting]) -> tuple[int, ...]:
        """Every step-th frame within reach; the frame alone where nothing is searched."""
        if replaces(settings) or not settings.get(SEARCH.name, SEARCH.default):
            return (0,)
        reach, step = (int(settings.get(param.name, param.default)) for param in (REACH, STEP))  # type: ignore[arg-type]
        steady = settings.get(STEADY.name, STEADY.default) != 0  # then its neighbours look around, too
        steps = reach // step + (VOTERS if steady and reach >= step else 0)
        return tuple(step * each for each in range(-steps, steps + 1))

    @classmethod
    def generates(cls, settings: Mapping[str, Setting]) -> bool:
        """What another plate is laid in for needs no inventing."""
        return not replaces(settings)

    @classmethod
    def notes(cls, card: Card, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """A step beyond the reach leaves nothing to look at; a background leaves nothing to look for."""
        if replaces(settings):
            unused = [name for name in ("layer.clean", "layer.found", "confidence") if settings.get(name)]
            return (f"with replace nothing is looked for, so there is no {', '.join(unused)}",) if unused else ()
        return () if len(cls.offsets(settings)) > 1 else ("no other frame is looked at: all of the hole is invented",)

    @classmethod
    def check(cls, inputs: Collection[str], settings: Mapping[str, Setting]) -> None:
        """What is to be replaced, and what with, is known."""
        check_replacing(inputs, settings)
        if "vectors" in inputs and settings.get(STEP.name, STEP.default) != 1:
            message = "vectors lead from one frame to the next; leave step at 1, or leave --vectors out"
            raise UsageError(message, parameter=STEP.name)

    @cached_property
    def _remover(self) -> Remover:
        from ..removal.remover import Remover

        return Remover(self.engine, voters=VOTERS)

    def process(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """Replace what the mask covers in `frames["plate"][0]`, or with a background what `replace` says."""
        if replaces(values):
            from ..removal.replacer import with_background

            return with_background(frames, values, around=self.engine.around)
        return self._remover.remove(frames, values)
