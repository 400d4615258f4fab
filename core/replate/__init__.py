"""Replate: Style, Effect and Removal for production plates, one pure function a frame."""

__version__ = "0.1.0"
