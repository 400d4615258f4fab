"""The Blender extension as a zip: `python -m replate_plugin.extension replate.zip`. Standard library only.

The service stays outside: that keeps the GPU's runtime, numpy 2 and networks out of Blender's own Python, lets all
hosts of a machine share what is loaded, and makes one zip of 60 kB for every system and every Blender from 5.0 on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

__all__ = ["build"]

PACKAGE = Path(__file__).parent
INSIDE = ("*.py", "host/*.py", "blender/*.py")
ENTRY = '''"""Replate: Style, Effect and Removal in the compositor and the sequencer."""

from .replate_plugin.blender import register, unregister

__all__ = ["register", "unregister"]
'''
MANIFEST = """\
schema_version = "1.0.0"
id = "replate"
version = "{version}"
name = "Replate"
tagline = "Style, Effect and Removal: machine-learning nodes for shots"
maintainer = "The Replate founders"
type = "add-on"
tags = ["Compositing", "Sequencer"]
blender_version_min = "5.0.0"
license = ["SPDX:Apache-2.0"]

[permissions]
files = "Read plates and keep results in the cache folder"
"""


def build(path: Path, *, python: str = sys.executable) -> Path:
    """Write the extension to `path`, for the Replate of this `python`, which the add-on will start the service with.

    The declarations are that Replate's. Raises CalledProcessError where it cannot tell them.
    """
    command = [python, "-m", "replate"]
    said = subprocess.run([*command, "nodes", "--json"], check=True, capture_output=True, text=True).stdout
    version = subprocess.run([*command, "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("blender_manifest.toml", MANIFEST.format(version=version))
        file.writestr("__init__.py", ENTRY)
        file.writestr("replate_plugin/declarations.json", json.dumps(json.loads(said)))
        file.writestr("replate_plugin/python.txt", python)
        for source in (source for inside in INSIDE for source in sorted(PACKAGE.glob(inside))):
            if source.name != Path(__file__).name:
                file.write(source, f"replate_plugin/{source.relative_to(PACKAGE).as_posix()}")
    return path


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if len(sys.argv) > 1 else "replate-blender.zip")))  # noqa: T201
