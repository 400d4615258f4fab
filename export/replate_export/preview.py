"""The small picture on a card."""

from __future__ import annotations

import base64
from pathlib import Path

import cv2

from replate.errors import InputError

__all__ = ["WIDTH", "preview"]

WIDTH = 240
QUALITY = 85


def preview(path: str | Path) -> str:
    """A display-referred picture file as a JPEG at most `WIDTH` pixels wide, in base64; raises InputError."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise InputError(f"the preview {path} cannot be read; give a PNG or JPEG picture", path=path)
    height, width = picture.shape[:2]
    if width > WIDTH:
        size = (WIDTH, max(1, round(height * WIDTH / width)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return base64.b64encode(data.tobytes()).decode("ascii")
