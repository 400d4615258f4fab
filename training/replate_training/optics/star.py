"""Stars: what diffraction at an iris makes of a point of white light."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from .aperture import Iris, opening
from .spectrum import GREEN, responses, wavelengths

__all__ = ["ray", "star"]

Array = npt.NDArray[np.float64]

_SIDE = 4096  # samples of the transform
_RADIUS = 512  # of the iris in them: the middle spot is ten samples wide, and the pattern reaches four hundred of it


def star(iris: Iris, *, side: int, lobe: float, waves: int = 48) -> Array:
    """The point spread function of an iris, side x side x 3 (R G B of ACEScg), each channel's sum 1; side is odd.

    Fraunhofer diffraction: intensity is |FFT(opening)|^2, scaled by wavelength (Goodman, "Introduction to Fourier
    optics", section 4.4; Kakimoto et al., "Glare generation based on wave optics", 2004). `lobe` is half the width of
    the middle spot in pixels at 550 nm, up to the first dark ring of a round iris.
    """
    around = (_SIDE - 2 * _RADIUS) // 2
    iris_in_dark = np.pad(opening(iris, side=2 * _RADIUS, radius=_RADIUS - 2.0), around)
    intensity = np.abs(np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(iris_in_dark)))) ** 2
    samples = 0.61 * _SIDE / _RADIUS / lobe  # of the transform in a pixel
    result, shares = np.zeros((side, side, 3)), responses(wavelengths(waves))
    for wave, share in zip(wavelengths(waves), shares, strict=True):
        result += share * _scaled(intensity, samples * GREEN / wave, side)[..., None]
    summed: Array = result / result.sum((0, 1))
    return summed


def ray(x: Array, size: float) -> Array:
    """One ray of a six-bladed star along x (any shape, pixels), in pixels of a row, its sum 1; `size` is a star's
    `lobe`.

    What lies across the ray is summed: a ray is drawn as thin as a pixel. Fringes are those of light as broad in
    wavelengths as green; red and blue rays are longer and shorter in proportion.
    """
    places, table = _row()
    u = abs(x) / size
    tail = table[-1] * (places[-1] / np.maximum(u, places[-1])) ** 2  # diffraction at a straight edge
    result: Array = np.where(u > places[-1], tail, np.interp(u, places, table)) / size
    return result


@cache
def _row() -> tuple[Array, Array]:
    """The ray's light by distance in lobes, one side, up to where fringes no longer show."""
    lobe, reach = 8.0, 20
    side = 2 * int(lobe * reach) + 1
    across, along = np.mgrid[:side, :side] - side // 2
    pattern = star(Iris(blades=6, angle=30), side=side, lobe=lobe)[..., 1]
    line = np.where(abs(across) <= np.tan(np.pi / 6) * abs(along), pattern, 0).sum(0)
    line = (line + line[::-1])[side // 2 :] / 2
    places = np.arange(len(line)) / lobe
    far = places > reach / 2
    line[far] = (line * places**2)[far].mean() / places[far] ** 2
    whole = 2 * (np.trapezoid(line, places) + line[-1] * places[-1])
    return places, line / whole


def _scaled(intensity: Array, samples: float, side: int) -> Array:
    """The pattern with so many samples to a pixel, energy kept."""
    finer = 3  # points in a pixel, each way
    step = samples / finer
    soft = cv2.GaussianBlur(intensity, (0, 0), max(0.4 * step, 1e-3)) if step > 1 else intensity
    middle, inner = len(intensity) // 2, side * finer
    warp = np.array([[step, 0, middle - step * (inner - 1) / 2], [0, step, middle - step * (inner - 1) / 2]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    fine = cv2.warpAffine(soft, warp, (inner, inner), flags=flags, borderMode=cv2.BORDER_CONSTANT)
    scaled: Array = step**2 * fine.reshape(side, finer, side, finer).sum((1, 3))
    return scaled
