"""Style: plates in the manner of other pictures, of which one is enough; nothing is paired.

Data: plates, exposed over six stops, and pictures of the look. Network: the residual generator on top of a fixed brush,
so that no detail of the plate is left but what the network draws. Objective: features of the plate, but colours and
small patches like the look's (sliced Wasserstein distances, which need no critic), steadiness
under shift, noise and exposure; then a hinge game against the pictures of the look, for what no statistic says.
"""

from ..judging.likeness import Likeness
from ..material.unpaired import Unpaired
from ..networks import Architecture
from ..recipe import Adversary, Recipe, Schedule

RECIPE = Recipe(
    name="style",
    title="Style",
    description="Plates in the colours and the brushwork of other pictures.",
    data=Unpaired(),
    generator=Architecture(family="residual", options={"deep": 4, "fine": 2, "brush": True}),
    lesson=Likeness(content=0.03, palette=1.0, brushwork=1.0, steady=2.0),
    adversary=Adversary(objective="hinge", weight=0.02),
    minutes=60.0,
    batch=4,
    crop=176,
    schedule=Schedule(judge=0.60, play=0.65),
)
