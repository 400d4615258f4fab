"""Where a job gets generator, sources and node from. A warm process keeps some of them from one job to the next."""

from __future__ import annotations

from contextlib import AbstractContextManager

from .generator import Generator
from .job import Job
from .media import Source, open_source
from .media.source import Missing
from .nodes import Engine, Node

__all__ = ["Workshop"]


class Workshop:
    """Loads and opens everything anew for every job, which is what the command line wants."""

    def generator(self, name: str, *, device: str, threads: int | None) -> Generator:
        """A generator by name or path; see `Generator.load`."""
        return Generator.load(name, device=device, threads=threads)

    def source(self, path: str, *, missing: Missing, space: str | None) -> AbstractContextManager[Source]:
        """A source, open for the length of a `with` block; see `open_source`."""
        return open_source(path, missing=missing, space=space)

    def node(self, job: Job, kind: type[Node], engine: Engine) -> Node:
        """The node of a job whose sources are open."""
        return kind(engine)
