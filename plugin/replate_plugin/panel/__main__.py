"""`python -m replate_plugin.panel [PLATE|JOB]`: the panel where the command line is not at hand, as beside a host."""

from __future__ import annotations

import sys
from pathlib import Path

from .app import run

sys.exit(run(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
