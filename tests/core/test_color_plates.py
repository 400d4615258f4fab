"""Which space a plate is taken for, and that the reason is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replate.color import plate_space, use, using
from replate.errors import UsageError
from studio import OLD, write_config

PRIMARIES = {
    "lin_rec709": (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329),
    "lin_p3d65": (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329),
    "lin_rec2020": (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329),
    "lin_ap0": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
    "lin_ap1": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767),
}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    with using():
        yield


def test_the_order_of_what_is_known(tmp_path: Path) -> None:
    """Each line takes away the strongest word of the one before."""
    use(write_config(tmp_path))
    name, primaries = "shot_render.1001.exr", PRIMARIES["lin_ap1"]
    assert plate_space(name, "scene", asked="film", tags=["scan"], chromaticities=primaries) == ("film", "as asked")
    assert plate_space(name, "scene", tags=["scan"], chromaticities=primaries) == ("scan", "the file says so")
    found = plate_space(name, "scene", chromaticities=primaries)
    assert found == ("studio light", "the file's chromaticities say so")
    assert plate_space(name, "scene") == ("archive", "by a file rule of the configuration")
    assert plate_space("shot.1001.exr", "scene") == ("studio light", "assumed for scene light")


def test_an_unknown_space_that_was_asked_for_is_an_error() -> None:
    with pytest.raises(UsageError, match="did you mean 'ACEScct'"):
        plate_space("a.exr", "scene", asked="ACEScctt")


@pytest.mark.parametrize("name", PRIMARIES)
@pytest.mark.parametrize("config", ["", "ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1"])
def test_primaries_name_the_linear_space_of_the_configuration(name: str, config: str) -> None:
    use(config)
    rounded = [round(value, 3) for value in PRIMARIES[name]]
    space, reason = plate_space("a.exr", "scene", chromaticities=rounded)
    assert space == plate_space("a.exr", "scene", asked=name)[0]
    assert reason == "the file's chromaticities say so"


@given(st.sampled_from(sorted(PRIMARIES)), st.integers(0, 7), st.sampled_from([-0.01, 0.01]))
def test_other_primaries_are_not_rounded_to_known_ones(name: str, index: int, change: float) -> None:
    primaries = list(PRIMARIES[name])
    primaries[index] += change
    space, reason = plate_space("a.exr", "scene", chromaticities=primaries)
    assert space == "ACEScg"
    assert reason == "assumed for scene light, though its chromaticities are of no space that we know"


def test_a_word_that_is_no_more_than_the_usual_does_not_count() -> None:
    """OpenImageIO calls every PNG sRGB, marked or not."""
    assert plate_space("a.png", "picture", tags=["srgb_rec709_scene"])[1] == "assumed for a picture"
    assert plate_space("a.png", "picture", tags=["g22_rec709_scene"])[1] == "the file says so"
    assert plate_space("a.exr", "scene", tags=["lin_ap1_scene"]) == ("ACEScg", "the file says so")


@pytest.mark.parametrize("tag", ["", "data", "unknown", "Raw", "no such space"])
def test_a_word_that_is_no_colour_does_not_count(tag: str) -> None:
    assert plate_space("a.exr", "scene", tags=[tag]) == ("ACEScg", "assumed for scene light")


def test_the_first_known_tag_counts() -> None:
    found = plate_space("a.mov", "video", tags=["nothing", "rec2100_pq_display", "g24_rec709"])
    assert found == ("Rec.2100-PQ - Display", "the file says so")


def test_rules_see_the_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(write_config(tmp_path))
    (tmp_path / "doubled").mkdir()
    monkeypatch.chdir(tmp_path / "doubled")
    assert plate_space("a.png", "picture") == ("film", "by a file rule of the configuration")
    monkeypatch.chdir(tmp_path)
    assert plate_space("a.png", "picture") == ("paper", "assumed for a picture")


def test_rules_of_a_configuration_that_nobody_chose_do_not_count() -> None:
    """The built-in one would have every EXR be ACES2065-1."""
    assert plate_space("a.exr", "scene") == ("ACEScg", "assumed for scene light")
    use("ocio://default")
    assert plate_space("a.exr", "scene") == ("ACES2065-1", "by a file rule of the configuration")
    assert plate_space("a.mp4", "video")[0] == "Rec.1886 Rec.709 - Display"
    assert plate_space("a.dpx", "log") == ("ACEScct", "assumed for a scan")


def test_an_old_configuration_finds_the_names_of_its_spaces_in_paths(tmp_path: Path) -> None:
    use(write_config(tmp_path, OLD))
    assert plate_space("/shots/a_scan.exr", "scene") == ("scan", "by a file rule of the configuration")
    assert plate_space("/shots/a.exr", "scene") == ("linear", "assumed for scene light")
    assert plate_space("/shots/a.exr", "scene", chromaticities=PRIMARIES["lin_rec709"])[0] == "linear"
