"""Colour configurations: chosen, changed, broken, told apart, and what they lack."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest

from replate.color import config as configs
from replate.color import (
    config_identity,
    config_notes,
    convert,
    default_space,
    file_space,
    interop_id,
    known_space,
    resolve_space,
    to_display,
    to_space,
    transform,
    use,
    using,
    view_between,
)
from replate.color.config import current
from replate.color.display import displays
from replate.errors import InputError, UsageError
from studio import OLD, STUDIO, write_config

GREY = np.full((1, 1, 3), 0.18, np.float32)
BUILT_IN = ["ocio://default", "ocio://studio-config-latest", "ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1"]


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Every test may choose; none leaves its choice behind."""
    with using():
        yield


def level(rgb: np.ndarray) -> float:
    return float(rgb.mean())


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_configurations(name: str) -> None:
    use(name)
    assert default_space("scene") == "ACEScg"
    assert transform("scene_linear").fused is not None
    assert level(convert(GREY, "scene_linear", "ACEScct")) == pytest.approx(0.4135884, abs=1e-6)
    assert 0.3 < level(to_display(GREY, "scene_linear")) < 0.45
    assert known_space("lin_rec709_scene") == "Linear Rec.709 (sRGB)"


def test_roles_and_aliases_and_spaces_known_by_numbers(tmp_path: Path) -> None:
    use(write_config(tmp_path))
    assert resolve_space("scene_linear") == resolve_space("working") == resolve_space("WORKING") == "studio light"
    assert resolve_space("compositing_log") == resolve_space("ACEScct") == "scan"
    assert default_space("picture") == resolve_space("srgb_texture") == "paper"
    assert interop_id("studio light") == "lin_ap1_scene"
    with pytest.raises(UsageError, match=r"unknown colour space 'studio lite' in .*did you mean 'studio light'"):
        resolve_space("studio lite")


def test_a_space_that_the_configuration_lacks_is_reached_over_a_bridge(tmp_path: Path) -> None:
    aces = convert(GREY * [1, 2, 3], "ACEScg", "lin_rec2020")
    use(write_config(tmp_path))
    assert known_space("lin_rec2020") == "Linear Rec.2020"
    np.testing.assert_allclose(convert(GREY * [1, 2, 3], "studio light", "lin_rec2020"), aces, rtol=1e-5)
    assert config_notes("studio light", "lin_rec2020") == (f"colour configuration: {tmp_path}/config.ocio",)


def test_what_an_old_configuration_does_not_say_is_assumed_aloud(tmp_path: Path) -> None:
    plate = GREY * [1, 2, 3]
    expected = convert(plate, "lin_rec709", "ACEScct")
    use(write_config(tmp_path, OLD))
    np.testing.assert_allclose(convert(plate, "linear", "ACEScct"), expected, atol=1e-5)
    assert "its linear is taken for Linear Rec.709" in config_notes("linear", "ACEScct")[1]
    assert len(config_notes("linear", "scan")) == 1
    assert transform("linear").fused is not None
    assert level(to_display(GREY, "linear")) == pytest.approx(0.09, abs=1e-3)  # its one view halves


