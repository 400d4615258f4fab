"""Replate: Style, Effect and Removal for production plates, one pure function a frame."""
