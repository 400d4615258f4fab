"""What comes back into Resolve: the command line's pixels, in the right place."""

from __future__ import annotations

import json

import pytest

from plates import read, write_shot
from replate.job import Job
from resolving.editing import START, Edit, close, movie, same_as_command_line
from resolving.media import MediaPoolItem
from resolving.windows import Desktop


def test_a_movie_comes_back_above_its_clip(edit: Edit) -> None:
    plate = movie(edit.folder)
    item = edit.timeline.put(1, edit.clip(plate), START + 100, 8, left=5)
    item.graded, item.properties["ZoomX"] = "teal and orange", 1.5
    went_well, told = edit.work()
    assert went_well, told
    (placed,) = edit.placed()
    assert (placed.start, placed.length, placed.left) == (START + 100, 8, 0)
    assert (placed.graded, placed.properties["ZoomX"]) == ("teal and orange", 1.5)
    assert [clip.name for clip in edit.project.pool.root.folders[0].clips] == ["shot_style_v001.mov"]
    assert edit.project.pool.root.folders[0].name == "Replate"
    assert edit.project.pool.current is edit.project.pool.root
    assert item.media and item.media.properties["File Path"] == plate, "the clip itself is as it was"
    assert placed.media and json.loads(placed.media.tags["Replate"])["frames"] == "6-13"
    same_as_command_line(placed.media.properties["File Path"], edit, plate, "6-13")


def test_the_first_frame_of_a_source_is_not_believed(edit: Edit) -> None:
    """The call for it is one too high for some clips; the offset is right."""
    plate = movie(edit.folder)
    for left in (4, 5):
        item = edit.timeline.put(1, edit.clip(plate), START + 10 * left, 3, left=left)
        assert item.GetSourceStartFrame() in (left, left + 1)
    edit.select_all()
    went_well, told = edit.work()
    assert went_well, told
    frames = [json.loads(item.media.tags["Replate"])["frames"] for item in edit.placed() if item.media]
    assert frames == ["5-7", "6-8"]


def test_a_sequence_comes_back_as_a_sequence(edit: Edit) -> None:
    plate = write_shot(edit.folder / "in", range(1001, 1013))
    edit.timeline.put(1, edit.clip(plate, first=1001, last=1012), START, 4, left=3)
    went_well, told = edit.work()
    assert went_well, told
    (placed,) = edit.placed()
    assert placed.media and placed.media.properties["File Path"].endswith("plate_style_v001.[1004-1007].exr")
    assert placed.length == 4
    result = edit.folder / "in" / "replate" / "plate_style_v001"
    same_as_command_line(str(result / "plate_style_v001.%04d.exr"), edit, plate, "1004-1007")
    job = Job.load(result / "plate_style_v001.json")
    assert job.frames == "1004-1007", "the farm can render it from the file beside it"
    setting = (result / "plate_style_v001.setting").read_text()
    assert f'Filename = "{result / "plate_style_v001.1004.exr"}"' in setting
    assert setting.count("{") == setting.count("}") and "StartFrame = 1004" in setting and "GlobalEnd = 3" in setting


@pytest.mark.parametrize(("source", "edited"), [("24", "23.976"), ("29.97", "24"), ("25", "50"), ("23.976", "29.97")])
def test_mixed_rates_fill_the_place_to_the_frame(edit: Edit, source: str, edited: str) -> None:
    """Resolve rounds down what it is given; a frame to spare makes up for it."""
    plate = write_shot(edit.folder / "in", range(0, 30))
    edit.timeline.told_rate = edited
    for number, length in enumerate((5, 7, 9)):
        edit.timeline.put(1, edit.clip(plate, first=0, last=29, rate=source), START + 20 * number, length, left=2)
    edit.select_all()
    went_well, told = edit.work()
    assert went_well, told
    found = [(item.start, item.length) for item in edit.placed()]
    assert found == [(START, 5), (START + 20, 7), (START + 40, 9)]
    assert {item.media.properties["FPS"] for item in edit.placed() if item.media} == {source}


