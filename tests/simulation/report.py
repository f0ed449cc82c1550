"""The figures of a campaign, for people."""

from collections import Counter

from tests.simulation.figures import Figures


def report(figures: Figures, *, seconds: float) -> str:
    speed = figures.runs / seconds * 60
    share = 100 * figures.duplicates / max(figures.effects, 1)
    repair = figures.slowest_repair.total_seconds()
    lines = (
        f"{figures.runs:,} runs in {seconds:.1f} s ({speed:,.0f} a minute)",
        f"  steps                {figures.turns:,}",
        f"  tasks answered 201   {figures.accepted:,}",
        f"  handler calls        {figures.effects:,}",
        f"  of them duplicates   {figures.duplicates:,} ({share:.1f} %: outcome never recorded)",
        f"  slowest repair       {repair:.1f} s (simulated) from the end of trouble",
        "  what went wrong",
        *_lines(figures.trouble),
        "  what the functions did",
        *_lines(figures.reports),
    )
    return "\n".join(lines)


def _lines(counts: Counter[str]) -> list[str]:
    return [f"    {name:<40} {count:>10,}" for name, count in sorted(counts.items())]
