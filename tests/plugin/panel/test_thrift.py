"""What a panel of its own does with memory, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
from pathlib import Path
from PySide6.QtGui import QImage
from replate_plugin.panel import theme

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

def picture():
    image = QImage(1920, 1080, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(7)
    return image

application = theme.application()
made = []

def make():
    made.append((picture(), QImage(2, 2, QImage.Format.Format_ARGB32)))

for _ in range(2):  # the C library learns how large pictures are from the first that are freed
    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    begun = resident()
    made = [(None, small) for _, small in made]
print(begun - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux alone can be told")
def test_pictures_that_were_made_in_threads_leave_nothing_behind() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 7 * 1920 * 1080 * 4
