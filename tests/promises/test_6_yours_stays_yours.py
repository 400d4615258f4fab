"""Promise 6: no network at run time, no code from a model file; and who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "replate": ROOT / "core" / "replate",
    "replate_training": ROOT / "training" / "replate_training",
    "replate_export": ROOT / "export" / "replate_export",
    "replate_plugin": ROOT / "plugin" / "replate_plugin",
}
HOSTS = {"nuke", "bpy", "DaVinciResolveScript", "hou"}
NETWORK = {"socket", "http", "urllib", "ftplib", "smtplib", "requests", "httpx", "aiohttp"}
RUNS_CODE = {"pickle", "dill", "cloudpickle", "shelve", "marshal"}
FORBIDDEN = {
    "replate": {"torch", "PySide6", "shiboken6", "replate_training", "replate_export", "replate_plugin"} | HOSTS,
    "replate_training": {"PySide6", "replate_export", "replate_plugin"} | HOSTS,
    "replate_export": {"PySide6", "replate_plugin"} | HOSTS,
    "replate_plugin": {"torch", "replate_training", "replate_export"},
}


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Top-level names that a file imports anywhere in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0], node.lineno


@pytest.mark.parametrize("package", PACKAGES)
def test_who_may_import_whom(package: str) -> None:
    banned = FORBIDDEN[package] | NETWORK | RUNS_CODE
    files = list(PACKAGES[package].rglob("*.py"))
    assert files
    found = [f"{path.name}:{line} imports {name}" for path in files for name, line in imports(path) if name in banned]
    assert not found


GUARD = """
import socket, sys
def refuse(*a, **k): raise SystemExit("NETWORK USED")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
from replate.cli import main
sys.argv = ["replate", *sys.argv[1:]]
main()
print("ok", file=sys.stderr)
"""


def test_a_render_opens_no_connection(tmp_path: Path, shot: str, generator: str) -> None:
    command = [sys.executable, "-c", GUARD, "render", "style", shot, str(tmp_path / "o.%04d.exr")]
    result = subprocess.run([*command, "--generator", generator], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "NETWORK" not in result.stderr + result.stdout


def test_the_core_loads_neither_torch_nor_qt(tmp_path: Path, shot: str, generator: str) -> None:
    code = (
        "import sys\nfrom replate.job import Job\nfrom replate.render import render\n"
        "render(Job(node='style', inputs={'plate': sys.argv[1]}, output=sys.argv[2], generator=sys.argv[3]))\n"
        "print([m for m in ('torch', 'PySide6', 'matplotlib', 'skimage') if m in sys.modules])"
    )
    arguments = [shot, str(tmp_path / "o.%04d.exr"), generator]
    result = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr
