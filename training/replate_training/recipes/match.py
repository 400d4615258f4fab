"""Match: a few frames of a shot, and what they should become.

Data: pairs of frames, cut into small patches, so that three frames are thousands of examples (Texler et al.,
"Interactive video stylization using few-shot patch-based training", 2020), a stop up and down. Network: a grade and a
drawing that are added to the plate, from scratch or from an earlier look. Objective: Charbonnier, edges and features
against the artist's frame, steadiness under shift and noise; at the end a short hinge game on patches, for the
crispness that averages lose.
"""

from ..judging.lesson import Paired
from ..material.matching import Matched
from ..networks import Architecture
from ..recipe import Adversary, Recipe, Schedule

RECIPE = Recipe(
    name="match",
    title="Match",
    description="A look that was shown on a few frames of a shot, for the rest of it.",
    data=Matched(),
    generator=Architecture(family="match"),
    lesson=Paired(pixels=1.0, edges=1.0, features=0.02, steady=0.2),
    adversary=Adversary(objective="hinge", weight=0.002),
    crop=128,
    margin=16,
    batch=8,
    rate=2e-3,
    minutes=5.0,
    schedule=Schedule(judge=0.80, play=0.85),
)
