"""A Group in Nuke gives the pixels of the command line, and never others without saying so."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fakenuke import Group, pixels
from fakenuke.state import host
from nets import tiny_style
from plates import plate, write, write_shot
from replate.job import Job
from replate.render import render
from replate_plugin.nuke import building, held, marks, rendering, session

FRAMES = range(1, 6)


@pytest.fixture
def look(tmp_path: Path) -> str:
    return str(tiny_style(tmp_path / "tiny.onnx", change=0.3))


@pytest.fixture
def read(nuke: Any, tmp_path: Path) -> Any:
    """A Read of a five frame shot."""
    return nuke.nodes.Read(file=write_shot(tmp_path / "in", FRAMES), first=1, last=5, raw=True, name="Plate")


@pytest.fixture
def style(nuke: Any, read: Any, look: str) -> Any:
    """A Style node below the Read."""
    read.setSelected(True)
    group = building.create("style")
    group["replate_generator_file"].setValue(look)
    return group


def click(group: Any, button: str) -> None:
    """Press a button, and wait for what it began."""
    group[f"replate_{button}"].execute()
    host.idle(lambda: not rendering._running)


def told(
    tmp_path: Path, plate: str, look: str, shown: Iterable[int] = FRAMES, **job: Any
) -> dict[int, pixels.Channels]:
    """What `replate render` makes of a plate."""
    output = str(tmp_path / f"told{len(list(tmp_path.glob('told*')))}" / "o.%04d.exr")
    params = {
        **({"generator": look} if look else {}),
        "inputs": {"plate": plate, **job.pop("inputs", {})},
        "options": {"color_space": "lin_rec709"},
    }
    render(Job.from_data({"replate": 1, "node": "style", "output": output, **params, **job}, where=Path("/job")))
    return {frame: pixels.read(output % frame) for frame in shown}


def same(node: Any, wanted: dict[int, pixels.Channels]) -> None:
    """The node shows exactly this at every frame, in every channel."""
    for frame, channels in wanted.items():
        found = pixels.shown(node, frame)
        assert found.keys() == channels.keys()
        for name in channels:
            assert np.array_equal(found[name], channels[name]), (frame, name)


def multiplied(tmp_path: Path, factor: Any) -> str:
    """The shot of `read` as a Multiply would show it, in files."""
    shown = {frame: plate(48, 64, frame=frame) * np.float32(factor(frame)) for frame in FRAMES}
    for frame, pixels_ in shown.items():
        half = plate(48, 64, frame=frame).astype(np.float16).astype(np.float32) * np.float32(factor(frame))
        (tmp_path / "made").mkdir(exist_ok=True)
        write(tmp_path / "made" / f"p.{frame:04d}.exr", half, formats=["float"] * pixels_.shape[-1])
    return str(tmp_path / "made" / "p.%04d.exr")


def test_a_bare_read_is_passed_on_and_the_result_is_the_command_lines(
    style: Any, read: Any, tmp_path: Path, look: str
) -> None:
    style["mix"].setValue(0.7)
    click(style, "render")
    assert host.messages == []
    assert host.executed == []
    same(style, told(tmp_path, read["file"].value(), look, params={"mix": 0.7}))
    assert style["replate_state"].value() == "rendered: 1-5"
    assert host.tasks[0].progress[-1] == 100 or host.tasks[0].messages


def test_what_is_no_file_is_rendered_raw_at_exactly_the_frames(
    nuke: Any, style: Any, read: Any, tmp_path: Path, look: str
) -> None:
    grade = nuke.nodes.Multiply(inputs=[read])
    grade["value"].setExpression("frame * 0.5")
    style.setInput(0, grade)
    style["replate_frames"].setValue("2-3,5")
    nuke.root()["proxy"].setValue(True)
    click(style, "render")
    assert host.executed == [("Tap", 2, 3), ("Tap", 5, 5)]
    assert nuke.root()["proxy"].value() and host.undo_off == 0
    assert [node.name() for node in style.nodes() if node.Class() == "Write"] == []
    same(style, told(tmp_path, multiplied(tmp_path, lambda frame: frame * 0.5), look, shown=(2, 3, 5)))


def test_what_nuke_rendered_before_is_not_rendered_again(nuke: Any, style: Any, read: Any) -> None:
    grade = nuke.nodes.Multiply(inputs=[read], value=2)
    style.setInput(0, grade)
    style["replate_frames"].setValue("2-3")
    click(style, "render")
    style["replate_frames"].setValue("1-4")
    style["mix"].setValue(0.5)
    grade.setXYpos(100, 100)
    click(style, "render")
    assert host.executed == [("Tap", 2, 3), ("Tap", 1, 1), ("Tap", 4, 4)]
    grade["value"].setValue(3)
    click(style, "render")
    assert host.executed[3:] == [("Tap", 1, 4)]


def test_keys_and_expressions_count_at_every_frame(nuke: Any, style: Any, read: Any, tmp_path: Path, look: str) -> None:
    for frame, value in ((1, 0.0), (4, 0.9)):
        style["mix"].setValueAt(value, frame)
    style["input_exposure"].setExpression("frame * 0.25 - 0.5")
    click(style, "render")
    mix = {"keys": [[frame, min(0.3 * (frame - 1), 0.9)] for frame in FRAMES], "interpolation": "linear"}
    exposure = {"keys": [[frame, frame * 0.25 - 0.5] for frame in FRAMES], "interpolation": "linear"}
    same(style, told(tmp_path, read["file"].value(), look, params={"mix": mix, "input.exposure": exposure}))


def test_a_frame_whose_key_is_the_default_is_not_out_of_date(nuke: Any, style: Any) -> None:
    style["mix"].setValueAt(1.0, 1)
    style["mix"].setValueAt(0.5, 5)
    click(style, "render")
    for frame in (1, 3, 5):
        nuke.frame(frame)
        style["replate_show"].setValue("result")
        assert style["replate_state"].value() == "rendered: 1-5", frame


def test_a_mask_is_its_alpha_and_nothing_outside_changes(
    nuke: Any, style: Any, read: Any, tmp_path: Path, look: str
) -> None:
    mask = np.zeros((48, 64, 4), np.float32)
    mask[10:30, 20:40, 3] = 1
    path = str(write(tmp_path / "mask.exr", mask))
    style.setInput(1, nuke.nodes.Read(file=path, raw=True))
    click(style, "render")
    alone = str(write(tmp_path / "alpha.exr", mask[..., 3:], channels="A"))
    same(style, told(tmp_path, read["file"].value(), look, inputs={"mask": alone}))
    outside = mask[..., 3] == 0
    for frame in FRAMES:
        before, after = (pixels.shown(node, frame)["rgba.red"] for node in (read, style))
        assert np.array_equal(before[outside], after[outside])
        assert not np.array_equal(before, after)


def test_removal_gets_neighbours_masks_and_painted_frames(nuke: Any, read: Any, tmp_path: Path) -> None:
    mask = np.zeros((48, 64, 4), np.float32)
    mask[18:26, 28:36, 3] = 1
    still = nuke.nodes.Read(file=str(write(tmp_path / "mask.exr", mask)), raw=True)
    clean = nuke.nodes.Read(file=write_shot(tmp_path / "clean", [5]), first=5, last=5, raw=True)
    group = building.build(session.declarations().node("removal"))
    numbers = {each.name(): int(each["number"].value()) for each in group.nodes() if each.Class() == "Input"}
    for name, node in (("plate", nuke.nodes.Multiply(inputs=[read], value=0.5)), ("mask", still), ("clean", clean)):
        group.setInput(numbers[name], node)
    group["reach"].setValue(1)
    group["quality"].setValue("draft")
    group["replate_frames"].setValue("1")
    click(group, "render")
    assert host.messages == []
    # The neighbours of frame 1, and of the plate the frame that a clean plate was painted for.
    assert [span[1:] for span in host.executed] == [(1, 5), (1, 4)]
    alone = str(write(tmp_path / "alpha.exr", mask[..., 3:], channels="A"))
    inputs = {"mask": alone, "clean": clean["file"].value()}
    job = {"node": "removal", "params": {"reach": 1, "quality": "draft"}, "frames": "1", "inputs": inputs}
    same(group, told(tmp_path, multiplied(tmp_path, lambda _: 0.5), "", shown=(1,), **job))


def test_fire_burns_on_nothing_where_the_alpha_of_its_emitter_is(nuke: Any, tmp_path: Path) -> None:
    emitter = np.zeros((48, 64, 4), np.float32)
    emitter[36:44, 20:44, 3] = 1
    group = building.build(session.declarations().node("effect"))
    group["replate_generator"].setValue("fire")
    for name in ("mask", "holdout"):
        pipe = int(group.node(name)["number"].value())
        group.setInput(pipe, nuke.nodes.Read(file=str(write(tmp_path / f"{name}.exr", emitter)), raw=True))
        emitter = np.zeros_like(emitter)
    group["replate_frames"].setValue("10")
    click(group, "render")
    assert host.messages == []
    alone = str(write(tmp_path / "alpha.exr", pixels_of(tmp_path / "mask.exr"), channels="A"))
    inputs = {"plate": "blank:64x48", "mask": alone}
    wanted = told(tmp_path, "", "fire", shown=(10,), node="effect", frames="10", inputs=inputs)
    assert wanted[10]["rgba.red"].max() > 0
    same(group, wanted)


def pixels_of(path: Path) -> np.ndarray:
    """The alpha of a picture, H x W x 1."""
    return pixels.read(str(path))["rgba.alpha"][..., None]


def test_painted_frames_are_those_that_their_knob_names_now(nuke: Any, style: Any, read: Any) -> None:
    style.setInput(2, nuke.nodes.Multiply(inputs=[read]))
    now, pattern = held.Held(style), held.Held(style).place.tap("hints")
    hints = now.pipes["hints"]
    for frames in ([1, 4], [2, 4]):
        before = now.words
        style["replate_at_hints"].setValue(",".join(map(str, frames)))
        now = held.Held(style)
        assert now.words != before
        hints.render(style, now.place, frames, channels="all")
        assert sorted(now.place.made(pattern)) == frames
    assert host.executed == [("Tap", 1, 1), ("Tap", 4, 4), ("Tap", 2, 2)]


def test_neighbours_from_before_are_gone_when_the_graph_is_another(nuke: Any, style: Any, read: Any) -> None:
    grade = nuke.nodes.Multiply(inputs=[read])
    style.setInput(0, grade)
    click(style, "render")
    grade["value"].setValue(3)
    style["replate_frames"].setValue("3")
    click(style, "render")
    assert list(held.Held(style).place.made(held.Held(style).place.tap("plate"))) == [3]


def test_without_a_mask_a_channel_of_the_plate_can_be_one(style: Any) -> None:
    style["mask_channel"].setValue("A")
    assert held.Held(style).job["inputs"]["mask"] == "plate:A"


def test_neighbours_that_a_node_looks_at_are_rendered_too(
    nuke: Any, style: Any, read: Any, tmp_path: Path, look: str
) -> None:
    style.setInput(0, nuke.nodes.Multiply(inputs=[read], value=0.5))
    style["steady"].setValue(0.8)
    nuke.frame(2)
    click(style, "preview")
    assert host.executed[0][1] == 1  # not before the shot begins
    assert host.executed[0][2] > 2
    same(style, told(tmp_path, multiplied(tmp_path, lambda _: 0.5), look, shown=(2,), params={"steady": 0.8}))


def test_a_preview_makes_one_frame_and_others_are_an_error(nuke: Any, style: Any) -> None:
    nuke.frame(3)
    click(style, "preview")
    assert style["replate_state"].value() == "rendered: 3"
    assert pixels.shown(style, 3)
    with pytest.raises(RuntimeError, match=r"style\.0004\.exr"):
        pixels.shown(style, 4)
    style["replate_show"].setValue("source")
    assert pixels.shown(style, 4)


def test_a_node_that_was_never_rendered_shows_its_input_in_the_window_and_fails_a_render(
    nuke: Any, style: Any, read: Any
) -> None:
    same(style, {3: pixels.shown(read, 3)})
    nuke.GUI = False
    with pytest.raises(RuntimeError, match="No such file"):
        pixels.shown(style, 3)


def test_a_frame_that_would_be_another_now_is_marked(nuke: Any, style: Any, read: Any) -> None:
    click(style, "render")
    nuke.frame(2)
    style["mix"].setValue(0.5)
    assert "frame 2 is OUT OF DATE" in style["replate_state"].value()
    assert style["tile_color"].value() != 0
    style["mix"].setValue(1.0)
    assert style["replate_state"].value() == "rendered: 1-5"
    assert style["tile_color"].value() == 0
    Path(read["file"].value() % 2).touch()
    style["replate_show"].setValue("result")
    assert "OUT OF DATE" in style["replate_state"].value()


def test_a_change_above_marks_a_node_and_a_move_of_it_does_not(nuke: Any, style: Any, read: Any) -> None:
    grade = nuke.nodes.Multiply(inputs=[nuke.nodes.Dot(inputs=[read])], value=2)
    style.setInput(0, grade)
    click(style, "render")
    grade.setXYpos(5, 5)
    assert held.Held(style).old == ()
    grade["value"].setValue(2.5)
    assert held.Held(style).old == tuple(FRAMES)


def test_a_render_warns_of_nodes_that_are_out_of_date(nuke: Any, style: Any, tmp_path: Path) -> None:
    run_startup(nuke, "init.py")
    write = nuke.nodes.Write(
        inputs=[style], file=str(tmp_path / "final.%04d.exr"), file_type="exr", channels="all", datatype="32 bit float"
    )
    click(style, "render")
    host.lines.clear()
    nuke.execute(write, 1, 2)
    assert host.lines == []
    style["mix"].setValue(0.25)
    nuke.execute(write, 1, 2)
    assert host.lines == ["Replate: ReplateStyle1 is out of date or not rendered at 1-5; render it first"]


def run_startup(nuke: Any, name: str) -> None:
    path = Path(building.__file__).parent / "startup" / name
    exec(compile(path.read_text(), str(path), "exec"), {"__file__": str(path)})


def test_a_pasted_copy_has_results_of_its_own(nuke: Any, style: Any, tmp_path: Path) -> None:
    click(style, "render")
    before = {frame: pixels.shown(style, frame) for frame in FRAMES}
    for node in nuke.allNodes():
        node.setSelected(node == style)
    nuke.nodeCopy(str(tmp_path / "clip.nk"))
    copy = nuke.nodePaste(str(tmp_path / "clip.nk"))
    copy.setInput(0, style.input(0))
    assert copy.name() == "ReplateStyle2"
    same(copy, before)
    copy["mix"].setValue(0.3)
    click(copy, "render")
    same(style, before)
    assert not np.array_equal(pixels.shown(copy, 1)["rgba.red"], before[1]["rgba.red"])
    copy["replate_clear"].execute()
    same(style, before)


def test_a_script_keeps_settings_and_shows_its_results_where_replate_is_not(
    nuke: Any, style: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    style["mix"].setValueAt(0.5, 1)
    style["mix"].setValueAt(1.0, 5)
    click(style, "render")
    before = {frame: pixels.shown(style, frame) for frame in FRAMES}
    nuke.scriptSaveAs(str(tmp_path / "shot.nk"))
    nuke.GUI = False
    nuke.scriptOpen(str(tmp_path / "shot.nk"))
    monkeypatch.setitem(__import__("sys").modules, "replate_plugin.nuke", None)
    opened = nuke.toNode("ReplateStyle1")
    assert isinstance(opened, Group)
    same(opened, before)
    assert opened["mix"].valueAt(3) == 0.75
    opened["strength"].setValue(0.1)  # knobChanged finds no plug-in
    opened["replate_render"].execute()
    assert host.messages == ["Replate is not installed here; frames that are rendered show all the same."]


def test_an_opened_script_says_how_its_nodes_stand_now(nuke: Any, style: Any, read: Any, tmp_path: Path) -> None:
    nuke.addOnScriptLoad(marks.refresh_all)
    click(style, "render")
    nuke.scriptSaveAs(str(tmp_path / "shot.nk"))
    Path(read["file"].value() % 1).touch()
    nuke.scriptOpen(str(tmp_path / "shot.nk"))
    assert "frame 1 is OUT OF DATE" in nuke.toNode("ReplateStyle1")["replate_state"].value()
    Path(nuke.toNode("ReplateStyle1").node("Result")["file"].value() % 2).unlink()
    nuke.scriptOpen(str(tmp_path / "shot.nk"))
    assert nuke.toNode("ReplateStyle1")["replate_state"].value().startswith("rendered: 1,3-5")


def test_two_nodes_below_each_other_are_rendered_from_the_top(nuke: Any, style: Any, look: str) -> None:
    below = building.build(session.declarations().node("style"))
    below.setInput(0, style)
    below["replate_generator_file"].setValue(look)
    click(below, "render")
    assert host.messages == ["ReplateStyle1, above this node, is not up to date; render it first"]
    click(style, "render")
    click(below, "render")
    assert len(host.messages) == 1
    assert held.Held(below).old == ()
    style["mix"].setValue(0.2)
    click(style, "render")
    assert held.Held(below).old == tuple(FRAMES)


def test_cancel_keeps_what_is_done_and_opens_no_window(style: Any) -> None:
    host.cancel_tasks = True
    click(style, "render")
    assert host.messages == []
    assert style["replate_state"].value() != "rendered: 1-5"
    host.cancel_tasks = False
    click(style, "render")
    assert style["replate_state"].value() == "rendered: 1-5"


def test_the_button_cancels_what_runs(style: Any) -> None:
    style["replate_render"].execute()
    style["replate_cancel"].execute()
    style["replate_render"].execute()
    assert host.messages == ["this node is being rendered; cancel that, or wait for its end"]
    host.idle(lambda: not rendering._running)
    assert style["replate_state"].value() != "rendered: 1-5"


def test_cancelling_nukes_own_render_ends_it_all(nuke: Any, style: Any, read: Any) -> None:
    style.setInput(0, nuke.nodes.Multiply(inputs=[read]))
    host.cancel_at = 3
    click(style, "render")
    assert (host.messages, host.undo_off, style.node("Tap")) == ([], 0, None)
    assert style["replate_state"].value() == "not rendered"


def test_what_goes_wrong_is_one_sentence_in_a_window(nuke: Any, style: Any, read: Any, tmp_path: Path) -> None:
    style["mix"].setValue(7)
    click(style, "render")
    assert host.messages.pop() == "parameter 'mix' must be a number from 0 to 1, not 7.0"
    style["mix"].setValue(1)
    style["replate_generator_file"].setValue(str(tmp_path / "none.onnx"))
    click(style, "render")
    assert "there is no generator file" in host.messages.pop()
    style["replate_frames"].setValue("1-x")
    click(style, "render")
    assert "'1-x' is no frame range" in host.messages.pop()
    nuke.root()["name"].setValue("")
    style["replate_frames"].setValue("1")
    click(style, "render")
    assert "save the script first" in host.messages.pop()


def test_a_render_in_a_callback_or_beside_another_is_refused_in_words(nuke: Any, style: Any, read: Any) -> None:
    style.setInput(0, nuke.nodes.Multiply(inputs=[read]))
    with host.working(), pytest.raises(AssertionError, match="a window while Nuke executes"):
        rendering.render(style)  # the fake's window cannot open either; what it would say:
    with host.working(), pytest.raises(session.ServiceError, match="Nuke is rendering something else"):
        rendering._begin(held.Held(style))


def test_a_plate_that_nuke_cannot_read_is_one_sentence(nuke: Any, style: Any, read: Any) -> None:
    style.setInput(0, nuke.nodes.Multiply(inputs=[read]))
    Path(read["file"].value() % 3).unlink()
    click(style, "render")
    assert host.messages[0].startswith("Nuke cannot render the input 'plate': Plate: ")
    assert (style.node("Tap"), host.undo_off) == (None, 0)


def test_a_group_deleted_during_its_render_does_no_harm(nuke: Any, style: Any) -> None:
    style["replate_render"].execute()
    nuke.delete(style)
    host.idle(lambda: not rendering._running)
    assert host.messages == []


def test_a_read_is_passed_on_only_where_its_file_holds_what_nuke_shows(nuke: Any, style: Any, read: Any) -> None:
    def passed() -> bool:
        return held.Held(style, [1, 5]).pipes["plate"].read is not None

    style.setInput(0, nuke.nodes.Dot(inputs=[read]))
    assert passed()
    for knob, value, usual in (
        ("last", 4, 5),
        ("frame", "1", ""),
        ("disable", True, False),
        ("premultiplied", True, False),
    ):
        read[knob].setValue(value)
        assert not passed(), knob
        read[knob].setValue(usual)
    read["raw"].setValue(False)
    assert passed()
    read["colorspace"].setValue("sRGB")
    assert not passed()
    nuke.root()["colorManagement"].setValue("OCIO")
    assert passed()


def test_the_colour_space_is_told(nuke: Any, style: Any, read: Any, tmp_path: Path) -> None:
    def told() -> Any:
        return {name: held.Held(style).job["options"].get(name) for name in ("color_space", "ocio")}

    assert told() == {"color_space": "lin_rec709", "ocio": None}
    nuke.root()["colorManagement"].setValue("OCIO")
    nuke.root()["OCIO_config"].setValue("custom")
    nuke.root()["customOCIOConfigPath"].setValue("/show/config.ocio")
    nuke.root()["workingSpaceLUT"].setValue("ACES - ACEScg")
    assert told() == {"color_space": "ACES - ACEScg", "ocio": "/show/config.ocio"}
    read["raw"].setValue(False)
    read["colorspace"].setValue("ACES - ACES2065-1")
    assert told()["color_space"] == "ACES - ACES2065-1"
    style["color_space"].setValue("ACEScct")
    assert told()["color_space"] == "ACEScct"


def test_other_pictures_are_handed_over_in_nukes_own_space(nuke: Any, read: Any, tmp_path: Path) -> None:
    group = building.build(session.declarations().node("removal"))
    group.setInput(0, read)
    behind = nuke.nodes.Read(file=write_shot(tmp_path / "bg", FRAMES), first=1, last=5, colorspace="ACES - ACEScg")
    group.setInput([entry.name for entry in session.declarations().node("removal").inputs].index("background"), behind)
    nuke.root()["colorManagement"].setValue("OCIO")
    nuke.root()["workingSpaceLUT"].setValue("scene_linear")
    now = held.Held(group)
    assert now.job["options"]["inputs_color_space"] == "scene_linear"
    assert now.pipes["background"].read is None
    behind["raw"].setValue(True)
    assert held.Held(group).pipes["background"].read is behind


def test_the_result_is_read_as_its_plate_is(nuke: Any, style: Any, read: Any) -> None:
    read["raw"].setValue(False)
    read["colorspace"].setValue("linear")
    click(style, "render")
    assert (style.node("Result")["raw"].value(), style.node("Result")["colorspace"].value()) == (False, "linear")
    style.setInput(0, nuke.nodes.Multiply(inputs=[read]))
    click(style, "render")
    assert style.node("Result")["raw"].value()


def test_without_a_plate_there_is_black_of_the_projects_size(style: Any) -> None:
    style.setInput(0, None)
    style["replate_frames"].setValue("1")
    click(style, "render")
    assert host.messages == []
    assert pixels.shown(style, 1)["rgba.red"].shape == (48, 64)
