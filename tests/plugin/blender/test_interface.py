"""What artists see and press. Blender draws nothing without a window, so panels draw on paper and a timer is played."""

from __future__ import annotations

from .conftest import Blender, Shot


def test_panels_buttons_and_live(blender: Blender, shot: Shot) -> None:
    told = blender.run("interface", plate=shot.plate, look=shot.look)
    drawn = told["drawn"]
    assert drawn[0].startswith("Style has no result")
    assert {"generator", "generator_file", "file_mask", "live", "replate.bake", "replate.bake_frame"} <= set(drawn)
    assert {"mix", "strength", "input_exposure", "mask_grow", "steady", "option_tile"} <= set(drawn)
    assert not {"file_plate", "confidence", "option_device"} & set(drawn), "connected, or not the artist's"
    assert told["ticks"] == [["FINISHED"], [], True, 0]
    assert told["escaped"] == [["CANCELLED"], ["Cancelled; finished frames are kept"], False, 0]
    assert told["live"]["before"] == ["GENERATED", "Style has no result for frame 2; bake it"]
    assert told["live"]["after"] == ["FILE", ""]
    assert told["live"]["file"] == "style.0002.exr"
