"""Smoke: the detail of smoke, learnt from a simulation as that of fire is (see `fire`).

Data: columns of hot smoke that rise and thin out. Network, objective and critics are those of `fire`; begin from its
look (`--start`) to be done in a third of the time.
"""

from dataclasses import replace

from ..material.flames import Flames
from .fire import RECIPE as FIRE

RECIPE = replace(
    FIRE,
    name="smoke",
    title="Smoke",
    description="Smoke from an emitter: a field that any frame has by itself, with the detail of a simulation.",
    data=Flames(kind="smoke", scenes=10),
    defaults={
        "size": 220.0,
        "rise": 12.0,
        "turbulence": 2.6,
        "life": 5.0,
        "linger": 60.0,
        "spread": 2.0,
        "unevenness": 0.8,
        "detail": 0.7,
        "softness": 35.0,
        "intensity": 0.0,
        "opacity": 0.0,
        "smoke.amount": 40.0,
        "smoke.red": 0.75,
        "smoke.green": 0.74,
        "smoke.blue": 0.73,
        "smoke.light": 0.85,
        "smoke.shadow": 1.5,
    },
)
