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
BROUGHT = {
    "nuke": {"nuke", "nukescripts", "replate_plugin"},  # what Nuke runs by path imports the package by its name
    "blender": {"bpy", "bpy_extras", "numpy"},
    "panel": {"PySide6"},
}  # what a host brings, by the folder of its adapter
NETWORK = {"socket", "asyncio", "http", "urllib", "ftplib", "smtplib", "requests", "httpx", "aiohttp"}
LOCAL_SOCKETS = {"socket", "asyncio"}
LOCAL = {
    "calling.py",
    "server.py",
    "session.py",
    "wire.py",
    "connection.py",
}  # the service and its client, which stay on the machine
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
    files = list(PACKAGES[package].rglob("*.py"))
    assert files
    found = [
        f"{path.name}:{line} imports {name}"
        for path in files
        for name, line in imports(path)
        if name in FORBIDDEN[package] | RUNS_CODE | (NETWORK - LOCAL_SOCKETS if _is_local(path) else NETWORK)
    ]
    assert not found


def _is_local(path: Path) -> bool:
    return path.name in LOCAL and path.parent.name in ("service", "replate_plugin")


def test_what_runs_in_a_host_imports_the_standard_library_alone() -> None:
    files = sorted(set(PACKAGES["replate_plugin"].rglob("*.py")) - {PACKAGES["replate_plugin"] / "panel" / "cli.py"})
    assert {"client.py", "connection.py", "starting.py", "pictures.py", "jobs.py"} <= {path.name for path in files}
    foreign = [
        f"{path.name} imports {name}"
        for path in files
        for name, _ in imports(path)
        if name not in sys.stdlib_module_names | _brought(path)
    ]
    assert not foreign
    for path in files:
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))


def _brought(path: Path) -> set[str]:
    return BROUGHT.get(path.relative_to(PACKAGES["replate_plugin"]).parts[0], set())


def test_the_service_listens_on_this_machine_alone() -> None:
    """Every address that the service binds or its client connects to is a file, or the loopback's number."""
    for path in (path for package in PACKAGES.values() for path in package.rglob("*.py") if _is_local(path)):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not texts & {"0.0.0.0", "::", "localhost"}, path
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if names & {"start_server", "AF_INET"}:
            assert "127.0.0.1" in texts, path
        assert not names & {"open_connection", "getaddrinfo", "AF_INET6", "create_connection"}, path


def test_the_core_loads_neither_torch_nor_qt(tmp_path: Path, shot: str, generator: str) -> None:
    code = (
        "import sys\nfrom replate.job import Job\nfrom replate.render import render\n"
        "render(Job(node='style', inputs={'plate': sys.argv[1]}, output=sys.argv[2], generator=sys.argv[3]))\n"
        "print([m for m in ('torch', 'PySide6', 'matplotlib', 'skimage') if m in sys.modules])"
    )
    arguments = [shot, str(tmp_path / "o.%04d.exr"), generator]
    result = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


# What runs code, or may, by the name of what is called: where it is allowed, with which arguments.
LOADERS = {
    "torch.load": {"weights_only": True},
    "np.load": {},  # allow_pickle is off unless it is asked for
}
NEVER = {"eval", "exec", "compile", "__import__", "torch.jit.load", "torch.hub.load", "yaml.load", "tempfile.mktemp"}


def calls(path: Path) -> Iterator[tuple[str, dict[str, object], int]]:
    """Every call in a file: what is called, its keyword arguments that are constants, the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            given = {each.arg or "**": getattr(each.value, "value", None) for each in node.keywords}
            yield ast.unparse(node.func), given, node.lineno


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_that_is_read_runs_code(package: str) -> None:
    for path in PACKAGES[package].rglob("*.py"):
        for name, given, line in calls(path):
            place = f"{path.name}:{line} calls {name}"
            assert name not in NEVER, place
            assert "allow_pickle" not in given, place
            if name.endswith(".load") and name.partition(".")[0] in ("torch", "np", "numpy"):
                assert LOADERS[name].items() <= given.items(), place


@pytest.mark.parametrize("package", PACKAGES)
def test_no_shell_and_no_name_among_temporary_files_that_others_could_know(package: str) -> None:
    for path in PACKAGES[package].rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "/tmp/" not in text and "os.system" not in text, path
        shells = [line for name, given, line in calls(path) if given.get("shell") or name == "os.popen"]
        assert not shells, f"{path}:{shells}"
