"""What is written into a host's folder: a copy of this package, and the smallest hook by which the host finds it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from . import extension
from .blocks import block
from .hosts import Place
from .packing import Origin, packed, under

__all__ = ["Contents", "contents"]

_STARTUP = "nuke/startup/"
_NUKE = """import nuke
nuke.pluginAddPath("./replate")"""
_RESOLVE = '''"""The node {title} of Replate. Written and removed by install.py hosts."""

import sys

if sys.version_info < (3, 10):
    print("Replate needs Python 3.10 or later here; docs/resolve.md says where Resolve looks for it.")
else:
    sys.path.insert(0, {folder!r})
    from replate_plugin.resolve.menu import run

    run({node!r}, globals())
'''


@dataclass(frozen=True)
class Contents:
    """Files by their path from the host's folder, and blocks of text by the user's file that takes them."""

    files: dict[str, bytes]
    blocks: dict[str, str] = field(default_factory=dict)


def contents(place: Place, origin: Origin) -> Contents:
    """All that a place gets."""
    return {"nuke": _nuke, "blender": _blender, "resolve": _resolve}[place.host](place, origin)


def _nuke(place: Place, origin: Origin) -> Contents:
    """A plug-in folder: Nuke runs its init.py and menu.py, and one line in the user's init.py names it."""
    package = packed("nuke", origin)
    start = {name[len(_STARTUP) :]: package.pop(name) for name in list(package) if name.startswith(_STARTUP)}
    files = {**start, **under("replate_plugin", package)}
    return Contents(under(place.ours.name, files), {"init.py": block(_NUKE)})


def _blender(place: Place, origin: Origin) -> Contents:
    """An extension, unpacked where Blender would unpack it."""
    return Contents(under(place.ours.name, extension.files(origin)))


def _resolve(place: Place, origin: Origin) -> Contents:
    """A menu of scripts, one a node; Resolve lists every script in there, so the package lies elsewhere."""
    menu = {
        f"{node['title']}.py": _RESOLVE.format(title=node["title"], folder=str(place.ours), node=node["name"]).encode()
        for node in json.loads(origin.declarations)["nodes"]
    }
    inside = under(f"{place.ours.name}/replate_plugin", packed("resolve", origin))
    return Contents({**inside, **under("Scripts/Utility/Replate", menu)})
