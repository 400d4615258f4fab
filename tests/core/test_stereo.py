"""A true stereo pair through the shipped looks: what both eyes see stays the same for both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from replate.catalogue import shipped
from replate.color import convert, default_space, transform
from replate.frame import Frame
from replate.generator import Generator
from replate.job import Job
from replate.media import open_sink, open_source
from replate.render import render

BOUND = 2.0  # of the mean squared difference between the eyes, over that of the plates
pytest.importorskip("skimage", reason="no scikit-image, which brings the stereo pair")


@pytest.mark.parametrize("look", [path.stem for path in shipped("style")])
def test_two_eyes_in_one_picture(look: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each eye is redrawn as if it were alone, and both agree nearly as well as their plates do."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    from stereo import Pair

    pair, space = Pair.motorcycle(), default_space("picture")
    plate, output = tmp_path / "plate.exr", tmp_path / "out.exr"
    packed = Frame.of(np.concatenate([pair.left, pair.right], axis=1), "RGB", space=space, formats=("float",) * 3)
    with open_sink(str(plate)) as sink:
        sink.write(packed)
    job = Job(
        node="style",
        generator=look,
        inputs={"plate": str(plate)},
        output=str(output),
        options={"stereo": "side-by-side"},
    )
    assert not render(job).failed
    with open_source(str(output)) as source:
        made = source.read(source.frames[0])
    eyes = np.split(made.pixels[..., :3], 2, axis=1)

    generator = Generator.load(look)
    way = transform(made.space, generator.card.space)
    with open_source(str(plate)) as source:
        seen = np.split(source.read(source.frames[0]).pixels, 2, axis=1)
    for eye, alone in zip(eyes, seen, strict=True):
        expected, _ = generator.apply(alone, transform=way, confidence=False)
        assert np.allclose(eye, expected, atol=1e-5)
    results, plates = ([convert(eye, made.space, space).clip(0, 1) for eye in each] for each in (eyes, seen))
    assert pair.apart(*results) <= BOUND * pair.apart(*plates)
