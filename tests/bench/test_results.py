"""Which of the earlier results stay in a report."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.results import Results, Run


def results(*measures: str, processor: str = "2 x this", scale: float = 1.0) -> Results:
    runs = [
        Run(measure=name, system="dueline", repetition=1, figures={"p50": 1.0}, load=0.1)
        for name in measures
    ]
    return Results(machine={"processor": processor}, versions={}, scale=scale, runs=runs)


@pytest.mark.parametrize(
    ("earlier", "stays"),
    [
        (results("idle", "burst"), ["idle"]),
        (results("idle", "burst", processor="2 x that"), []),
        (results("idle", "burst", scale=0.01), []),
    ],
)
def test_what_is_not_measured_anew_stays_if_machine_and_scale_are_the_same(
    tmp_path: Path, earlier: Results, stays: Sequence[str]
) -> None:
    earlier.write(file := tmp_path / "dueline.json")
    now = results()

    now.keep_others(file, {"burst"})

    assert [run.measure for run in now.runs] == stays


def test_without_an_earlier_file_there_is_nothing_to_keep(tmp_path: Path) -> None:
    now = results()

    now.keep_others(tmp_path / "dueline.json", {"burst"})

    assert now.runs == []
