"""The record of finished frames."""

from __future__ import annotations

from pathlib import Path

from replate.keeping.manifest import Manifest, fingerprint


def test_states(tmp_path: Path) -> None:
    target = tmp_path / "out.0001.exr"
    manifest = Manifest(tmp_path / "out.%04d.exr")
    assert manifest.state("1", target, "print") == "absent"
    target.write_bytes(b"12345")
    assert manifest.state("1", target, "print") == "foreign"
    manifest.record("1", target, "print")
    for known in (manifest, Manifest(tmp_path / "out.%04d.exr")):
        assert known.state("1", target, "print") == "done"
        assert known.state("1", target, "other") == "stale"
    target.write_bytes(b"123")
    assert manifest.state("1", target, "print") == "stale"


def test_a_line_cut_short_is_skipped(tmp_path: Path) -> None:
    target = tmp_path / "out.0001.exr"
    target.write_bytes(b"12345")
    manifest = Manifest(tmp_path / "out.%04d.exr")
    manifest.record("1", target, "print")
    with manifest.path.open("ab") as file:
        file.write(b'{"frame": "2", "sett')
    assert Manifest(tmp_path / "out.%04d.exr").state("1", target, "print") == "done"


def test_fingerprint_does_not_depend_on_order() -> None:
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_a_claimed_file_is_our_own(tmp_path: Path) -> None:
    """Killed between the renaming and the record, a job must not take its own frame for somebody else's."""
    target = tmp_path / "out.0001.exr"
    Manifest(tmp_path / "out.%04d.exr").claim("1")
    assert Manifest(tmp_path / "out.%04d.exr").state("1", target, "print") == "absent"
    target.write_bytes(b"12345")
    assert Manifest(tmp_path / "out.%04d.exr").state("1", target, "print") == "stale"


def test_a_record_follows_a_line_cut_short(tmp_path: Path) -> None:
    target = tmp_path / "out.0001.exr"
    target.write_bytes(b"12345")
    path = tmp_path / ".out.%04d.exr.replate.jsonl"
    path.write_text('{"frame": "2", "sett')
    Manifest(tmp_path / "out.%04d.exr").record("1", target, "print")
    assert Manifest(tmp_path / "out.%04d.exr").state("1", target, "print") == "done"
