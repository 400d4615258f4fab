"""The Blender extension, as files and as a zip: `python -m replate_plugin.installing.extension replate.zip`.

The service stays outside: that keeps the GPU's runtime, numpy 2 and networks out of Blender's own Python, lets all
hosts of a machine share what is loaded, and makes one zip of 60 kB for every system and every Blender from 5.0 on.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from .packing import Origin, packed, under

__all__ = ["build", "files"]

_ENTRY = '''"""Replate: Style, Effect and Removal in the compositor and the sequencer."""

from .replate_plugin.blender import register, unregister

__all__ = ["register", "unregister"]
'''
_MANIFEST = """\
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


def files(origin: Origin) -> dict[str, bytes]:
    """What the extension consists of, by path inside it."""
    own = {"blender_manifest.toml": _MANIFEST.format(version=origin.version), "__init__.py": _ENTRY}
    texts = {name: text.encode() for name, text in own.items()}
    return {**texts, **under("replate_plugin", packed("blender", origin))}


def build(path: Path, *, python: str = sys.executable) -> Path:
    """Write the extension to `path`, for the Replate of this `python`, which the add-on will start the service with.

    The declarations are that Replate's. Raises ServiceError where it cannot tell them.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files(Origin.of(python)).items():
            file.writestr(name, data)
    return path


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if len(sys.argv) > 1 else "replate-blender.zip")))  # noqa: T201
