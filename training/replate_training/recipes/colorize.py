"""Colorize: black and white to colour, guided by hints.

Data: photographs and footage, turned black and white by a film's response, exposed over six stops; hints as an artist
gives them (points of many sizes) or as motion brings them from a coloured frame (dense, a little out of place, with
holes), and none at all. Network: the colorist, a classical propagation of hints with a learnt finish, which computes
colour alone and leaves the plate its luminance. Objective: Charbonnier and edges against the truth, steadiness under
shift, noise and exposure. No game is played: seventy photographs cannot teach what colour things have, so a critic
would only ask for more of it, and what hints say is not to be embellished.
"""

from ..judging.lesson import Paired
from ..material.hinting import Coloured
from ..networks import Architecture
from ..recipe import Recipe

RECIPE = Recipe(
    name="colorize",
    title="Colorize",
    description="Black and white to colour, guided by hints: painted dots or coloured frames of the shot.",
    licence="Apache-2.0",
    commercial_use=True,
    data=Coloured(),
    generator=Architecture(family="colorist"),
    lesson=Paired(pixels=1.0, edges=0.5, features=0.0, steady=0.25),
    adversary=None,
    crop=240,
    margin=16,
    batch=2,
)
