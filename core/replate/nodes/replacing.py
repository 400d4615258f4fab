"""Knobs of laying another background behind what stays: declared once, for the Removal node."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..errors import UsageError
from ..params import Param, Setting
from .base import Input
from .layer import layer

__all__ = ["BACKGROUND", "REPLACE_PARAMS", "check_replacing", "replaces"]

BACKGROUND = Input(
    name="background",
    help="what to lay into the hole or outside of the mask with replace: a shot, movie or still of any size",
    free=True,
)

REPLACE = Param(
    name="replace",
    kind="choice",
    default="off",
    choices=("off", "hole", "outside"),
    section="Replace",
    keyable=False,
    help="Lay the background into the mask (hole), or outside of it: the speaker stays, the audience goes.",
)

MATTE = Param(
    name="matte",
    kind="choice",
    default="mask",
    choices=("mask", "difference"),
    section="Replace",
    keyable=False,
    help="Where the matte comes from: the mask, or what differs from the clean plate; there a mask only bounds it.",
)

REPLACE_PARAMS: tuple[Param, ...] = (
    REPLACE,
    MATTE,
    Param(
        name="difference.sensitivity",
        kind="float",
        default=1.0,
        minimum=0.0,
        maximum=100.0,
        soft=(0.2, 5.0),
        section="Replace",
        help="How little the plate may differ from the clean plate to count: 2 finds what is half as different.",
    ),
    Param(
        name="difference.softness",
        kind="float",
        default=6.0,
        minimum=0.0,
        maximum=100.0,
        soft=(0.0, 30.0),
        unit="px",
        section="Replace",
        help="How far around what surely differs hair and blurred edges are looked for.",
    ),
    Param(
        name="difference.shadows",
        kind="float",
        default=1.0,
        minimum=0.0,
        maximum=8.0,
        soft=(0.0, 3.0),
        unit="stops",
        section="Replace",
        help="How much darker the set may be and still be the set; 0 takes shadows along with what throws them.",
    ),
    Param(
        name="edge.decontaminate",
        kind="float",
        default=1.0,
        minimum=0.0,
        maximum=1.0,
        section="Replace",
        help="How far the old background's colour is taken out of soft edges.",
    ),
    Param(
        name="wrap.amount",
        kind="float",
        default=0.0,
        minimum=0.0,
        maximum=1.0,
        section="Replace",
        help="Light wrap: how much of the background's light spills over the edge of what stays.",
    ),
    Param(
        name="wrap.width",
        kind="float",
        default=12.0,
        minimum=0.0,
        maximum=500.0,
        soft=(0.0, 60.0),
        unit="px",
        section="Replace",
        help="How far the light wrap reaches into what stays.",
    ),
    Param(
        name="background.fit",
        kind="choice",
        default="place",
        choices=("place", "fill"),
        section="Replace",
        keyable=False,
        help="Place a background pixel on pixel by its coordinates, or scale it so that it fills the plate's format.",
    ),
    layer("layer.matte", "With replace: add the layer replate.matte, how much of the plate stays."),
)


def replaces(settings: Mapping[str, Setting]) -> bool:
    """Whether the background comes from another plate."""
    return settings.get(REPLACE.name, REPLACE.default) != "off"


def check_replacing(inputs: Collection[str], settings: Mapping[str, Setting]) -> None:
    """Raise UsageError where a background, a mask or a clean plate is missing, or would not be used."""
    differs = settings.get(MATTE.name, MATTE.default) == "difference"
    if replaces(settings) and "background" not in inputs:
        raise UsageError("replace needs the input 'background': what to lay there instead", parameter=REPLACE.name)
    if not replaces(settings) and "background" in inputs:
        raise UsageError("a background is laid nowhere; say replace=hole or replace=outside", parameter=REPLACE.name)
    if differs and not replaces(settings):
        raise UsageError("matte=difference is for replace=hole or replace=outside; set one", parameter=MATTE.name)
    if differs and "clean" not in inputs:
        raise UsageError("matte=difference needs the input 'clean': the set without anybody", parameter=MATTE.name)
    if not differs and "mask" not in inputs:
        raise UsageError(
            "node removal needs the input 'mask': what is to go, or with replace=outside what is to stay",
            parameter="mask",
        )
