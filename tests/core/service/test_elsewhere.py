"""A system without Unix sockets, user ids, file locks of POSIX or a folder in memory, as Windows is one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from services import ROOT, end

from .conftest import Shot

WITHOUT = """
import fcntl, os, socket, subprocess, sys, types  # subprocess first: it takes msvcrt for a sign of Windows
locks = types.ModuleType("msvcrt")
locks.LK_UNLCK, locks.LK_LOCK, locks.LK_NBLCK = range(3)
def locking(handle, how, count, posix=fcntl):
    kind = (posix.LOCK_UN, posix.LOCK_EX, posix.LOCK_EX | posix.LOCK_NB)[how]
    posix.lockf(handle, kind, count, os.lseek(handle, 0, os.SEEK_CUR))
locks.locking = locking
sys.modules["msvcrt"], sys.modules["fcntl"] = locks, None
for module, names in ((os, ("getuid", "posix_fallocate")), (socket, ("AF_UNIX", "SO_PEERCRED"))):
    for name in names:
        delattr(module, name)
def socketpair(*how):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        near = socket.create_connection(listener.getsockname())
        return near, listener.accept()[0]
socket.socketpair = socketpair
access = os.access
os.access = lambda path, mode, **how: str(path) != "/dev/shm" and access(path, mode, **how)
"""
USE = """
import json, os, signal, sys
from pathlib import Path
from replate_plugin.client import Service, ServiceError
folder, job = Path(sys.argv[1]), json.loads(sys.argv[2])
with Service(folder=folder) as service:
    with service.preview(job, 5) as picture:
        pixels = picture.pixels.tolist()
        shared = picture.facts["file"]
    facts = json.loads((folder / "service.json").read_text())
    os.kill(facts["pid"], signal.SIGKILL)
    news = []
    report = service.render(job, on_news=lambda message: news.append(message["type"]))
    again = json.loads((folder / "service.json").read_text())["pid"]
    print(json.dumps([pixels, shared, "port" in facts, report["done"], news.count("note") > 0, again != facts["pid"]]))
    service.shutdown()
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(WITHOUT)
    path = os.pathsep.join([str(tmp_path / "site"), str(ROOT / "core"), str(ROOT / "plugin")])
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" "$@"\n')
    script.chmod(0o755)
    return {**os.environ, "PYTHONPATH": path, "REPLATE_PYTHON": str(script)}


def test_previews_renders_and_a_crash(shot: Shot, tmp_path: Path, environment: dict[str, str]) -> None:
    job = shot.job(tmp_path)
    command = [sys.executable, "-c", USE, str(tmp_path / "run"), json.dumps(job)]
    try:
        told = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert told.returncode == 0, told.stderr
        pixels, shared, is_port, done, is_said, is_another = json.loads(told.stdout)
    finally:
        end(tmp_path / "run")
    assert Path(shared).is_relative_to(tmp_path / "run"), "there is no folder in memory"
    assert (is_port, is_said, is_another) == (True, True, True)
    assert done == "1-40"
    assert shot.is_told(np.array(pixels, np.float32).reshape(96, 128, -1), 5)
    shot.check(tmp_path)
