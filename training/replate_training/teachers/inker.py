"""A classical inker: planes of flat colour, and ink lines where forms meet.

All of it works on differences of the logarithm of light, so it commutes with exposure; and all of it follows the
picture's own structure, so planes and lines stay on what they draw when it moves. Nothing is random.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..filters import blur
from ..space import to_log
from .flow import luma, shock, smear, tangents
from .painter import kuwahara, lost_form

__all__ = ["flat", "ink", "lines"]

BROAD, FINE = 8, 4  # radius of the planes, and of those where broad ones would lose the form, in pixels

_DARK = float(to_log(torch.zeros(())))  # ink takes no more light than there is


def ink(plate: Tensor) -> Tensor:
    """Draw `plate`, N x 3 x H x W in ACEScct; same shape and space."""
    flow = tangents(plate, 4.0)
    planes = flat(plate, flow)
    grey = luma(planes)
    drawn = grey + 1.35 * (planes - grey) - lines(plate, flow)
    return drawn.clamp(min=_DARK)


def flat(plate: Tensor, flow: Tensor, *, rounds: int = 5) -> Tensor:
    """Planes of even colour that meet at crisp borders: a shock filter pulls all shading to where it changes fastest,
    so planes need no fixed levels, whose borders would wander with the light."""
    broad, fine = kuwahara(plate, BROAD), kuwahara(plate, FINE)
    picture = smear(torch.lerp(broad, fine, lost_form(plate, broad, least=0.012)), flow, 8)
    for _ in range(rounds):
        picture = shock(picture, flow, strength=0.9, sigma=3.0)
    return smear(picture, flow, 3)


def lines(plate: Tensor, flow: Tensor, *, strength: float = 0.34) -> Tensor:
    """Ink, 0..strength, to take off the logarithm of light; N x 1 x H x W.

    Differences of Gaussians at two sizes, gathered along the forms: Kang et al., "Coherent line drawing", 2007; with
    a soft threshold as of Winnemoeller et al., "XDoG", 2012. Where all is busy, only what stands out is drawn.
    """
    thin, middle, thick = (blur(luma(plate), sigma) for sigma in (1.0, 2.0, 4.0))
    ridge = torch.maximum(middle - thin, 0.6 * (thick - middle))
    ridge = smear(smear(ridge, flow, 8), flow, 8).clamp(min=0)
    standing_out = (ridge - 0.005 - 0.7 * blur(ridge, 10.0)).clamp(min=0)
    return strength * torch.tanh(standing_out / 0.010)
