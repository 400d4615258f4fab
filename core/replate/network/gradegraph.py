"""The grade that a generator sees a plate through (`grade`), as ONNX and as its inputs: keyframes need no new graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..color.curves import MatrixCurve
from ..picture.grade import Grade
from .onnxgraph import GraphWriter

__all__ = ["GREY", "INTO", "OUT_OF", "POWER", "ROOT", "numbers", "power", "steps"]

INTO, OUT_OF = "replate/into", "replate/out_of"
"""3 x 3: the colour transform's matrix and the grade's as one, and its inverse."""

ROOT, POWER, GREY = "replate/root", "replate/power", "replate/grey"
"""One number each: 1 / gamma, gamma, and how much colour is taken away."""

_LARGEST = 69.0  # the natural logarithm of 1e30; no light is brighter


def steps(grade: Grade) -> dict[str, bool]:
    """The fields of `graph.Parts` for this grade; all of them False where it does nothing."""
    matrix = grade.exposure != 0 or grade.saturation != 1
    return {"matrix": matrix, "gamma": grade.gamma != 1, "grey": grade.grey != 0}


def numbers(grade: Grade, colour: MatrixCurve) -> dict[str, npt.NDArray[np.float32]]:
    """The inputs by name, float32; those of steps that do nothing are left out."""
    into = grade.matrix @ np.reshape(colour.matrix, (3, 3))
    values: dict[str, dict[str, Any]] = {
        "matrix": {INTO: into, OUT_OF: np.linalg.inv(into)},
        "gamma": {ROOT: [1 / grade.gamma], POWER: [grade.gamma]},
        "grey": {GREY: [grade.grey]},
    }
    taken = [values[step] for step, wanted in steps(grade).items() if wanted]
    return {name: np.asarray(value, np.float32) for each in taken for name, value in each.items()}


def power(g: GraphWriter, x: str, exponent: str) -> str:
    """sign(x) |x| ** exponent, within the range of float32; by Exp and Log as in `curvegraph`."""
    log = g("Mul", g("Log", g("Abs", x)), exponent)
    return g("Mul", g("Exp", g("Clip", log, -_LARGEST, _LARGEST)), g("Sign", x))
