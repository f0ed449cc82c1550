"""Plots as SVG files. The same results give the same bytes."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from bench.figures import Spread, medians
from bench.measure import Measure
from bench.measures.flatness import FLATNESS, PARTS, SIZES
from bench.results import Results

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "dueline"  # else the ids in the file are random
OURS, THEIRS = "#c1440e", "#8a9ba8"
SHOWN = {
    "burst": ("starts_per_second", False),
    "lateness": ("p99", True),
    "accept": ("rate", False),
}


def draw(results: Results, measures: Sequence[Measure], folder: Path, name: str) -> dict[str, str]:
    """Draw what has a plot; its file by the name of the measure."""
    drawn = {}
    for measure in measures:
        figure, logarithmic = SHOWN.get(measure.name.partition("-")[0], ("", False))
        values = {
            system: spread
            for system in results.systems(measure.name)
            if (spread := _median(results, measure, system, figure))
        }
        if len(values) > 1:
            file = f"{name}-{measure.name}.svg"
            _bars(values, f"{measure.title}: {measure.columns[figure]}", folder / file, logarithmic)
            drawn[measure.name] = file
        if measure.name == FLATNESS.name:
            file = f"{name}-{measure.name}.svg"
            figures = medians([run.figures for run in results.of(measure.name, "dueline")])
            _lines(figures, measure.title, folder / file)
            drawn[measure.name] = file
    return drawn


def _lines(figures: dict[str, Spread], title: str, file: Path) -> None:
    """Time for each task, by the number of tasks: flat lines are what is wanted."""
    figure, axes = plt.subplots(figsize=(7, 3.5), layout="constrained")
    for part, words in PARTS.items():
        spreads = [figures[f"{part}-{size}"] for size in SIZES]
        medians_, least = [each.median for each in spreads], [each.least for each in spreads]
        axes.plot(SIZES, medians_, marker="o", label=words)
        axes.fill_between(SIZES, least, [each.most for each in spreads], alpha=0.15)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("tasks")
    axes.set_ylabel("µs for each task")
    axes.set_title(title, fontsize=10)
    axes.legend()
    _save(figure, file)


def _median(results: Results, measure: Measure, system: str, figure: str) -> Spread | None:
    return medians([run.figures for run in results.of(measure.name, system)]).get(figure)


def _bars(values: dict[str, Spread], title: str, file: Path, logarithmic: bool) -> None:  # noqa: FBT001
    """One bar for each system, with the range of its repetitions."""
    names = list(reversed(values))
    spreads = [values[name] for name in names]
    figure, axes = plt.subplots(figsize=(7, 0.7 + 0.32 * len(names)), layout="constrained")
    axes.barh(
        names,
        [each.median for each in spreads],
        xerr=(
            [each.median - each.least for each in spreads],
            [each.most - each.median for each in spreads],
        ),
        color=[OURS if name.startswith("dueline") else THEIRS for name in names],
        error_kw={"lw": 1},
    )
    if logarithmic:
        axes.set_xscale("log")
    axes.set_title(title, fontsize=10)
    _save(figure, file)


def _save(figure: Figure, file: Path) -> None:
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
