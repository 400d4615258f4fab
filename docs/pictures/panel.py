"""Pictures of the panel's pages, made from the panel itself with the sample shot: python docs/pictures/panel.py

`--scale 2` makes them as a screen of double density shows them, to be looked at: into --out, not into the docs. So are
`--pages empty errors narrow help overlays`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

HERE = Path(__file__).parent
WIDE, COLUMN, NARROW = (1360, 820), (420, 960), (320, 900)
MOST = 200_000  # bytes of a picture


def main() -> None:
    """Every page, one after the other."""
    options = argparse.ArgumentParser()
    options.add_argument("--scale", default="1", help="pixels a point, as a screen has them")
    options.add_argument("--out", type=Path, default=HERE, help="where the pictures go")
    options.add_argument("--pages", nargs="+", choices=[*PAGES, *MORE], default=list(PAGES), help="only these")
    given = options.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = given.scale
    with TemporaryDirectory() as text:
        model = Model(Path(text), given.out)
        try:
            for page in given.pages:
                {**PAGES, **MORE}[page](model)
        finally:
            model.close()


class Model:
    """A panel with the sample shot, that is photographed."""

    def __init__(self, folder: Path, out: Path) -> None:
        import replate
        from replate_plugin.client import Service
        from replate_plugin.panel import theme
        from replate_plugin.panel.model.home import Home
        from replate_plugin.panel.panel import Panel

        self.application, self.out = theme.application(), out
        sample = folder / "city.mp4"
        sample.write_bytes((Path(replate.__file__).parent / "samples" / "city.mp4").read_bytes())
        self.services = [Service(folder=folder / name) for name in ("pixels", "eyes")]
        self.panel = Panel(pixels=self.services[0], eyes=self.services[1], home=Home(folder / "home"))
        self.desk = self.panel.desk
        self.panel.resize(*WIDE)
        self.panel.show()
        self.panel.open(sample)
        self.settle()

    def until(self, condition: Callable[[], object], *, seconds: float = 120) -> None:
        """Wait for something."""
        end = time.monotonic() + seconds
        while not condition():
            self.application.processEvents()
            time.sleep(0.005)
            if time.monotonic() > end:
                sys.exit("the panel does not come to it")

    def rest(self, seconds: float = 0.3) -> None:
        """Let it be."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end)

    def settle(self) -> None:
        """Until the result is on the screen."""
        self.rest(0.05)
        self.until(lambda: self.panel.screening.ready and not self.panel.screening.stale)
        self.rest(0.2)

    def take(self, name: str) -> None:
        """A picture of the window, as good as fits."""
        self.rest()
        path = self.out / f"panel_{name}.jpg"
        for quality in range(92, 40, -4):
            self.panel.grab().save(str(path), "JPG", quality)
            if path.stat().st_size <= MOST or self.out != HERE:
                break

    def close(self) -> None:
        """Nothing is left running."""
        self.panel.close()
        for service in self.services:
            service.shutdown()


def tune(model: Model) -> None:
    """Knobs with keys, and a wipe that is tilted."""
    row = model.panel.tune.rows["strength"]
    row.editor.edited.emit(0.3)
    row.key.click()
    model.desk.go_to(18)
    row.editor.edited.emit(1.4)
    model.desk.go_to(40)
    row.editor.edited.emit(0.7)
    row._interpolate("smooth")
    model.desk.go_to(24)
    model.desk.show_as(compare="wipe", angle=18.0, wipe=(0.52, 0.5))
    model.settle()
    model.take("tune")


def looks(model: Model) -> None:
    """Every look on the frame in the viewer."""
    model.panel.tabs.setCurrentWidget(model.panel.looks)
    model.until(lambda: all(not tile.picture.icon().isNull() for tile in model.panel.looks.tiles.values()))
    model.take("looks")


def mask(model: Model) -> None:
    """A mask drawn on the frame, with the brush in hand."""
    from replate_plugin.panel.model.document import PAINTED
    from replate_plugin.panel.model.painting import Stroke

    model.panel.tabs.setCurrentWidget(model.panel.tune)
    model.panel.stage.toggle_brush()
    painting = model.desk.document.painting.with_stroke(24, Stroke("rectangle", ((305, 70), (445, 404))))
    line = ((250.0, 250.0), (262.0, 300.0), (255.0, 350.0), (235.0, 390.0))
    painting = painting.with_stroke(24, Stroke("brush", line, 70.0))
    model.desk.change(replace(model.desk.document.with_input("mask", PAINTED), painting=painting), "Draw mask")
    model.desk.show_as(compare="result")
    model.settle()
    model.take("mask")
    model.panel.stage.toggle_brush()
    model.desk.history.undo()
    model.desk.show_as(compare="wipe")
    model.settle()


def queue(model: Model) -> None:
    """One render done, one under way, one that waits."""
    from replate_plugin.panel import editing

    for look, frames in (("silver", "1-6"), ("painted", "1-48"), ("silver", "1-48x2")):
        editing.choose_generator(model.desk, look)
        model.desk.change(replace(model.desk.document, frames=frames), "Change frames")
        model.settle()
        model.panel.render_job()
    tickets = model.desk.queue.tickets
    model.until(lambda: list(tickets.values())[1].done >= 14)
    model.take("queue")
    for ticket in list(tickets.values()):
        model.desk.runner.cancel(ticket)
    model.until(lambda: all(ticket.over for ticket in tickets.values()))
    editing.choose_generator(model.desk, "painted")
    model.settle()


