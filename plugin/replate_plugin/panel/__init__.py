"""The panel where an artist tunes: plate and result, knobs with keys, looks, the render queue, training.

`model/` is plain Python and knows no Qt. What needs pixels, colour or networks is asked of the service, so that the
same widgets run in a host, which brings PySide6 and nothing else, and alone, as `replate panel`.
"""

from __future__ import annotations

import ctypes
import sys


def _keep_constants() -> None:
    """PySide6 6.12 takes None, True and False for immortal, which they are from Python 3.12 on: it lets go of them more
    often than it took them. In an older Python that ends the process after some thousand calls, unless there are many
    more references than anybody can let go of."""
    counted = sys.implementation.name == "cpython" and not hasattr(sys, "gettotalrefcount")
    if sys.version_info < (3, 12) and counted:
        for constant in (None, True, False, NotImplemented, Ellipsis):
            ctypes.c_ssize_t.from_address(id(constant)).value += 2**40


_keep_constants()
