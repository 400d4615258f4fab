"""install.py: what it says when it cannot go on, and that it does nothing twice."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def install(tmp_path: Path) -> ModuleType:
    """The script as a module, at home in an empty folder."""
    for name in ("install.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    spec = importlib.util.spec_from_file_location("install", tmp_path / "install.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_unknown_verb_shows_the_verbs(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, ROOT / "install.py", "dance"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "install.py demo" in done.stdout


def test_python_too_old(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(install.shutil, "which", lambda name: None)
    assert install.main(["setup"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "this is Python 3.9" in said and "3.11" in said


def test_disk_full(install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(install.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 9 * 10**8, 10**8))
    assert install.main(["demo"]) == 1
    assert "0.1 GB are free" in capsys.readouterr().err


def test_no_registry(install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A real environment and a real pip, which is told of a registry that is not there."""
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.setenv(name, "" if "EXTRA" in name or "LINKS" in name else "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_RETRIES", "0")
    assert install.main(["setup"]) == 1
    said = capsys.readouterr().err
    assert "registry cannot be reached" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("gpu", "runtime", "gone"), [(True, "gpu", "onnxruntime"), (False, "cpu", "onnxruntime-gpu")])
def test_one_runtime_never_both(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, gpu: bool, runtime: str, gone: str
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(install, "has_nvidia_gpu", lambda: gpu)
    monkeypatch.setattr(install, "make_venv", lambda: install.VENV.mkdir())
    monkeypatch.setattr(install, "pip", calls.append)
    install.prepare("test")
    assert calls[0] == ["uninstall", "-y", gone]
    assert calls[1][-1] == f".[{','.join(sorted(['dev', 'export', 'panel', 'training', runtime]))}]"
    install.prepare("test")
    install.prepare("run")
    assert len(calls) == 2, "what is there already is not installed again"


def test_blender_is_installed_apart_and_once(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    made, calls = [], []
    monkeypatch.setattr(install, "runs", lambda program: True)
    monkeypatch.setattr(install.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(install, "make_venv", lambda venv, python: (venv.mkdir(), made.append(python)))
    monkeypatch.setattr(install, "pip", lambda words, venv: calls.append((words, venv.name)))
    install.prepare_blender()
    install.prepare_blender()
    assert made == ["/usr/bin/python3.11"]
    assert calls == [(["install", "bpy==5.0.1", "numpy==1.26.4"], ".venv-bpy")]


def test_without_its_python_blender_is_left_out(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install.shutil, "which", lambda name: None)
    install.prepare_blender()
    assert "tests inside Blender will be skipped" in capsys.readouterr().out
    assert not install.BLENDER.exists()


def test_an_old_python_can_read_it() -> None:
    """Only then can it say what is wrong."""
    compile((ROOT / "install.py").read_text("utf-8"), "install.py", "exec", dont_inherit=True)
    import ast

    ast.parse((ROOT / "install.py").read_text("utf-8"), feature_version=(3, 6))


def test_hosts_takes_what_is_set_up_as_it_is(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without network, also where a newer Replate would want something installed."""
    prepared: list[str] = []
    called: list[list[str]] = []
    monkeypatch.setattr(install, "prepare", prepared.append)
    monkeypatch.setattr(install.subprocess, "call", lambda command, **how: called.append(command) or 0)
    assert install.main(["hosts", "--install", "nuke"]) == 0
    assert prepared == ["run"]
    python = Path(install.tool("python"))
    python.parent.mkdir(parents=True)
    python.touch()
    assert install.main(["hosts"]) == 0
    assert prepared == ["run"]
    assert called == [[str(python), "-m", "replate_plugin.installing", *words] for words in (["--install", "nuke"], [])]
