"""Answers of Resolve, which are None or False where something went wrong."""

from __future__ import annotations

from typing import Any, TypeVar

from ..errors import ServiceError

__all__ = ["STUDIO", "is_studio", "media_pool", "must", "offers", "track_count"]

STUDIO = "DaVinci Resolve Studio"

Answer = TypeVar("Answer")


def must(answer: Answer | None, sentence: str) -> Answer:
    """What a call answered; raises ServiceError with the sentence for None, False and nothing in it. 0 is an answer."""
    if answer is None or answer is False or answer == "" or answer == []:
        raise ServiceError(sentence)
    return answer


def media_pool(project: Any) -> Any:
    """The project's media pool; raises ServiceError where Resolve does not hand it out."""
    return must(project.GetMediaPool(), "the media pool cannot be reached; open a project and start again")


def track_count(timeline: Any) -> int:
    """How many video tracks there are; raises ServiceError where Resolve does not say."""
    return int(must(timeline.GetTrackCount("video"), "Resolve does not say how many tracks the timeline has"))


def offers(thing: Any, name: str) -> bool:
    """Whether this Resolve has a call; `hasattr` says yes to any name."""
    return name in dir(thing)


def is_studio(resolve: Any) -> bool:
    """Whether it is the Studio edition; asking the other one for what only Studio has opens a window that blocks."""
    return bool(resolve.GetProductName() == STUDIO)
