"""Render `farm_form.jpg`: the form that Deadline Cloud draws of a bundle. Needs `deadline[gui]` and PySide6.

QT_QPA_PLATFORM=offscreen DEADLINE_CLOUD_TELEMETRY_OPT_OUT=true python docs/pictures/farm.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from deadline.client.job_bundle.parameters import read_job_bundle_parameters
from deadline.client.ui.widgets.openjd_parameters_widget import OpenJDParametersWidget
from PySide6.QtWidgets import QApplication

from replate.farm.asked import Asked
from replate.farm.bundle import write_bundle
from replate.farm.work import farm_of
from replate.job import Job
from replate.params import Curve

HERE = Path(__file__).parent
JOB = Job(
    node="style",
    generator="painted",
    inputs={"plate": "blank:1920x1080", "mask": "plate:A"},
    output="/shots/sh010/painted/sh010.%04d.exr",
    frames="1001-1100",
    params={"mix": Curve(((1001.0, 0.0), (1050.0, 1.0)), "smooth"), "strength": 1.25, "mask.feather": 12.0},
)


def main() -> None:
    application = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder) / "sh010-farm", farm_of(JOB, Asked(movie="/shots/sh010/painted/sh010.mov")))
        form = OpenJDParametersWidget(parameter_definitions=read_job_bundle_parameters(f"{folder}/sh010-farm"))
        form.resize(560, 10)
        form.show()
        application.processEvents()
        form.grab().save(str(HERE / "farm_form.jpg"), quality=85)


if __name__ == "__main__":
    main()
