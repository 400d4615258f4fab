"""Silver: colour to black-and-white film.

Data: photographs and footage, exposed over eight stops, clipped light opened up. Teacher: the film of
`teachers.film`. Network: the residual generator with one output channel around the film's response. Objective:
Charbonnier, edges and features against the teacher, steadiness under shift, noise and exposure; then a short
least-squares game against the teacher's own results, for their crispness.
"""

from ..judging.lesson import Paired
from ..material.teaching import Taught
from ..networks import Architecture
from ..recipe import Adversary, Recipe, Schedule
from ..teachers.film import RESPONSE, film

RECIPE = Recipe(
    name="silver",
    title="Silver",
    description="Black-and-white film: tonal response behind a light orange filter, halation, crisp edges, no grain.",
    licence="Apache-2.0",
    commercial_use=True,
    data=Taught(teacher=film),
    generator=Architecture(family="residual", options={"mono": RESPONSE, "deep": 4, "fine": 2}),
    lesson=Paired(pixels=1.0, edges=2.0, features=0.0, steady=0.5),
    adversary=Adversary(objective="squares", weight=0.002),
    schedule=Schedule(judge=0.80, play=0.85),
)
