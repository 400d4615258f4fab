"""DCGAN: noise to picture, more of what a folder holds.

Data: pictures, whole or cut into crops, no pairs and no plates; 128 Gaussian numbers z in. Networks: transposed
convolutions up from 4 x 4 pixels, strided ones down to one logit (Radford et al., 2016), which also sees how much a
batch varies. Objective: nothing but the game, relativistic with R1 and R2 (R3GAN, Huang et al., 2024), both sides at
the same constant rate from the first step.
"""

from ..judging.lesson import Untaught
from ..material.drawn import Drawn
from ..networks import Architecture
from ..recipe import Adversary, Recipe, Schedule

RECIPE = Recipe(
    name="dcgan",
    title="DCGAN",
    description="Noise to picture: every seed another picture like those of a folder, between seeds a way.",
    kind="effect",
    data=Drawn(noise=128),
    generator=Architecture(family="dcgan", options={"noise": 128, "width": 32}),
    lesson=Untaught(),
    adversary=Adversary(
        objective="relativistic",
        weight=1.0,
        gamma=0.05,
        rate=5e-4,
        critic=Architecture(family="whole", options={"width": 32}),
    ),
    schedule=Schedule(judge=0.0, play=0.0, constant=True),
    margin=0,
    batch=16,
    rate=5e-4,
    betas=(0.0, 0.99),
)
