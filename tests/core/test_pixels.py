"""What a generator sees in place of premultiplied light."""

from __future__ import annotations

import numpy as np

from replate.network.pixels import divisor


def seen(light: float, alpha: float) -> float:
    rgb = np.full((1, 1, 3), light, np.float32)
    return float(light / divisor(np.full((1, 1, 1), alpha, np.float32), rgb)[0, 0, 0])


def test_a_soft_edge_is_seen_as_the_solid_thing() -> None:
    for alpha in (1.0, 0.5, 0.01, 1e-4):
        assert np.isclose(seen(0.7 * alpha, alpha), 0.7)
    assert np.isclose(seen(12 * 0.5, 0.5), 12), "a bright thing that covers half is a thing"


def test_a_glow_is_seen_as_it_is() -> None:
    """A reflection of 0.3 with an alpha of 1e-4 is no sun of 3000."""
    assert np.isclose(seen(0.3, 1e-4), 0.3)
    assert seen(0.3, 0.0) == np.float32(0.3)
    assert max(seen(light, alpha) for light in np.geomspace(1e-6, 1, 25) for alpha in np.geomspace(1e-7, 0.01, 25)) <= 8


def test_alpha_that_is_no_number_is_none() -> None:
    assert divisor(np.array([[[np.nan], [np.inf], [-1.0]]], np.float32), np.ones((1, 3, 3), np.float32)).tolist() == [
        [[1], [1], [1]]
    ]
