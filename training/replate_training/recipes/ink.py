"""Ink: live action to a drawing in line and flat colour.

Data: photographs and footage, exposed over eight stops. Teacher: the classical inker of `teachers.inker`. Network: the
residual generator on top of a fixed brush, which already takes fine detail away. Objective: Charbonnier, edges and
features against the teacher, steadiness under shift, noise and exposure; then a short hinge game against the teacher's
own results, for lines as black as ink.
"""

from ..judging.lesson import Paired
from ..material.teaching import Taught
from ..networks import Architecture
from ..recipe import Adversary, Recipe, Schedule
from ..teachers.inker import ink

RECIPE = Recipe(
    name="ink",
    title="Ink",
    description="Live action to a drawing: black contour lines around planes of flat, rich colour.",
    licence="Apache-2.0",
    commercial_use=True,
    data=Taught(teacher=ink, scales=(640, 360)),
    generator=Architecture(family="residual", options={"deep": 4, "fine": 2, "brush": True}),
    lesson=Paired(pixels=1.0, edges=2.0, features=0.02, steady=0.5),
    adversary=Adversary(objective="hinge", weight=0.004),
    batch=4,
    schedule=Schedule(judge=0.70, play=0.75),
)
