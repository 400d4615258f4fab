"""Painted: live action to painting.

Data: photographs and footage, exposed over eight stops; paintings for the critic. Teacher: the classical painter of
`teachers.painter`. Network: the residual generator on top of a fixed brush: told to add to the plate itself, it never
learnt to take the plate's detail away. Objective: Charbonnier, edges and features against the teacher, steadiness under
shift, noise and exposure; then a hinge game in which half of what is real comes from the paintings and half from the
teacher, for crisp strokes that averages of strokes have not.
"""

from ..judging.lesson import Paired
from ..material.teaching import Taught
from ..networks import Architecture
from ..recipe import Adversary, Recipe, Schedule
from ..teachers.painter import paint

RECIPE = Recipe(
    name="painted",
    title="Painted",
    description="Live action to painting: planes of rich colour, strokes along the form, bristles and contour lines.",
    licence="GPL-2.0-or-later",
    commercial_use=True,
    data=Taught(teacher=paint, scales=(640, 360), share=0.5),
    generator=Architecture(family="residual", options={"deep": 4, "fine": 2, "brush": True}),
    lesson=Paired(pixels=1.0, edges=2.0, features=0.02, steady=0.5),
    adversary=Adversary(objective="hinge", weight=0.004),
    batch=4,
    schedule=Schedule(judge=0.66, play=0.70),
)
