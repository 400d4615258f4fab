"""Where Replate is, on what it computes, and where pictures are kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy

from ..client import Service

__all__ = ["cache_folder", "preferences", "register", "saving", "service", "unregister"]

ADDON = __package__.partition(".replate_plugin")[0]
_SERVICES: dict[tuple[str, str], Service] = {}
_saving = ""


_DEFAULTS = {"python": "", "service": "", "generators": "", "device": "auto", "cache": "//replate"}


class Preferences(bpy.types.AddonPreferences):
    """Edit > Preferences > Add-ons > Replate."""

    bl_idname = ADDON
    __annotations__ = {
        "python": bpy.props.StringProperty(
            name="Replate's Python",
            subtype="FILE_PATH",
            description="The Python that has Replate; empty: the one that the add-on was made with",
        ),
        "service": bpy.props.StringProperty(
            name="Service folder",
            subtype="DIR_PATH",
            description="Folder of the warm service; empty: the usual one of this user",
        ),
        "generators": bpy.props.StringProperty(
            name="Generators",
            subtype="DIR_PATH",
            description="A folder of generators of your own; empty: what $REPLATE_GENERATORS says",
        ),
        "device": bpy.props.StringProperty(
            name="Device",
            default=_DEFAULTS["device"],
            description="auto, cpu, cuda or cuda:N; a named one is never replaced",
        ),
        "cache": bpy.props.StringProperty(
            name="Cache",
            default=_DEFAULTS["cache"],
            subtype="DIR_PATH",
            description="Where plates and results are kept; // is the folder of the .blend file",
        ),
    }

    def draw(self, context: Any) -> None:
        """All of them, one below the other."""
        for name in self.__annotations__:
            self.layout.prop(self, name)
        self.layout.operator("replate.refresh")


def preferences() -> Any:
    """What the user chose; the defaults where a script switched the add-on on for itself alone."""
    addon = bpy.context.preferences.addons.get(ADDON)
    return addon.preferences if addon else SimpleNamespace(**_DEFAULTS)


def service() -> Service:
    """The client of the warm service that the preferences name; it starts one at its first request."""
    chosen = preferences()
    if chosen.generators:
        os.environ["REPLATE_GENERATORS"] = bpy.path.abspath(chosen.generators)
    folder, python = (bpy.path.abspath(text) for text in (chosen.service, chosen.python))
    key = (folder or os.environ.get("REPLATE_SERVICE", ""), python)
    if key not in _SERVICES:
        _SERVICES[key] = Service(client=f"Blender {bpy.app.version_string}", folder=folder, python=python)
    return _SERVICES[key]


def cache_folder() -> Path:
    """Where nodes keep their pictures; the session's own temporary folder while the file has no place yet."""
    cache, place = preferences().cache or "//replate", _saving or bpy.data.filepath
    if cache.startswith("//") and not place:
        return Path(bpy.app.tempdir) / "replate"
    return Path(bpy.path.abspath(cache, start=os.path.dirname(place)))  # noqa: PTH120


@contextmanager
def saving(path: str) -> Iterator[None]:
    """While the file is being saved as `path`, the folder is where it will be. On the first save, which gives the file
    a place, what was made before goes there: the session's folder ends with the session."""
    global _saving
    before, _saving = cache_folder(), path
    try:
        with suppress(OSError):  # on a full disk they are made again
            if not bpy.data.filepath and before.is_dir() and before != cache_folder():
                shutil.copytree(before, cache_folder(), dirs_exist_ok=True)
        yield
    finally:
        _saving = ""


def register() -> None:
    """Show them."""
    bpy.utils.register_class(Preferences)


def unregister() -> None:
    """Hang up and go."""
    for client in _SERVICES.values():
        client.close()
    _SERVICES.clear()
    bpy.utils.unregister_class(Preferences)
