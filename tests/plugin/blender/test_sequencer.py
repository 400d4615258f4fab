"""The same nodes as modifiers of strips."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .conftest import Blender, Shot, pictures

ROUNDING = 5e-5  # of the light: what the sequencer itself does to a strip that nothing works on


def test_a_strip(blender: Blender, shot: Shot, tmp_path: Path) -> None:
    """Frame 1 of the file lies at frame 10 of the scene, and so do the keys."""
    folder = str(Path(shot.plate).parent)
    told = blender.run("sequencer", folder=folder, look=shot.look, output=f"{tmp_path}/")
    assert told.pop("changed") == ["strip 'plate' has multiplied colour, which its file has not; take it away"]
    assert told.pop("copied") == 2
    assert told == {"off": [""], "on": [""], "mix 0": [""]}
    off, on, mixed, changed = (
        pictures(str(tmp_path / name / "o.%04d.exr")) for name in ("off", "on", "mix 0", "changed")
    )
    words = ("--generator", shot.look, "--set", "strength=0@1,1@3")
    for frame, pixels in shot.told("style", tmp_path.name, *words).items():
        assert (np.abs(on[frame + 9] - pixels) <= ROUNDING * (1 + np.abs(pixels))).all()
        assert np.array_equal(mixed[frame + 9], off[frame + 9])
    assert np.abs(on[12] - off[12]).max() > 0.1
    assert np.abs(changed[12][..., 1]).max() < 1e-4  # stripes of magenta and black, through the sequencer's colours
