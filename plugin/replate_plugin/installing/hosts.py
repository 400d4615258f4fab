"""Where each host is, and where it looks for plug-ins."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .receipt import NAME
from .system import System

__all__ = ["HOSTS", "Place", "places", "too_old", "within"]

_NUKE = {
    "linux": ("/usr/local/Nuke*", "/opt/Nuke*", "/opt/Foundry/Nuke*", "~/Nuke*"),
    "mac": ("/Applications/Nuke*", "~/Applications/Nuke*"),
    "windows": ("PROGRAMFILES:/Nuke*", "PROGRAMW6432:/Nuke*"),
}
_BLENDER = {
    "linux": (
        "/opt/blender*/*",
        "/usr/share/blender/*",
        "/usr/local/blender*/*",
        "/snap/blender/current/*",
        "~/blender*/*",
        "~/.local/share/Steam/steamapps/common/Blender/*",
        "XDG_CONFIG_HOME:/blender/*",
        "~/.config/blender/*",
    ),
    "mac": (
        "/Applications/Blender*/Contents/Resources/*",
        "~/Applications/Blender*/Contents/Resources/*",
        "~/Library/Application Support/Blender/*",
    ),
    "windows": ("PROGRAMFILES:/Blender Foundation/*/*", "APPDATA:/Blender Foundation/Blender/*"),
}
_BLENDER_USER = {
    "linux": ("XDG_CONFIG_HOME:/blender", "~/.config/blender"),
    "mac": ("~/Library/Application Support/Blender",),
    "windows": ("APPDATA:/Blender Foundation/Blender", "~/AppData/Roaming/Blender Foundation/Blender"),
}
_RESOLVE = {
    "linux": ("/opt/resolve/bin/resolve", "~/.local/share/DaVinciResolve"),
    "mac": (
        "/Applications/DaVinci Resolve/DaVinci Resolve.app",
        "/Applications/DaVinci Resolve Studio.app",
        "~/Library/Application Support/Blackmagic Design/DaVinci Resolve",
    ),
    "windows": (
        "PROGRAMFILES:/Blackmagic Design/DaVinci Resolve/Resolve.exe",
        "APPDATA:/Blackmagic Design/DaVinci Resolve",
    ),
}
_FUSION = {
    "linux": ("~/.local/share/DaVinciResolve/Fusion",),
    "mac": ("~/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion",),
    "windows": (
        "APPDATA:/Blackmagic Design/DaVinci Resolve/Support/Fusion",
        "~/AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion",
    ),
}
_OLDEST_NUKE, _OLDEST_BLENDER = (15,), (5, 0)  # earlier ones have an older Python, or another compositor


@dataclass(frozen=True)
class Place:
    """Where one host takes plug-ins from. `folder` is the host's own, `ours` in it is Replate's."""

    host: str
    title: str
    folder: Path

    @property
    def ours(self) -> Path:
        """The folder that is Replate's own there."""
        return self.folder / ("Replate" if self.host == "resolve" else "replate")

    @property
    def is_used(self) -> bool:
        """Whether Replate was put there."""
        return (self.ours / NAME).is_file()


def places(system: System) -> list[Place]:
    """One for every host that is found; for Blender, one for every version."""
    return [place for find in HOSTS.values() for place in find(system)]


def too_old(system: System) -> list[str]:
    """What is here and not served, a line each."""
    nukes = [f"Nuke {_nuke_name(version)}" for version in _nukes(system) if version < _OLDEST_NUKE]
    blenders = [f"Blender {a}.{b}" for a, b in _blenders(system) if (a, b) < _OLDEST_BLENDER]
    return [f"{name:24} too old: Replate needs 15" for name in nukes] + [
        f"{name:24} too old: Replate needs 5.0" for name in blenders
    ]


def within(host: str, folder: Path) -> Place:
    """A folder that somebody chose: one of $NUKE_PATH, a repository of extensions, a Fusion folder."""
    return Place(host, _TITLES[host], folder)


def _nuke(system: System) -> list[Place]:
    versions = [version for version in _nukes(system) if version >= _OLDEST_NUKE]
    user = system.first("HOME:/.nuke", "~/.nuke") if system.name == "windows" else system.home / ".nuke"
    title = f"Nuke {', '.join(map(_nuke_name, versions))}".strip()
    shared = [place for folder in system.paths("NUKE_PATH") if (place := Place("nuke", title, folder)).is_used]
    return shared or ([Place("nuke", title, user)] if versions or user.is_dir() else [])


def _nukes(system: System) -> list[tuple[int, ...]]:
    """Every version that is here, as (15, 1, 3)."""
    names = (path.name for path in system.found(*_NUKE[system.name]))
    found = (re.fullmatch(r"Nuke[A-Z]?(\d+)\.(\d+)v(\d+)(\.app)?", name) for name in names)
    return sorted({tuple(map(int, each.groups()[:3])) for each in found if each})


def _nuke_name(version: tuple[int, ...]) -> str:
    return "{}.{}v{}".format(*version)


def _blender(system: System) -> list[Place]:
    extensions, resources = (system.environment.get(f"BLENDER_USER_{name}", "") for name in ("EXTENSIONS", "RESOURCES"))
    if extensions or resources:
        folder = Path(extensions) if extensions else Path(resources) / "extensions"
        return [Place("blender", "Blender", folder / "user_default")]
    user = system.first(*_BLENDER_USER[system.name])
    return [
        Place("blender", f"Blender {a}.{b}", user / f"{a}.{b}" / "extensions" / "user_default")
        for a, b in _blenders(system)
        if (a, b) >= _OLDEST_BLENDER
    ]


def _blenders(system: System) -> list[tuple[int, int]]:
    """Every version that is here, or was: its settings stay."""
    found = (re.fullmatch(r"(\d+)\.(\d+)", path.name) for path in system.found(*_BLENDER[system.name]))
    return sorted({(int(each[1]), int(each[2])) for each in found if each})


def _resolve(system: System) -> list[Place]:
    signs = map(system.place, _RESOLVE[system.name])
    if not any(sign is not None and sign.exists() for sign in signs):
        return []
    return [Place("resolve", _TITLES["resolve"], system.first(*_FUSION[system.name]))]


HOSTS: dict[str, Callable[[System], list[Place]]] = {"nuke": _nuke, "blender": _blender, "resolve": _resolve}
_TITLES = {"nuke": "Nuke", "blender": "Blender", "resolve": "DaVinci Resolve"}
