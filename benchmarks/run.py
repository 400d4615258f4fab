"""All benchmarks, as the page docs/benchmarks.md.

    python benchmarks/run.py --plates DIR ... --exr DIR --damaged DIR --footage DIR --davis DIR --scene DIR \\
        --against FILE.onnx --note "what"

Each section is a script of its own and can be run alone with the same options; `--sections` measures some anew and
keeps the others.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import colorize
import colour
import damage
import dataset
import effects
import exactness
import exposure
import fill
import flames
import fusion
import grain
import handover
import learning
import light
import match
import matte
import memory
import movies
import panorama
import pipeline
import removal
import removal_parallax
import removal_speed
import removal_walker
import roundtrip
import sessions
import speed
import stability
import start
import stereo
import tuning
from common import parser

SECTIONS = (
    stability,
    exposure,
    colorize,
    colour,
    exactness,
    roundtrip,
    damage,
    movies,
    panorama,
    stereo,
    dataset,
    match,
    matte,
    removal,
    fill,
    removal_walker,
    removal_parallax,
    grain,
    removal_speed,
    effects,
    light,
    memory,
    pipeline,
    speed,
    fusion,
    start,
    handover,
    sessions,
    tuning,
    learning,
    flames,
)
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Made by `python benchmarks/run.py --plates DIR ... --exr DIR --damaged DIR --footage DIR --davis DIR --scene DIR
--against FILE.onnx`; do not edit. Each section is a script of its own, which takes the same options, and its figures
are of one run. "holds" compares with the bound that the section names. Ratios and errors carry over to other machines,
seconds do not.
"""


def main() -> None:
    """Measure what is asked for and write the page."""
    names = {module.__name__: module for module in SECTIONS}
    choices = parser()
    choices.add_argument("--note", default="", help="what the plates and the foreign network are, for the page")
    choices.add_argument("--sections", nargs="+", choices=names, default=list(names), help="only these")
    options = choices.parse_args()
    kept = _kept()
    note = options.note or kept.get("", "").rpartition("no GPU.\n")[2].strip()
    needs = {"speed": options.against, "dataset": options.footage, "match": options.clips or None}
    needs |= {"removal": options.davis, "removal_walker": options.footage, "removal_parallax": options.scene}
    for name in options.sections:
        if needs.get(name, True) is not None:
            print(name, file=sys.stderr, flush=True)
            kept[_title(names[name])] = _section(names[name], options)
            texts = [kept[_title(module)] for module in SECTIONS if _title(module) in kept]
            PAGE.write_text("\n".join([HEAD, _machine(), note, *texts]) + "\n", encoding="utf-8")


def _kept() -> dict[str, str]:
    """The sections of the page as it is, by title; what comes before the first under ""."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    head, *sections = text.split("\n## ")
    return {"": head} | {each.partition("\n")[0]: f"\n## {each.strip()}" for each in sections}


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "numpy", "OpenEXR", "OpenImageIO", "av"))
    return f"Python {platform.python_version()}, {packages}; {len(os.sched_getaffinity(0))} CPU cores, no GPU."


def _title(module: ModuleType) -> str:
    return (module.__doc__ or "").partition("\n\n")[0].rstrip(".")


def _section(module: ModuleType, options: argparse.Namespace) -> str:
    text = (module.__doc__ or "").partition("\n\n")[2].strip()
    return f"\n## {_title(module)}\n\n{text}\n\n`python benchmarks/{module.__name__}.py`\n\n{module.measure(options)}"


if __name__ == "__main__":
    sys.exit(main())
