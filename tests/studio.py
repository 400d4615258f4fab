"""Colour configurations as studios keep them: hand-made files with a LUT beside them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["OLD", "STUDIO", "write_config"]

# The reference is ACES2065-1. `film` needs the LUT, which doubles linear light.
STUDIO = """\
ocio_profile_version: 2
name: studio
environment: {SHOW: demo}
search_path: luts
roles:
  aces_interchange: archive
  scene_linear: studio light
  compositing_log: scan
  default: studio light
file_rules:
  - !<Rule> {name: Renders, pattern: "*_render*", extension: exr, colorspace: archive}
  - !<Rule> {name: Doubled, regex: ".*/doubled/.*", colorspace: film}
  - !<Rule> {name: Default, colorspace: default}
shared_views:
  - !<View> {name: Plain, view_transform: plain, display_colorspace: <USE_DISPLAY_NAME>}
displays:
  Monitor:
    - !<View> {name: Plain, view_transform: plain, display_colorspace: Monitor}
    - !<View> {name: Dark, view_transform: dark, display_colorspace: Monitor}
  Wide:
    - !<Views> [Plain]
view_transforms:
  - !<ViewTransform>
    name: plain
    from_scene_reference: !<BuiltinTransform> {style: UTILITY - ACES-AP0_to_CIE-XYZ-D65_BFD}
  - !<ViewTransform>
    name: dark
    from_scene_reference: !<GroupTransform>
      children:
        - !<MatrixTransform> {matrix: [0.25, 0, 0, 0, 0, 0.25, 0, 0, 0, 0, 0.25, 0, 0, 0, 0, 1]}
        - !<BuiltinTransform> {style: UTILITY - ACES-AP0_to_CIE-XYZ-D65_BFD}
display_colorspaces:
  - !<ColorSpace>
    name: Monitor
    from_display_reference: !<BuiltinTransform> {style: DISPLAY - CIE-XYZ-D65_to_REC.1886-REC.709}
  - !<ColorSpace>
    name: Wide
    from_display_reference: !<BuiltinTransform> {style: DISPLAY - CIE-XYZ-D65_to_G2.6-P3-D65}
colorspaces:
  - !<ColorSpace> {name: archive}
  - !<ColorSpace>
    name: studio light
    aliases: [working]
    to_scene_reference: !<BuiltinTransform> {style: ACEScg_to_ACES2065-1}
  - !<ColorSpace>
    name: scan
    to_scene_reference: !<BuiltinTransform> {style: ACEScct_to_ACES2065-1}
  - !<ColorSpace>
    name: paper
    to_scene_reference: !<GroupTransform>
      children:
        - !<ExponentWithLinearTransform> {gamma: 2.4, offset: 0.055}
        - !<MatrixTransform> {matrix: [0.439632981919492, 0.382988698151554, 0.177378319928955, 0, 0.0897764429588422,
            0.813439428748978, 0.0967841282921791, 0, 0.0175411703831728, 0.111546553302387, 0.87091227631444, 0,
            0, 0, 0, 1]}
  - !<ColorSpace>
    name: film
    to_scene_reference: !<FileTransform> {src: $SHOW.spi1d, interpolation: linear}
  - !<ColorSpace> {name: numbers, isdata: true}
"""

# Of the first version: no aliases, no interchange role, a view that is a space. It nowhere says that it is Rec.709.
OLD = """\
ocio_profile_version: 1
search_path: luts
roles:
  default: raw
  scene_linear: linear
  compositing_log: scan
displays:
  desk:
    - !<View> {name: Film, colorspace: film}
    - !<View> {name: Raw, colorspace: raw}
colorspaces:
  - !<ColorSpace> {name: linear}
  - !<ColorSpace>
    name: film
    from_reference: !<FileTransform> {src: demo.spi1d, interpolation: linear, direction: inverse}
  - !<ColorSpace>
    name: scan
    to_reference: !<LogTransform> {base: 2, direction: inverse}
  - !<ColorSpace> {name: raw, isdata: true}
"""


def write_config(folder: Path, text: str = STUDIO, *, gain: float = 2.0, show: str = "demo") -> str:
    """The configuration and its LUT, which multiplies by `gain`; returns the file's path."""
    (folder / "luts").mkdir(parents=True, exist_ok=True)
    lines = ["Version 1", "From 0.0 1.0", "Length 2", "Components 1", "{", "0.0", str(gain), "}"]
    (folder / "luts" / f"{show}.spi1d").write_text("\n".join(lines) + "\n")
    (folder / "config.ocio").write_text(text)
    return str(folder / "config.ocio")
