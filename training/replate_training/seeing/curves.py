"""Losses and figures over the steps of a training, as small plots: PNG files while it runs, SVG for the certificate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..judging.meanings import CRITIC, title

__all__ = ["Panel", "figures", "losses", "png", "svg"]

Row = Mapping[str, float]
Points = Sequence[tuple[float, float]]
_DARK: dict[Any, Any] = {
    "text.color": "#d8d8d8",
    "axes.facecolor": "none",
    "axes.edgecolor": "#6a6a6a",
    "axes.labelcolor": "#a8a8a8",
    "xtick.color": "#a8a8a8",
    "ytick.color": "#a8a8a8",
    "grid.color": "#5a5a5a",
    "axes.prop_cycle": cycler(color=["#e8e8e8", "#e0a96d", "#7fb2d9", "#b7c68b", "#c99ac7", "#d98a8a", "#8fd0c2"]),
    "svg.hashsalt": "replate",  # the same curves give the same file
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One plot: lines of (step, value) by their labels."""

    title: str
    lines: Mapping[str, Points]
    log: bool = False


def losses(history: Sequence[Row]) -> Panel:
    """Every loss, smoothed, on a logarithmic scale."""
    names = {name for row in history for name in row} - {"step", *CRITIC}
    return Panel(title="Losses", lines={name: _smooth(_points(history, name)) for name in sorted(names)}, log=True)


def figures(history: Sequence[Row], watched: Sequence[Row]) -> dict[str, Panel]:
    """A plot for each figure that was `watched`, by its name, and one of the critic's balance out of the `history`."""
    names = dict.fromkeys(name for row in watched for name in row if name not in ("step", "seconds"))
    panels = {name: Panel(title=title(name), lines={"": _points(watched, name)}) for name in names}
    balance = {label: _smooth(_points(history, name)) for name, label in CRITIC.items()}
    if any(balance.values()):
        panels["critic"] = Panel(title=title("critic"), lines=balance)
    return panels


def png(panels: Sequence[Panel], path: Path) -> None:
    """The plots beside and below each other in one picture."""
    columns = min(3, len(panels))
    rows = math.ceil(len(panels) / columns)
    wide, high = (9, 5) if len(panels) == 1 else (4, 3)
    figure = Figure(figsize=(wide * columns, high * rows))
    # A layout that is solved costs half a second, every twenty seconds of a training.
    edge = 0.6 / (high * rows)
    figure.subplots_adjust(0.6 / (wide * columns), edge, 0.98, 1 - edge, wspace=0.25, hspace=0.5)
    for index, panel in enumerate(panels):
        _draw(figure.add_subplot(rows, columns, index + 1, title=panel.title, xlabel="step"), panel)
    FigureCanvasAgg(figure)
    figure.savefig(path)


def svg(panel: Panel) -> str:
    """The plot for a dark page, as wide as a phone."""
    with mpl.rc_context(_DARK):
        figure = Figure(figsize=(4.4, 2.3), layout="constrained")
        _draw(figure.add_subplot(xlabel="step"), panel)
        text = StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return text.getvalue()


def _draw(axes: Axes, panel: Panel) -> None:
    if panel.log:
        axes.set_yscale("symlog", linthresh=1e-3)
    for label, points in panel.lines.items():
        marker = "o" if len(points) < 12 else ""
        xs, ys = [step for step, _ in points], [value for _, value in points]
        axes.plot(xs, ys, label=label, linewidth=1.2, marker=marker, markersize=3)
    if any(panel.lines):
        axes.legend(loc="best", fontsize="small", frameon=False)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _points(rows: Sequence[Row], name: str) -> Points:
    return [(row["step"], row[name]) for row in rows if name in row]


def _smooth(points: Points, *, keep: float = 0.8) -> Points:
    smoothed: list[tuple[float, float]] = []
    for step, value in points:
        smoothed.append((step, keep * smoothed[-1][1] + (1 - keep) * value if smoothed else value))
    return smoothed
