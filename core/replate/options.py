"""The options of a job: what holds for any node. Declared once, like the nodes' parameters."""

from __future__ import annotations

from .params import Param

__all__ = ["OPTIONS", "SHOWN"]

OPTIONS: tuple[Param, ...] = (
    Param(
        name="color_space",
        kind="text",
        default="",
        section="Input",
        keyable=False,
        help="Colour space of the plate, as in OCIO; empty: what the file says, else its usual one.",
    ),
    Param(
        name="inputs_color_space",
        kind="text",
        default="",
        section="Input",
        keyable=False,
        help="Colour space of the other pictures (background, hints, ...); empty: what each file says, or is usual.",
    ),
    Param(
        name="ocio",
        kind="text",
        default="",
        section="Input",
        keyable=False,
        help="OCIO configuration: a file or a built-in ocio://name; empty: what $OCIO says, else ACES.",
    ),
    Param(
        name="layer",
        kind="text",
        default="",
        section="Input",
        keyable=False,
        help="Layer of the plate to work on, as diffuse; empty: its main picture.",
    ),
    Param(
        name="view",
        kind="text",
        default="",
        section="Input",
        keyable=False,
        help="View to work on, as left; empty: every view that the plate has.",
    ),
    Param(
        name="stereo",
        kind="choice",
        default="off",
        choices=("off", "side-by-side", "top-bottom"),
        section="Input",
        keyable=False,
        help="How two eyes share one picture; views in an EXR or in separate files (%V) are found without it.",
    ),
    Param(
        name="projection",
        kind="choice",
        default="flat",
        choices=("flat", "equirect"),
        section="Input",
        keyable=False,
        help="equirect: a 360-degree panorama, whose left and right edges meet.",
    ),
    Param(
        name="missing",
        kind="choice",
        default="error",
        choices=("error", "skip", "hold", "black"),
        section="Input",
        keyable=False,
        help="What to do about frames that the sequence lacks.",
    ),
    Param(
        name="tile",
        kind="text",
        default="auto",
        section="Quality",
        keyable=False,
        help="Tile size in pixels, 'auto' (by the memory at hand) or 'off'.",
    ),
    Param(
        name="device",
        kind="text",
        default="auto",
        section="Device",
        keyable=False,
        help="auto, cpu, cuda or cuda:N; a device asked for by name is never silently replaced.",
    ),
    Param(
        name="threads",
        kind="int",
        default=0,
        minimum=0,
        maximum=256,
        section="Device",
        keyable=False,
        help="CPU threads for the generator; 0 takes all cores but one, which reads and writes.",
    ),
    Param(
        name="compression",
        kind="text",
        default="",
        section="Output",
        keyable=False,
        help="Compression of the output file (zip, dwaa, ...); empty: the plate's own.",
    ),
    Param(
        name="bits",
        kind="int",
        default=0,
        minimum=0,
        maximum=32,
        section="Output",
        keyable=False,
        help="Bits a channel in the output file (8, 10, 12, 16, 32: what it can hold); 0: as the plate.",
    ),
    Param(
        name="display",
        kind="text",
        default="",
        section="Output",
        keyable=False,
        help="DISPLAY/VIEW that shows scene light in movies and pictures; empty: the usual view of an sRGB screen.",
    ),
    Param(
        name="overwrite",
        kind="bool",
        default=False,
        section="Output",
        keyable=False,
        help="Render frames again that are already done with the same settings.",
    ),
)

SHOWN = ("inputs_color_space", "layer", "view", "stereo", "projection", "compression", "bits", "display")
"""The options that show in the output, so that frames made with others are made again; the plate's space and the
configuration are looked at apart."""
