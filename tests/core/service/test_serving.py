"""What a service answers: the same pixels as the command line, in order, for many, and errors as sentences."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nets import tiny_style
from plates import DEEP_CHANNELS, write_shot
from replate.color import to_space
from replate.declarations import declarations
from replate_plugin.client import Service, ServiceError
from services import Raw, array, wait_for

from .conftest import FRAMES, MANY, Shot


def test_the_declarations_arrive_whole(common: Service) -> None:
    told = common.nodes()
    assert {name: told[name] for name in ("nodes", "options")} == {
        name: json.loads(json.dumps(declarations()))[name] for name in ("nodes", "options")
    }


def test_a_render_equals_the_command_lines_and_tells_how_it_goes(common: Service, shot: Shot, tmp_path: Path) -> None:
    news: list[dict[str, Any]] = []
    report = common.render(shot.job(tmp_path), on_news=news.append)
    shot.check(tmp_path)
    assert (report["done"], report["skipped"], report["failed"]) == ("1-40", "", "")
    kinds = [each["type"] for each in news]
    assert kinds[0] == "queued"
    assert kinds.index("note") < kinds.index("begin") < kinds.index("frame")
    assert [each["frame"] for each in news if each["type"] == "frame"] == list(FRAMES)
    assert kinds[-2:] == ["frame", "spent"]
    again = common.render(shot.job(tmp_path))
    assert (again["done"], again["skipped"]) == ("", "1-40")
    assert not list(tmp_path.glob("*.part*"))


def test_the_command_line_goes_on_where_the_service_was(common: Service, shot: Shot, tmp_path: Path) -> None:
    common.render(shot.job(tmp_path, frames="1-20"))
    words = ["render", "style", shot.plate, str(tmp_path / "o.%04d.exr"), "--generator", shot.look, "--set", "mix=0.7"]
    said = subprocess.run([sys.executable, "-m", "replate", *words], check=True, capture_output=True, text=True)
    assert "20 frames done, 20 already done" in said.stdout


def test_previews_equal_the_command_lines(common: Service, shot: Shot, tmp_path: Path) -> None:
    for frame in (1, 17, 40, 17):
        with common.preview(shot.job(tmp_path), frame) as picture:
            assert (picture.width, picture.height, picture.channels) == (128, 96, ("R", "G", "B", "A"))
            assert (picture.frame, picture.space) == (frame, "ACEScg")
            assert shot.is_told(array(picture), frame)
            turned = np.frombuffer(b"".join(picture.rows(from_top=False)), np.float32)
            assert np.array_equal(turned.reshape(96, 128, 4)[::-1], array(picture))
    assert list(tmp_path.iterdir()) == [], "a preview writes nothing"


def test_a_preview_in_the_channels_and_the_space_that_a_host_wants(common: Service, shot: Shot, tmp_path: Path) -> None:
    plate = write_shot(
        tmp_path / "deep", [1], channels=DEEP_CHANNELS, size=(40, 60), origin=(-4, 6), display=(0, 0, 64, 48)
    )
    job = shot.job(tmp_path / "o", inputs={"plate": plate})
    with common.preview(job, 1, channels=["Z", "albedo.G"]) as picture:
        deep = array(picture)
        assert deep.shape == (48, 64, 2)
    assert not deep[:6].any(), "outside of the data window is nothing"
    with common.preview(job, 1) as plain, common.preview(job, 1, space="ACEScct") as log:
        light, code = (np.ascontiguousarray(array(each)[..., :3]) for each in (plain, log))
        assert np.array_equal(code, to_space(light, "ACEScg", "ACEScct"))
        assert log.space == "ACEScct"
    with pytest.raises(ServiceError, match="no channel 'depth'"):
        common.preview(job, 1, channels=["depth"])


def test_two_clients_at_once(common: Service, shot: Shot, tmp_path: Path) -> None:
    with Service(folder=common.folder, client="other") as other, ThreadPoolExecutor(4) as threads:
        places = [tmp_path / name for name in "abcd"]
        renders = [
            threads.submit(client.render, shot.job(place, frames="1-12"))
            for client, place in zip((common, other, common, other), places, strict=True)
        ]
        assert [render.result()["done"] for render in renders] == ["1-12"] * 4
    for place in places:
        shot.check(place, range(1, 13))


def test_previews_in_the_middle_of_a_render(common: Service, shot: Shot, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as threads, Service(folder=common.folder) as other:
        render = threads.submit(common.render, shot.job(tmp_path))
        for frame in range(33, 41):
            with other.preview(shot.job(tmp_path / "else"), frame) as picture:
                assert shot.is_told(array(picture), frame)
        assert render.result()["done"] == "1-40"
    shot.check(tmp_path)


def test_a_preview_as_a_file(common: Service, shot: Shot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    job = shot.job(tmp_path / "never")
    assert common.preview_to("seen/o.%04d.exr", job, 7)["done"] == "7"
    shot.check(tmp_path / "seen", [7])
    assert common.preview_to("seen/o.%04d.exr", job, 7)["skipped"] == "7"
    assert common.preview_to(tmp_path / "still.exr", job, 8)["done"] == "8"
    with pytest.raises(ServiceError, match="not 99"):
        common.preview_to(tmp_path / "still.exr", job, 99)
    assert not (tmp_path / "never").exists()


def test_the_newest_preview_wins(common: Service, shot: Shot, tmp_path: Path) -> None:
    raw = Raw(common.folder).hello()
    assert raw.hear()["type"] == "welcome"
    job = shot.job(tmp_path)
    for number in range(1, 21):
        raw.say({"type": "preview", "id": number, "job": job, "frame": number})
    answers: dict[int, dict[str, Any]] = {}
    while len(answers) < 20:
        message = raw.hear()
        if message["type"] in ("done", "failed"):
            assert message["id"] not in answers
            answers[message["id"]] = message
    assert answers[20]["type"] == "done"
    dropped = [answer for answer in answers.values() if answer["type"] == "failed"]
    assert len(dropped) > 10
    assert {answer["exit_code"] for answer in dropped} == {130}


def test_viewers_do_not_disturb_each_other(common: Service, shot: Shot, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(common.preview, shot.job(tmp_path), frame, viewer=str(frame)) for frame in range(1, 5)]
        for frame, each in enumerate(asked, 1):
            with each.result() as picture:
                assert shot.is_told(array(picture), frame)


def test_cancel_keeps_what_is_done(common: Service, shot: Shot, tmp_path: Path) -> None:
    frames: list[int] = []
    with pytest.raises(ServiceError) as caught:
        common.render(
            shot.endless(tmp_path),
            on_news=lambda news: frames.append(news["frame"]) if news["type"] == "frame" else None,
            cancelled=lambda: len(frames) > 2,
        )
    assert (caught.value.exit_code, caught.value.kind) == (130, "Cancelled")
    done = list(tmp_path.glob("o.*"))
    assert 3 <= len(done) < MANY
    assert common.render(shot.endless(tmp_path, frames="1-40"))["skipped"].startswith("1-")
    shot.check(tmp_path)


def test_a_host_that_fails_over_the_news_stops_the_render(common: Service, shot: Shot, tmp_path: Path) -> None:
    def fail(news: dict[str, Any]) -> None:
        if news["type"] == "frame":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        common.render(shot.endless(tmp_path), on_news=fail)
    wait_for(lambda: not common.status()["running"])
    assert len(list(tmp_path.glob("o.*"))) < MANY


def test_hanging_up_ends_a_render_and_starts_nothing(common: Service, shot: Shot, tmp_path: Path) -> None:
    client = Service(folder=common.folder, python="none is needed")
    with pytest.raises(ServiceError) as caught:
        client.render(shot.endless(tmp_path), on_news=lambda news: news["type"] == "frame" and client.close())
    assert caught.value.exit_code == 130
    wait_for(lambda: not common.status()["running"])
    assert len(list(tmp_path.glob("o.*"))) < MANY


def test_a_frame_that_fails_is_told_and_the_others_go_on(common: Service, shot: Shot, tmp_path: Path) -> None:
    shutil.copytree(Path(shot.plate).parent, tmp_path / "in")
    (tmp_path / "in" / "plate.0003.exr").write_bytes(b"nothing")
    job = shot.job(tmp_path / "o", inputs={"plate": str(tmp_path / "in" / "plate.%04d.exr")})
    news: list[dict[str, Any]] = []
    report = common.render(job, on_news=news.append)
    assert (report["done"], report["failed"]) == ("1-2,4-40", "3")
    assert "plate.0003.exr" in report["reason"]
    assert [each["frame"] for each in news if each.get("failed")] == [3]
    with pytest.raises(ServiceError, match=r"plate\.0003\.exr") as caught:
        common.preview(job, 3)
    assert (caught.value.exit_code, caught.value.frame) == (3, 3)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"node": "stile"}, 2, "did you mean 'style'"),
        ({"generator": "nothing"}, 2, "unknown generator"),
        ({"inputs": {"plate": "/nowhere/a.%04d.exr"}}, 3, "/nowhere"),
        ({"params": {"mix": 7}}, 2, "from 0 to 1"),
        ({"frames": "1-99"}, 2, "not 41-99"),
        ({"output": "/proc/nowhere/o.%04d.exr"}, 1, "/proc/nowhere"),
        ({"replate": 99}, 2, "format 1"),
        ({"surprise": 1}, 2, "surprise"),
    ],
)
def test_what_is_wrong_with_a_job_is_a_sentence(
    common: Service, shot: Shot, tmp_path: Path, changes: dict[str, Any], code: int, words: str
) -> None:
    with pytest.raises(ServiceError, match=words) as caught:
        common.render({**shot.job(tmp_path), **changes})
    assert caught.value.exit_code == code
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob("o.*"))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=3)
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["nodes", "render", "preview", "cancel", "status", "", "x"]) | VALUES,
    facts=st.dictionaries(
        st.sampled_from(["job", "frame", "channels", "released", "which", "space", "folder"]), VALUES
    ),
)
def test_whatever_is_asked_is_answered(common: Service, kind: Any, facts: dict[str, Any]) -> None:
    raw = Raw(common.folder).hello().say({"type": kind, "id": 1, **facts})
    assert raw.hear()["type"] == "welcome"
    answer = raw.hear()
    assert (answer["type"], answer["id"]) in (("done", 1), ("failed", 1))
    raw.socket.close()


def test_the_clients_surroundings_count(common: Service, shot: Shot, tmp_path: Path, monkeypatch: Any) -> None:
    """Folder, generators and colour are those of the host, not those in which the service was started."""
    looks = tmp_path / "looks"
    looks.mkdir()
    tiny_style(looks / "ours.onnx", change=0.3)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPLATE_GENERATORS", str(looks))
    assert "ours" in [generator["name"] for generator in common.nodes()["generators"]]
    job = {**shot.job(tmp_path), "generator": "ours", "output": "here/o.%04d.exr", "frames": "1-3"}
    common.render(job)
    shot.check(tmp_path / "here", range(1, 4))
    monkeypatch.setenv("OCIO", "ocio://nothing")
    with pytest.raises(ServiceError, match="ocio://nothing"):
        common.render(job)
    monkeypatch.delenv("REPLATE_GENERATORS")
    with pytest.raises(ServiceError, match="unknown generator 'ours'"):
        common.render(job)


def test_pictures_that_are_held_are_not_written_over(common: Service, shot: Shot, tmp_path: Path) -> None:
    job = shot.job(tmp_path)
    held = [common.preview(job, frame) for frame in range(1, 7)]
    looked_at = [np.frombuffer(common.preview(job, frame).pixels, np.float32) for frame in (7, 8)]
    with pytest.raises(ServiceError, match="8 pictures are held"):
        common.preview(job, 9)
    views = [np.asarray(held[0].pixels), *(np.frombuffer(row, np.float32) for row in held[0].rows())]
    held[0].close()
    held.pop(1).close()
    for frame in (9, 10):
        with common.preview(job, frame) as picture:
            assert shot.is_told(array(picture), frame)
    for frame, pixels in zip((1, 1, 7, 8), (views[0], np.stack(views[1:]), *looked_at), strict=True):
        assert shot.is_told(pixels.reshape(96, 128, 4), frame), "an array keeps its picture"
    looked_at.clear()
    del pixels
    more = [common.preview(job, frame) for frame in (11, 12)]
    for frame, picture in zip((3, 4, 5, 6, 11, 12), (*held[1:], *more), strict=True):
        assert shot.is_told(array(picture), frame)
        picture.close()


def test_pictures_go_with_their_client(common: Service, shot: Shot, tmp_path: Path) -> None:
    client = Service(folder=common.folder)
    file = client._ask("preview", {"job": shot.job(tmp_path), "frame": 1})[0]["file"]
    assert Path(file).stat().st_mode & 0o077 == 0
    client.close()
    wait_for(lambda: not Path(file).exists())