def test_a_choice_holds_for_a_block_and_for_threads(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with using(write_config(tmp_path)), ThreadPoolExecutor(1) as pool:
        assert pool.submit(default_space, "scene").result() == "studio light"
    assert default_space("scene") == "ACEScg"
    with pytest.raises(RuntimeError), using("ocio://default"):
        raise RuntimeError
    assert default_space("scene") == "ACEScg"


def test_one_process_goes_from_configuration_to_configuration(tmp_path: Path) -> None:
    """Nothing that was found out with one is used with the other, a LUT of the same name least of all."""
    first, second = write_config(tmp_path / "a", gain=2), write_config(tmp_path / "b", gain=3)
    for config, gain in ((first, 2), (second, 3), (first, 2)):
        use(config)
        assert level(convert(GREY, "film", "archive")) == pytest.approx(0.18 * gain, rel=1e-6)
        assert level(transform("film").forward(GREY)) == pytest.approx(
            level(transform("archive").forward(GREY * gain)), abs=1e-6
        )
    write_config(tmp_path / "a", gain=5)
    use(first)
    assert level(convert(GREY, "film", "archive")) == pytest.approx(0.9, rel=1e-6)


def test_the_identity_is_in_the_contents_not_in_the_path(tmp_path: Path) -> None:
    def identity(folder: str, text: str = STUDIO, **lut: float) -> str:
        with using(write_config(tmp_path / folder, text, **lut)):  # type: ignore[arg-type]
            return config_identity()

    same = identity("here")
    assert identity("there") == same
    assert identity("here", gain=2.5) != same
    assert identity("here", STUDIO + "# edited\n") != same
    (tmp_path / "here" / "luts" / "unused.spi1d").write_text("not mentioned")
    assert identity("here") == same
    (tmp_path / "here" / "luts" / "demo.spi1d").rename(tmp_path / "moved")
    use(str(tmp_path / "here" / "config.ocio"))
    assert config_identity() != same


def test_the_identity_knows_the_lut_that_a_variable_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write_config(tmp_path)
    write_config(tmp_path, gain=7, show="other")
    use(config)
    demo = config_identity()
    monkeypatch.setenv("SHOW", "other")
    use(config)
    assert config_identity() != demo
    assert level(convert(GREY, "film", "archive")) == pytest.approx(0.18 * 7, rel=1e-5)


def test_a_built_in_configuration_is_known_by_its_full_name() -> None:
    assert config_identity().startswith("cg-config-v")
    use("ocio://studio-config-latest")
    assert config_identity().startswith("studio-config-v")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "there is no such file"),
        (b"", "does not appear to have a valid version"),
        (bytes(range(256)) * 9, "yaml-cpp"),
        (b"ocio_profile_version: 2\nroles: [\n", "yaml-cpp"),
        (STUDIO.replace("scene_linear: studio light", "scene_linear: nowhere").encode(), "nowhere"),
        (b"ocio_profile_version: 9\n", "version"),
    ],
)
def test_a_broken_configuration_is_one_sentence(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "config.ocio"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        use(str(path))
    said = str(caught.value)
    assert said.startswith(f"the colour configuration '{path}' cannot be used: ")
    assert reason in said
    assert said.endswith("; correct --ocio")
    assert "\n" not in said
    assert default_space("scene") == "ACEScg", "the choice before it stands"


@pytest.mark.parametrize("name", ["", "ocio://default"])
def test_a_built_in_configuration_that_is_in_use_is_not_read_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCIO", raising=False)
    with using(name):
        before = current()
        monkeypatch.setattr("replate.color.config.identity_of", lambda *_: pytest.fail("it was read again"))
        with using(name, display=next(iter(displays()))):
            assert current().spaces is before.spaces
            assert current().screen
        assert current().screen is None


def test_a_file_that_nobody_touched_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, read = tmp_path / "own.ocio", list[str]()
    text = ocio.Config.CreateFromFile("ocio://default").serialize()
    file.write_text(text)
    monkeypatch.setattr("replate.keeping.stamps._SETTLED", -(10**12))  # as if it were old
    real = configs.identity_of
    monkeypatch.setattr(configs, "identity_of", lambda spaces, name: read.append(name) or real(spaces, name))
    with using(str(file)):
        before = config_identity()
        with using(str(file), display=next(iter(displays()))):
            assert len(read) == 1
        with monkeypatch.context() as other:
            other.setenv("SHOT", "another")
            with using(str(file)):
                assert len(read) == 2
        with using(str(file)):
            assert len(read) == 2
        file.write_text(text + "# edited\n")
        with using(str(file)):
            assert config_identity() != before
    read.clear()
    with using(write_config(tmp_path / "luts")), using(str(tmp_path / "luts" / "config.ocio")):
        assert len(read) == 2, "of LUTs another may have come to lie before"


def test_an_unknown_built_in_name_is_told_the_nearest() -> None:
    with pytest.raises(InputError, match=r"not built in; did you mean 'ocio://studio-config-latest'"):
        use("ocio://studio-config-lates")


def test_a_missing_lut_is_an_error_for_those_who_need_it(tmp_path: Path) -> None:
    use(write_config(tmp_path))
    (tmp_path / "luts" / "demo.spi1d").unlink()
    use(str(tmp_path / "config.ocio"))
    assert level(convert(GREY, "working", "archive")) > 0
    for ask in (lambda: convert(GREY, "film", "archive"), lambda: transform("film")):
        with pytest.raises(InputError, match=r"config\.ocio cannot convert film to .*demo\.spi1d"):
            ask()


def said_under(config: str, code: str) -> str:
    """What a process of its own says, in which `$OCIO` is `config`."""
    environment = {**os.environ, "OCIO": config}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


def test_the_environment_chooses_where_nobody_else_does(tmp_path: Path) -> None:
    studio, code = write_config(tmp_path), "from replate.color import *; print(default_space('scene'));"
    assert said_under(studio, code).split("\n")[0] == "studio light"
    assert said_under("ocio://studio-config-latest", code).split() == ["ACEScg"]
    assert said_under(studio, "from replate.color import *; use('ocio://default');" + code).split() == ["ACEScg"]
    for broken in ("/nowhere/config.ocio", "ocio://studio", str(tmp_path)):
        said = said_under(broken, code)
        assert f"InputError: the colour configuration $OCIO={broken} cannot be used" in said


def test_light_is_shown_by_the_display_and_view_that_were_chosen(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    for display, space, grey in (
        ("Monitor/Plain", "Monitor", 0.18 ** (1 / 2.4)),
        ("Monitor/Dark", "Monitor", 0.045 ** (1 / 2.4)),
        ("Monitor", "Monitor", 0.18 ** (1 / 2.4)),
        ("Wide/Plain", "Wide", 0.18 ** (1 / 2.6)),
    ):
        use(config, display=display)
        assert file_space("picture") == file_space("video") == space
        assert file_space("scene") == "studio light"
        assert level(to_space(GREY, "working", space)) == pytest.approx(grey, abs=1e-3)  # a lattice
    assert view_between("working", "paper") == ("Wide", "Plain")
    assert view_between("paper", "working") is None
    # A preview is for an sRGB screen, whatever display the film is made for.
    assert level(to_display(GREY, "working")) == pytest.approx(0.4614, abs=1e-3)


def test_a_picture_goes_to_the_chosen_display_without_a_view(tmp_path: Path) -> None:
    use(write_config(tmp_path), display="Wide/Plain")
    picture = np.random.default_rng(0).uniform(0.1, 0.9, (4, 4, 3)).astype(np.float32)
    shown = to_space(picture, "paper", "Wide")
    np.testing.assert_allclose(shown, convert(picture, "paper", "Wide"), atol=1e-6)


def test_an_hdr_display_is_for_scene_light_too() -> None:
    use("ocio://studio-config-latest", display="Rec.2100-PQ - Display/ACES 2.0 - HDR 1000 nits (P3 D65)")
    assert file_space("video") == "Rec.2100-PQ - Display"
    bright = to_space(GREY * 1000, "ACEScg", "Rec.2100-PQ - Display")
    assert level(bright) == pytest.approx(0.752, abs=0.01)  # 1000 nits as ST 2084 encodes them


@pytest.mark.parametrize("name", ["sRGB - Display/ACES 2", "sRGB", "x/y/z", "/"])
def test_an_unknown_display_is_told_what_there_is(name: str) -> None:
    with pytest.raises(UsageError, match=r"unknown display and view .*(did you mean|known)"):
        use("ocio://default", display=name)
