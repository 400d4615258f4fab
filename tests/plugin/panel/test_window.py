"""On a screen with a window manager: Xvfb and Openbox, driven by xdotool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import ROOT

_OPENS = "from PySide6.QtWidgets import QApplication; QApplication([])"


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which programs show their windows on a screen of their own."""
    for program in ("Xvfb", "openbox", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed; apt-get install xvfb openbox xdotool")
    receive, send = os.pipe()
    words = ["Xvfb", "-displayfd", str(send), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[send], stderr=subprocess.DEVNULL)
    os.close(send)
    with os.fdopen(receive) as told:
        display = f":{told.readline().strip()}"
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "HOME": str(tmp_path)}
    manager = subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL)
    try:
        if subprocess.run([sys.executable, "-c", _OPENS], env=environment, capture_output=True).returncode:
            pytest.skip("Qt cannot open a window; apt-get install libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1")
        yield environment
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()


def test_the_story_is_told_on_a_screen(screen: dict[str, str]) -> None:
    pytest.importorskip("torch", reason="the training's extra is not installed")
    story = Path(__file__).with_name("story.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(story)]
    told = subprocess.run(command, env=screen, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout[-4000:]
