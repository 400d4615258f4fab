"""Black-and-white film: what the emulsion sees, light that spreads in it, and the edge of the developer.

Each step commutes with exposure: the response and the halation are linear in light, the edge effect works on
differences of the logarithm.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..filters import blur
from ..space import to_linear, to_log

__all__ = ["RESPONSE", "film"]

# AP1 red, green, blue: panchromatic stock behind a light orange filter, which darkens skies and lifts skin.
RESPONSE = (0.56, 0.39, 0.05)
# (share of the light, sigma in pixels): light scattered in the emulsion, and reflected by the film's base.
HALATION = ((0.12, 5.0), (0.10, 14.0))
# (strength, sigma in pixels): adjacency effect of the developer, and local contrast of the print.
ACUTANCE = ((0.50, 1.5), (0.45, 14.0))


def film(plate: Tensor) -> Tensor:
    """Expose, halate and develop `plate`, N x 3 x H x W in ACEScct; three equal channels."""
    light = to_linear(plate).clamp(min=0)
    exposure = (light * torch.tensor(RESPONSE).to(light).view(1, 3, 1, 1)).sum(1, keepdim=True)
    density = to_log(halation(exposure))
    details = sum(strength * (density - blur(density, sigma)) for strength, sigma in ACUTANCE)
    return (density + details).expand(-1, 3, -1, -1).contiguous()


def halation(light: Tensor) -> Tensor:
    """Spread shares of linear light around itself; the sum of light is kept and there is no threshold."""
    direct = 1 - sum(share for share, _ in HALATION)
    glow = sum(share * blur(light, sigma) for share, sigma in HALATION)
    return direct * light + glow
