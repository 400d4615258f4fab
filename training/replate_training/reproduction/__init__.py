"""Build a shipped look again: its card's command, on data that are fetched by package name."""

from .reproduce import reproduce

__all__ = ["reproduce"]
