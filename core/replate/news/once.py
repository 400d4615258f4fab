"""Warnings that are likely to hold for many frames."""

from __future__ import annotations

import logging

from ..frame import Frame

__all__ = ["Once"]


class Once:
    """Warns of each thing at the first frame that it holds for."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._told: set[str] = set()

    def __call__(self, frame: Frame, text: str) -> None:
        """Warn of `text` at `frame`, unless that was told."""
        if text not in self._told:
            self._told.add(text)
            self._log.warning("frame %d: %s", frame.number, text)
