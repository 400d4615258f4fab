"""Replate: Style, Effect and Removal for production plates, one pure function a frame."""

import os

__version__ = "0.1.0"

# From version 1.29 on ONNX Runtime tells its makers what it runs, on every system, unless this is set before it is
# loaded. Whatever loads it here imports this package first; programs that are started inherit it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
