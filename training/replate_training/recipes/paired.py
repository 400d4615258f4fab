"""Paired: two folders of pictures, before and after.

Data: any number of pairs under the same names, cut into crops (Isola et al., "Image-to-image translation with
conditional adversarial networks", 2017, without its normalisation). Network: the grade and drawing of `match`, a little
deeper. Objective: Charbonnier, edges and features against the target, steadiness under shift and noise; after three
quarters of the time a hinge game on patches.
"""

from ..judging.lesson import Paired
from ..material.folders import Folders
from ..networks import Architecture
from ..recipe import Adversary, Recipe, Schedule

RECIPE = Recipe(
    name="paired",
    title="Paired",
    description="A look that was shown on pairs of pictures.",
    data=Folders(),
    generator=Architecture(family="match", options={"dilations": (1, 2, 4, 8, 4, 2), "fine": 3}),
    lesson=Paired(pixels=1.0, edges=1.0, features=0.02, steady=0.2),
    adversary=Adversary(objective="hinge", weight=0.003),
    crop=160,
    margin=16,
    batch=6,
    rate=1e-3,
    schedule=Schedule(judge=0.75, play=0.80),
)