def train(model: Model) -> None:
    """A look that is learnt from two graded frames, in a minute."""
    from replate_plugin.panel.pages import pairs

    pairs.QDesktopServices.openUrl = lambda *_: True  # nobody is here to paint
    page = model.panel.train
    model.panel.tabs.setCurrentWidget(page)
    for frame in (5, 40):
        model.desk.go_to(frame)
        model.settle()
        page.pairs.paint()
        model.until(lambda: any(pair.frame == frame for pair in page.pairs.pairs))  # noqa: B023
    for pair in page.pairs.pairs:
        _grade(pair.after)
    model.until(lambda: all(pair.done for pair in page.pairs.pairs))
    page._set_minutes(1.0)
    page.begin()
    model.until(lambda: page.progress.share > 0.7 or page.progress.state != "running", seconds=400)
    model.take("train")
    model.until(lambda: page.progress.state != "running", seconds=400)


def _grade(path: str) -> None:
    """Late sun: warm light, soft shadows."""
    picture = cv2.imread(path, cv2.IMREAD_UNCHANGED).astype(np.float32) / 65535
    grey = picture.mean(-1, keepdims=True)
    warm = (0.35 * picture + 0.65 * grey) ** 0.9 * np.float32([0.62, 0.95, 1.3])
    cv2.imwrite(path, (np.clip(warm, 0, 1) * 65535).astype(np.uint16))


def column(model: Model) -> None:
    """As narrow as a docked column."""
    model.panel.tabs.setCurrentWidget(model.panel.tune)
    model.panel.resize(*COLUMN)
    model.settle()
    model.take("column")
    model.panel.resize(*WIDE)


def empty(model: Model) -> None:
    """Nothing open yet, on every page."""
    from replate_plugin.panel.model.document import Document

    before = model.desk.document
    model.desk.open(Document())
    _every_page(model, "empty", WIDE)
    model.desk.open(before)
    model.settle()


def errors(model: Model) -> None:
    """A plate that is none, a render that failed, a job that went to the farm."""
    from replate_plugin.panel import editing

    output = model.panel.tune.output
    model.panel.tabs.setCurrentWidget(model.panel.tune)
    output.to_farm.click()
    model.panel.tune.verticalScrollBar().setValue(10_000)
    model.take("farm")
    output.farm.begin()
    model.until(lambda: any(ticket.bundle for ticket in model.desk.queue.tickets.values()))
    output.to_farm.click()
    model.desk.change(replace(model.desk.document, output=model.desk.output + ".nothing"), "Change output")
    model.panel.render_job()
    model.until(lambda: any(ticket.state == "failed" for ticket in model.desk.queue.tickets.values()))
    model.desk.history.undo()
    broken = Path(model.desk.document.inputs["plate"]).with_name("broken_roto.exr")
    broken.write_bytes(b"no picture")
    editing.open_path(model.desk, broken)
    model.rest(2.0)
    model.take("errors")
    model.desk.history.undo()
    model.settle()


def narrow(model: Model) -> None:
    """Every page in the narrowest column."""
    _every_page(model, "narrow", NARROW)


def help(model: Model) -> None:
    """What lies over the viewer: the keys, a card."""
    model.panel.stage.help.present()
    model.take("keys")
    model.panel.stage.help.hide()
    model.panel._show_card("silver")
    model.until(lambda: "Licence" in model.panel.stage.card.text.text())
    model.take("card")
    model.panel.stage.card.hide()


def overlays(model: Model) -> None:
    """What Removal found of a hole, and what it made up; the mask, grown and soft."""
    from replate_plugin.panel import editing
    from replate_plugin.panel.model.document import PAINTED
    from replate_plugin.panel.model.painting import Stroke

    before = model.desk.document
    editing.choose_node(model.desk, "removal")
    painting = model.desk.document.painting.with_stroke(1, Stroke("ellipse", ((280, 130), (420, 330))))
    model.desk.change(replace(model.desk.document.with_input("mask", PAINTED), painting=painting), "Draw mask")
    model.panel.tune.rows["mask.grow"].editor.edited.emit(12.0)
    model.panel.tune.rows["mask.feather"].editor.edited.emit(20.0)
    model.panel.tune.rows["reach"].editor.edited.emit(6)
    model.desk.show_as(compare="result")
    for overlay in ("mask", "found", "confidence"):
        model.desk.show_as(overlay=overlay)
        model.settle()
        model.rest(1.0)
        model.take(f"overlay_{overlay}")
    model.desk.show_as(overlay="none", compare="wipe")
    model.desk.change(before, "Undo")
    model.settle()


def _every_page(model: Model, name: str, size: tuple[int, int]) -> None:
    model.panel.resize(*size)
    for number in range(model.panel.tabs.count()):
        model.panel.tabs.setCurrentIndex(number)
        model.rest(1.0)
        model.take(f"{name}_{model.panel.tabs.tabText(number).lower()}")
    model.panel.tabs.setCurrentIndex(0)
    model.panel.resize(*WIDE)


PAGES = {"tune": tune, "looks": looks, "mask": mask, "queue": queue, "train": train, "column": column}
"""Those in the docs."""
MORE = {"empty": empty, "errors": errors, "narrow": narrow, "help": help, "overlays": overlays}
"""Those that are only looked at."""

if __name__ == "__main__":
    main()
