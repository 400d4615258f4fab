"""All benchmarks, as the page docs/benchmarks.md.

    python benchmarks/run.py --plates DIR ... --against FILE.onnx --note "what these are" > docs/benchmarks.md

Each section is a script of its own and can be run alone with the same options.
"""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from types import ModuleType

import colour
import damage
import exactness
import exposure
import fusion
import panorama
import pipeline
import roundtrip
import speed
import stability
import start
import stereo
from common import parser

SECTIONS = (stability, exposure, colour, exactness, roundtrip, damage, panorama, stereo, pipeline, speed, fusion, start)
HEAD = """# Benchmarks

Made by `python benchmarks/run.py --plates DIR ... --against FILE.onnx` in one run; do not edit. Each section is a
script of its own, which takes the same options. "holds" compares with the bound that the section names. Ratios and
errors carry over to other machines, seconds do not.
"""


def main() -> None:
    """Print the page section by section."""
    choices = parser()
    choices.add_argument("--note", default="", help="what the plates and the foreign network are, for the page")
    options = choices.parse_args()
    print(HEAD, _machine(), options.note, sep="\n", flush=True)
    for section in SECTIONS:
        if section is speed and options.against is None:
            continue
        print(_section(section), section.measure(options), sep="\n", flush=True)


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "numpy", "OpenImageIO", "av"))
    return f"Python {platform.python_version()}, {packages}; {len(os.sched_getaffinity(0))} CPU cores, no GPU."


def _section(module: ModuleType) -> str:
    title, _, text = (module.__doc__ or "").partition("\n\n")
    command = f"python benchmarks/{module.__name__}.py"
    return f"\n## {title.rstrip('.')}\n\n{text.strip()}\n\n`{command}`\n"


if __name__ == "__main__":
    sys.exit(main())
