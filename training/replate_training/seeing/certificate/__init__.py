"""The look's birth certificate: one page with what it does, how it got there and what it is made of."""

from .page import write

__all__ = ["write"]
