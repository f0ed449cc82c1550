"""From results to the tables and plots of docs/benchmarks."""

import re
from collections.abc import Sequence
from pathlib import Path

from bench import plots
from bench.figures import medians
from bench.measure import Measure
from bench.measures.catalogue import MEASURES
from bench.results import Results
from bench.tables import cell, table

DOCS = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"
PAGE = DOCS / "README.md"


def write(name: str) -> None:
    """Put what DOCS/<name>.json holds into the page, between the marks of that name."""
    results = Results.read(DOCS / f"{name}.json")
    measured = [each for each in MEASURES if results.systems(each.name)]
    plotted = plots.draw(results, measured, DOCS, name)
    sections = [_run_in_words(results)] + [
        _section(each, results, plotted.get(each.name)) for each in measured
    ]
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    PAGE.write_text(
        re.sub(
            f"{begin}.*{end}",
            lambda _: f"{begin}\n{''.join(sections)}{end}",
            PAGE.read_text(),
            flags=re.DOTALL,
        )
    )


def _run_in_words(results: Results) -> str:
    facts = [*results.machine.values(), *(f"{k} {v}" for k, v in results.versions.items())]
    loads = [run.load for run in results.runs]
    scaled = f" Sizes are scaled by {results.scale:g}." if results.scale != 1 else ""
    return (
        f"\nMeasured {_when(results)} on: {'; '.join(facts)}. Load average when the runs "
        f"began: {min(loads):.1f} to {max(loads):.1f}. Shown are medians, and what the repetitions "
        f"ranged over.{scaled}\n"
    )


def _when(results: Results) -> str:
    days = sorted({run.began.partition("T")[0] for run in results.runs})
    return " to ".join(dict.fromkeys((days[0], days[-1])))


def _section(measure: Measure, results: Results, plot: str | None) -> str:
    rows = [_row(measure, results, system) for system in results.systems(measure.name)]
    picture = f"\n![{measure.title}]({plot})\n" if plot else ""
    head = ["", *measure.columns.values(), "runs"]
    return f"\n### {measure.title}\n\n{measure.note}\n\n{table(head, rows)}{picture}"


def _row(measure: Measure, results: Results, system: str) -> Sequence[str]:
    runs = results.of(measure.name, system)
    figures = medians([run.figures for run in runs])
    cells = [cell(figures[name]) if name in figures else "" for name in measure.columns]
    return [system, *cells, str(len(runs))]
