"""The fake Nuke misbehaves as Nuke does; what the other tests show is worth no more than that."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from fakenuke import pixels
from fakenuke.state import host
from plates import write_shot


def test_it_executes_one_thing_at_a_time(nuke: Any, tmp_path: Path) -> None:
    read = nuke.nodes.Read(file=write_shot(tmp_path / "in", [1]))
    write = nuke.nodes.Write(inputs=[read], file=str(tmp_path / "%04d.exr"), file_type="exr", channels="all")
    read["knobChanged"].setValue("nuke.execute(nuke.toNode('Write1'), 1, 1)")
    with pytest.raises(RuntimeError, match="I'm already executing something else"):
        read["raw"].setValue(True)
    nuke.addBeforeRender(lambda: nuke.execute(write, 1, 1))
    with pytest.raises(RuntimeError, match="I'm already executing something else"):
        nuke.execute(write, 1, 1)
    assert not host.busy


def test_the_main_thread_that_waits_for_itself_hangs(nuke: Any) -> None:
    with pytest.raises(AssertionError, match="NUKE hangs"):
        nuke.executeInMainThread(print)


def test_other_threads_may_not_touch_the_graph(nuke: Any) -> None:
    node, said = nuke.nodes.Dot(), list[str]()

    def work() -> None:
        for deed in (lambda: node["label"].setValue("x"), lambda: nuke.nodes.Dot(), lambda: nuke.delete(node)):
            try:
                deed()
            except AssertionError as error:
                said.append(str(error))
        nuke.executeInMainThread(node["label"].setValue, args=("by the main thread",))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    host.idle(lambda: node["label"].value() == "by the main thread")
    assert len(said) == 3
    assert all(each.endswith("outside the main thread") for each in said)


def test_a_deleted_node_and_a_knob_that_is_not_there_are_told_as_nuke_tells_them(nuke: Any) -> None:
    node = nuke.nodes.Dot()
    with pytest.raises(NameError, match="knob mixx does not exist"):
        node["mixx"]
    assert node.knob("mixx") is None
    nuke.delete(node)
    with pytest.raises(ValueError, match="A PythonObject is not attached to a node"):
        node.name()


def test_a_missing_frame_and_a_cancelled_one_end_a_render(nuke: Any, tmp_path: Path) -> None:
    read = nuke.nodes.Read(file=write_shot(tmp_path / "in", [1]), last=3, raw=True)
    write = nuke.nodes.Write(inputs=[read], file=str(tmp_path / "%04d.exr"), file_type="exr", channels="all")
    with pytest.raises(RuntimeError, match="Read error"):
        nuke.execute(write, 1, 2)
    host.cancel_at = 1
    with pytest.raises(RuntimeError, match="Cancelled"):
        nuke.execute(write, 1, 1)


def test_a_read_holds_its_ends_and_converts_what_is_not_raw(nuke: Any, tmp_path: Path) -> None:
    read = nuke.nodes.Read(file=write_shot(tmp_path / "in", [1, 2]), last=2, raw=True)
    assert (pixels.shown(read, 9)["rgba.red"] == pixels.shown(read, 2)["rgba.red"]).all()
    before = pixels.shown(read, 1)["rgba.red"]
    read["raw"].setValue(False)
    read["colorspace"].setValue("sRGB")
    assert (pixels.shown(read, 1)["rgba.red"] != before).any()
