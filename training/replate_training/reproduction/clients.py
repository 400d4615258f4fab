"""Packages, fetched with their own clients, which know mirrors and check signatures."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from replate.errors import InputError, UsageError

__all__ = ["CLIENTS", "unpack"]


def unpack(package: str, folder: Path) -> None:
    """Download "debian:NAME" or "pypi:NAME" into `folder` and unpack it there, without installing it.

    Raises UsageError where the client is not on this machine, InputError where it fails.
    """
    kind, _, name = package.partition(":")
    folder.mkdir(parents=True, exist_ok=True)
    CLIENTS[kind](name, folder)


def _debian(name: str, folder: Path) -> None:
    _call(["apt-get", "download", name], folder)
    for archive in folder.glob("*.deb"):
        _call(["dpkg-deb", "--extract", archive.name, "."], folder)
        archive.unlink()


def _pypi(name: str, folder: Path) -> None:
    _call([sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", name], folder)
    for archive in folder.glob("*.whl"):
        with zipfile.ZipFile(archive) as content:
            content.extractall(folder)
        archive.unlink()


CLIENTS: Mapping[str, Callable[[str, Path], None]] = {"debian": _debian, "pypi": _pypi}


def _call(words: list[str], folder: Path) -> None:
    """Run a client in a folder, quietly; its last words become the error's."""
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise UsageError(
            f"'{words[0]}' is not on this machine, and the data come in its packages; fetch them on one"
        ) from None
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines() or ["it did not say why"]
        raise InputError(f"'{' '.join(words)}' failed: {reason[-1]}")
