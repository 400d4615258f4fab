"""Without windows: knobs from a file, progress and what there is to say as lines in the Console."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..host.baking import Progress
from ..host.declared import Node
from .choice import Choice, preset
from .desk import Tune, Watched

__all__ = ["Console"]


class Console:
    """Takes what the file of the node says, which is made with the first run, and writes to the Console."""

    def ask(self, node: Node, choice: Choice, clips: Sequence[str], tune: Tune) -> Choice | None:
        """The choice as it is; it says where it can be changed."""
        _say(f"{node.title}: {', '.join(clips)}. Knobs are those of {preset(node)}; change them there.")
        return choice

    def keep(self, node: Node, choice: Choice) -> None:
        """In the node's file where there is none yet: later it is the artist's own."""
        if not preset(node).exists():
            replace(choice, clip="").save(node)

    def tell(self, title: str, lines: Sequence[str]) -> None:
        """A line each."""
        for line in lines:
            _say(f"{title}: {line}")

    @contextlib.contextmanager
    def progress(self, title: str) -> Iterator[Watched]:
        """A line for every tenth of the way; there is no way to cancel."""
        told = -1

        def show(progress: Progress) -> None:
            nonlocal told
            if int(progress.fraction * 10) != told:
                told = int(progress.fraction * 10)
                _say(f"{title}: {progress.fraction:.0%}  {progress.text}")

        yield show, lambda: False


def _say(line: str) -> None:
    sys.stdout.write(f"Replate: {line}\n")
