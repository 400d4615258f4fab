"""`replate export`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import typer
from typer.testing import CliRunner

from replate_export.cli import export

app = typer.Typer()
app.command()(export)


def test_prints_parity_of_both_files(checkpoint_file: Path, tmp_path: Path) -> None:
    options = ["--half", "--no-confidence", "--name", "small"]
    result = CliRunner().invoke(app, [str(checkpoint_file), str(tmp_path / "tiny.onnx"), *options])
    assert result.exit_code == 0, result.output
    lines = result.output.replace(str(tmp_path), "").splitlines()
    assert len(lines) == 2 and "tiny.fp16.onnx" in lines[1]
    assert all("differs from torch by result" in line and "confidence" not in line for line in lines)


def test_listing_the_command_imports_nothing_heavy() -> None:
    code = "import sys, replate_export.cli; print(*sorted({'torch', 'onnx', 'onnxruntime', 'cv2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