def test_a_second_result_finds_a_place_of_its_own(edit: Edit) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 4)
    for _ in range(2):
        went_well, told = edit.work()
        assert went_well, told
    assert [len(track.items) for track in edit.timeline.tracks] == [1, 1, 1]
    names = [item.media.name for track in edit.timeline.tracks[1:] for item in track.items if item.media]
    assert names == ["shot_style_v001.mov", "shot_style_v002.mov"], "nothing is replaced"


def test_a_title_over_the_clip_lies_over_the_result_as_well(edit: Edit) -> None:
    for start in (START, START + 50):
        edit.timeline.put(1, edit.clip(movie(edit.folder)), start, 4)
    edit.timeline.AddTrack("video")
    title = edit.timeline.put(2, None, START, 4)
    edit.select_all()
    went_well, told = edit.work()
    assert went_well, told
    assert [[item.start for item in track.items] for track in edit.timeline.tracks] == [
        [START, START + 50],
        [START, START + 50],
        [START],
    ]
    assert edit.timeline.tracks[2].items == [title]


def test_where_tracks_come_at_the_top_alone_that_is_said(edit: Edit) -> None:
    edit.timeline.only_on_top = True
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 4)
    edit.timeline.AddTrack("video")
    edit.timeline.put(2, None, START, 4)
    went_well, told = edit.work()
    assert went_well and "move it down" in told
    assert [item.start for item in edit.placed(3)] == [START]


def test_what_is_on_the_track_counts_not_what_resolve_says(edit: Edit) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 4)
    edit.timeline.is_shy = True
    assert edit.work()[0]
    assert len(edit.placed()) == 1


def test_a_resolve_that_tells_less_does_as_well(edit: Edit) -> None:
    edit.world.lacks |= {"GetSourceStartTime", "GetSourceEndTime"}
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 4, left=3)
    went_well, told = edit.work()
    assert went_well, told
    assert not edit.project.jobs and "first" not in told


def test_a_take_keeps_the_clip_where_it_is(edit: Edit) -> None:
    item = edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 4)
    edit.preset["place"] = "take"
    went_well, told = edit.work()
    assert went_well, told
    assert [take.name for take in item.takes] == ["shot.mp4", "shot_style_v001.mov"]
    assert item.selected == 2
    assert len(edit.timeline.tracks) == 1


def test_a_still_is_as_long_as_its_clip(edit: Edit) -> None:
    plate = write_shot(edit.folder / "in", [7]) % 7
    edit.timeline.put(1, edit.clip(plate), START, 30)
    went_well, told = edit.work()
    assert went_well, told
    (placed,) = edit.placed()
    assert (placed.start, placed.length) == (START, 30)
    assert placed.media and read(placed.media.properties["File Path"])[0].shape == read(plate)[0].shape


def test_a_missing_file_is_named(edit: Edit) -> None:
    edit.timeline.put(
        1, MediaPoolItem(edit.world, "gone", **{"File Path": "/gone/a.mov", "Frames": "9", "FPS": "24"}), 0, 4
    )
    went_well, told = edit.work(desktop=Desktop(close))
    assert not went_well
    assert "/gone/a.mov" in told and "relink" in told


def test_a_clip_that_is_offline_does_not_keep_others_from_being_done(edit: Edit) -> None:
    gone = MediaPoolItem(edit.world, "gone", **{"File Path": "/gone/a.mov", "Frames": "9", "FPS": "24"})
    edit.timeline.put(1, gone, START, 4)
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START + 4, 2)
    edit.select_all()
    went_well, told = edit.work()
    assert not went_well
    assert "/gone/a.mov" in told and "shot_style_v001.mov" in told
    assert [item.start for item in edit.placed()] == [START + 4]


def test_no_clip_no_work(edit: Edit) -> None:
    went_well, told = edit.work(desktop=Desktop(close))
    assert not went_well
    assert "select one" in told
