"""The step that makes a movie of the frames that were rendered."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError
from ..job import Job
from ..media import MOVIE_SUFFIXES
from ..media.movie_codecs import CONTAINERS
from . import offers, rendering
from .offers import Offer, parameters_of
from .steps import Part, Step, frames_option

__all__ = ["part"]


def part(movie: str, job: Job, given: list[Offer]) -> Part:
    """Movie, after Render; `given` are the words of the plate and the output, then others of the render.

    Rate, sound and time code come from a plate that is a movie, else the rate from the frames. Raises UsageError where
    the job renders no frames, or `movie` is no movie.
    """
    if not rendering.is_chunked(job):
        raise UsageError(f"{job.output} is no sequence to make a movie of; render frames, as in out.%04d.exr")
    if Path(movie).suffix.lower() not in CONTAINERS:
        raise UsageError(f"{movie} does not end like a movie; name one of {' '.join(sorted(CONTAINERS))}")
    plate, output = given[:2]
    made = offers.file("movie", str(Path(movie).absolute()), flow="OUT")
    words = ["movie", output.word, made.word, frames_option("{{Param.frames}}")]
    kind = Path(job.inputs["plate"]).suffix.lower()
    if kind in MOVIE_SUFFIXES:
        words.append(f"--like={plate.word}")
    # Frames of the plate's kind are in the plate's space.
    told = ("--ocio=", "--display=", *(["--color-space="] if kind == Path(job.output).suffix.lower() else []))
    words += [offer.word for offer in given if offer.word.startswith(told)]
    step = Step(name="Movie", words=tuple(words), after=(rendering.STEP,))
    return Part(parameters=parameters_of([made]), steps=(step,))
