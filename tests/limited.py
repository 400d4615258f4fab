"""Replate's command line with little memory left, as a script: `python limited.py MIB render style ...`.

The limit is one on address space, set when everything is loaded that has to be: MIB more than that takes. What then
fails is a real allocation, in whichever library asks for it.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

__all__ = ["run"]


def run(mib: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a child with `mib` MiB to spare."""
    command = [sys.executable, __file__, str(mib), *arguments, "--threads", "1"]
    # One arena of malloc: with several, what a thread reserves would decide whether memory is enough.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def _main(mib: int, arguments: list[str]) -> None:
    import cv2  # noqa: F401  (all that a render may load later)

    import replate.render  # noqa: F401
    from replate.catalogue import shipped
    from replate.cli import main
    from replate.generator import Generator
    from replate.network.device import give_back

    Generator.load(shipped()[0], device="cpu", threads=1).check()
    give_back()
    taken = re.search(r"VmSize:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert taken
    limit = int(taken[1]) * 1024 + mib * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    sys.argv = ["replate", *arguments]
    main()


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2:])
