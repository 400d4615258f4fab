"""Into a generator's space and back: by OpenColorIO, and as numbers for the fused graph where that is the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .config import per_config
from .curves import CANDIDATES, IDENTITY, NOTHING, Curve, Linear, MatrixCurve
from .spaces import convert, reference_space, resolve_space

__all__ = ["Transform", "transform"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Transform:
    """From `source` to `target` and back, H x W x 3 float32.

    `forward` and `inverse` run OCIO, the plain path; `fused` holds the same transform as numbers where it is a curve,
    a matrix and a curve: it was compared with OCIO over the whole range when this was made. `curve` turns values of
    the target space into linear light; None where the target has no such curve.
    """

    source: str
    target: str
    fused: MatrixCurve | None
    curve: Curve | None = None

    @property
    def within(self) -> MatrixCurve:
        """From the target space to itself by way of linear light; its values are taken for that where no curve fits."""
        curve = self.curve or Linear()
        return MatrixCurve(curve, IDENTITY, curve)

    def forward(self, rgb: Array) -> Array:
        """From the source space to the target space."""
        return convert(rgb, self.source, self.target)

    def inverse(self, rgb: Array) -> Array:
        """From the target space back to the source space."""
        return convert(rgb, self.target, self.source)


def transform(source: str, target: str = "ACEScct") -> Transform:
    """The transform between two spaces, made once; raises UsageError for a name that the config lacks."""
    return _transform(resolve_space(source), resolve_space(target))


@per_config
def _transform(source: str, target: str) -> Transform:
    far = _fit(target)
    return Transform(source, target, _fuse(source, target), None if far is None else far.curve)


def _fuse(source: str, target: str) -> MatrixCurve | None:
    """The transform as curve, matrix, curve; None where OCIO's numbers say that it is something else."""
    if source == target:
        return NOTHING
    near, far = _fit(source), _fit(target)
    if near is None or far is None:
        return None
    fused = MatrixCurve(near.curve, _clean(np.linalg.inv(far.matrix) @ near.matrix), far.curve)
    there = _agree(fused, _probe(near.curve), source, target)
    back = _agree(fused.inverse, _probe(far.curve), target, source)
    return fused if there and back else None


def _clean(matrix: Array) -> tuple[float, ...]:
    """Exactly the identity where that is meant, so that no channel leaks rounding into another."""
    near = np.abs(matrix - np.eye(3)).max() < 2e-5
    return IDENTITY if near else tuple(matrix.ravel().tolist())


@dataclass(frozen=True, slots=True)
class _Fit:
    """How a space decodes: a curve, then a matrix to the reference space; `error` is relative."""

    curve: Curve
    matrix: Array
    error: float


@per_config
def _fit(space: str) -> _Fit | None:
    """The candidate curve, and the matrix, that explain OCIO's numbers for `space` best; None where none comes near."""
    encoded = np.random.default_rng(0).uniform(-0.1, 1.0, (1, 512, 3)).astype(np.float32)
    linear = convert(encoded, space, reference_space())[0].astype(np.float64)
    fits = [_fit_curve(curve, encoded[0].astype(np.float64), linear) for curve in CANDIDATES]
    best = min(fits, key=lambda fit: fit.error)
    return best if best.error < 1e-3 else None


def _fit_curve(curve: Curve, encoded: Array, linear: Array) -> _Fit:
    decoded = curve.decode(encoded)
    weight = 1 / (np.abs(linear).max(axis=1, keepdims=True) + 1e-3)
    matrix = np.linalg.lstsq(decoded * weight, linear * weight, rcond=None)[0].T
    return _Fit(curve, matrix, float(np.abs((decoded @ matrix.T - linear) * weight).max()))


def _probe(curve: Curve) -> Array:
    """1 x N x 3 values of a space with this curve: small and large, mixed signs, greys and saturated."""
    random = np.random.default_rng(1)
    if isinstance(curve, Linear):
        size = 10 ** random.uniform(-6, 4, (1, 4096, 1)) * random.uniform(-0.1, 1, (1, 4096, 3))
        return size.astype(np.float32)
    return random.uniform(-0.2, 1.2, (1, 4096, 3)).astype(np.float32)


def _agree(fused: MatrixCurve, probe: Array, source: str, target: str) -> bool:
    """Whether the numbers are OCIO's, compared in linear light relative to the pixel's largest value.

    Rounding in float32 costs up to 1e-5 of the value (LogC3, whose published constants have six digits). The nearest
    wrong curve (gamma 2.2 for 2.19921875) misses the bound a hundred times over.
    """
    results = fused(probe), convert(probe, source, target)
    ours, theirs = (fused.encode.decode(values.astype(np.float64)) for values in results)
    size = np.abs(theirs).max(axis=-1, keepdims=True)
    return bool((np.abs(ours - theirs) <= 2e-5 * size + 1e-6).all())
