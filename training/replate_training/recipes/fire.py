"""Fire: the detail of flames, learnt from a simulation.

Data: hot air that rises, cools and smokes in a thin slab, simulated where no takes are given; the same made coarse,
with noise carried along; and the renderer's own coarse field, for which nobody knows the truth. Network: layers at half
and a quarter of the resolution whose result is added to the coarse field. Objective: L1, edges, strength of detail, and
that the coarse field is kept; then a hinge game against critics of a picture and of three in a row, brought into line
by the flow (tempoGAN, Xie et al., 2018).
"""

from ..judging.refined import Refined, lively
from ..material.flames import Flames
from ..networks import Architecture
from ..recipe import Adversary, Recipe, Schedule

RECIPE = Recipe(
    name="fire",
    title="Fire",
    description="Flames from an emitter: a field that any frame has by itself, with the detail of a simulation.",
    licence="Apache-2.0",
    commercial_use=True,
    kind="effect",
    family="field",
    space="Raw",
    data=Flames(kind="fire"),
    generator=Architecture(family="refine"),
    lesson=Refined(pixels=0.25, edges=0.25, texture=1.0, kept=1.0),
    adversary=Adversary(objective="hinge", weight=0.1, rate=4e-4, score=lively, critic=Architecture(family="flow")),
    schedule=Schedule(judge=0.08, play=0.10),
    score=lively,
    minutes=60,
    crop=144,
    margin=24,
    batch=12,
    rate=1e-3,
    betas=(0.5, 0.99),
)
