"""The motion of one plane, and motion that is continued from it."""

from __future__ import annotations

import cv2
import numpy as np

from ..picture.motion import grid
from .pyramid import pyramid_fill
from .views import Array

__all__ = ["continued", "homography", "planar", "plane_of"]

RANSAC = 1.0  # pixels by which a point may miss a plane's motion
FEWEST = 50  # points that are enough for a plane
POINTS = 2500  # that a plane's motion is fitted to


def planar(plane: Array, shape: tuple[int, ...]) -> Array:
    """The motion of every pixel of a plane (3 x 3), H x W x 2."""
    here = grid(shape)
    moved: Array = cv2.perspectiveTransform(here.reshape(-1, 1, 2), plane)
    return moved.reshape(here.shape) - here


def plane_of(motion: Array, sure: Array) -> Array:
    """The homography that most of what is `sure` moves by, 3 x 3; no motion where too little is sure."""
    rows, columns = np.nonzero(sure)
    every = max(1, len(rows) // POINTS)
    points = np.stack([columns[::every], rows[::every]], -1).astype(np.float32)
    return homography(np.stack([points, points + motion[rows[::every], columns[::every]]], 1))


def homography(pairs: Array, miss: float = RANSAC) -> Array:
    """3 x 3, fitted to pairs of points (N x 2 x 2) that it may `miss` by so many pixels; none from fewer than a few."""
    if len(pairs) < FEWEST:
        return np.eye(3)
    cv2.setRNGSeed(1)
    found, _ = cv2.findHomography(pairs[:, 0], pairs[:, 1], cv2.RANSAC, miss)
    return np.eye(3) if found is None else np.asarray(found)


def continued(motion: Array, sure: Array, plane: Array, where: Array) -> Array:
    """`motion` (H x W x 2); `where` (H x W bool) it is the plane's, and what `sure` pixels around have beside it."""
    base = planar(plane, motion.shape)
    beside = pyramid_fill((motion - base).astype(np.float32), 1 - sure[..., None].astype(np.float32))
    return np.where(where[..., None], base + beside, motion)
