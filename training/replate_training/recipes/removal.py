"""Removal: what a hole might hide, where no frame shows it.

Data: photographs and footage at any exposure and with grain, holes as wires, markers, brushes, things and people leave
them, up to a third of a crop, filled smoothly; of some a part is known as another frame shows it, a little out of place
(free-form holes: Yu et al., 2019). Network: dilated layers at an eighth of the resolution, whose result is added in the
hole alone, and texture that is filtered from chance. Objective: L1, edges, features, strength of texture and no grid;
then a hinge game on the patches that touch the hole (Suvorov et al., "Resolution-robust large mask inpainting with
Fourier convolutions", 2022, section 2.3.3), because what is likely is sharp and its average is not.
"""

from ..judging.filled import Filled, worth
from ..material.filling import Holes
from ..networks import Architecture
from ..recipe import Adversary, Recipe, Schedule

RECIPE = Recipe(
    name="removal",
    title="Fill",
    description="What a hole might hide: structure carried on from its border, and texture like that around it.",
    licence="Apache-2.0",
    commercial_use=True,
    kind="removal",
    data=Holes(),
    generator=Architecture(family="fill"),
    lesson=Filled(pixels=2.0, edges=0.25, texture=1.0, grid=2.0, features=0.005, steady=0.1),
    adversary=Adversary(
        objective="hinge",
        weight=0.02,
        rate=4e-4,
        score=worth,
        critic=Architecture(family="patch", options={"gain": 8.0, "reach": 2}),
    ),
    schedule=Schedule(judge=0.70, play=0.75),
    score=worth,
    crop=256,
    margin=16,
    rate=1e-3,
    betas=(0.9, 0.99),  # the game's slopes are larger than the lesson's: with a long memory its first steps are leaps
)
