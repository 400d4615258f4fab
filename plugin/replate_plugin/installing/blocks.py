"""A few lines of ours in a file of the user's, put in and taken out so that every other byte stays.

A block begins with its own line end, so it can follow a last line that has none; it is always put in and taken out as
the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["block", "with_block", "without"]

_BEGIN, _END = b"# >>> Replate: written and removed by install.py hosts >>>", "# <<< Replate <<<"


def block(lines: str) -> str:
    """These lines between our marks."""
    return f"\n{_BEGIN.decode()}\n{lines}\n{_END}\n"


def with_block(content: bytes, new: str, old: Iterable[str] = ()) -> bytes | None:
    """The content with the block in it, in place of an old one; None where somebody has changed what was ours."""
    if content.count(new.encode()) == 1:
        return content
    for text in old:
        if content.count(text.encode()) == 1:
            return content.replace(text.encode(), new.encode())
    return None if _BEGIN in content else content + new.encode()


def without(content: bytes, old: Iterable[str]) -> bytes | None:
    """The content as it would be had the block never come; None where somebody has changed what was ours."""
    for text in old:
        if content.count(text.encode()) == 1:
            return content.replace(text.encode(), b"")
    return None if _BEGIN in content else content
