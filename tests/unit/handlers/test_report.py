import csv
import json
from pathlib import Path
from typing import Any

import pytest

from dueline.handler import GiveUp
from handlers.report import write_report
from handlers.tables import as_csv, as_lines

from .factories import TASK_ID, AContext, a_task

ROWS: list[dict[str, Any]] = [
    {"name": "Ann", "age": 41},
    {"name": "Bo, jr.", "tags": ["a", 1], "age": None},
]


@pytest.fixture(autouse=True)
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "made" / "reports"
    monkeypatch.setenv("REPORTS_DIR", str(folder))
    return folder


def report(payload: object, *, attempt: int = 1) -> Path:
    """Run the handler; the file that it wrote."""
    result = write_report(a_task(payload, type="report", attempt=attempt), AContext())
    path = Path(result["path"])
    assert path.stat().st_size == result["bytes"]
    return path


def test_the_file_is_named_for_the_task_and_lies_in_the_folder_of_the_setting(
    reports: Path,
) -> None:
    assert report({"format": "pdf"}) == reports / f"{TASK_ID}.pdf"


def test_a_repeated_attempt_leaves_one_file_with_the_same_bytes(reports: Path) -> None:
    first = report({"format": "pdf"}, attempt=1).read_bytes()
    again = report({"format": "pdf"}, attempt=2).read_bytes()

    assert again == first
    assert [path.name for path in reports.iterdir()] == [f"{TASK_ID}.pdf"]


def test_without_rows_the_report_is_about_the_task_itself() -> None:
    told = json.loads(report({"format": "json"}).read_text())

    assert told == {
        "title": "Report",
        "rows": [
            {"field": "task", "value": TASK_ID},
            {"field": "type", "value": "report"},
            {"field": "execute_at", "value": "2026-05-04T12:00:00+00:00"},
        ],
    }


def test_a_json_report_holds_the_rows_as_they_came() -> None:
    path = report({"format": "json", "title": "People", "rows": ROWS})

    assert json.loads(path.read_text()) == {"title": "People", "rows": ROWS}


def test_a_csv_report_has_a_column_for_every_name_that_a_row_uses() -> None:
    path = report({"format": "csv", "rows": ROWS})

    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["name", "age", "tags"],
            ["Ann", "41", ""],
            ["Bo, jr.", "", '["a",1]'],
        ]


def test_a_pdf_report_shows_title_and_rows() -> None:
    document = report({"format": "pdf", "title": "People", "rows": ROWS}).read_bytes()

    assert b"(People) Tj" in document
    assert b"(Ann      41) '" in document


def test_lines_of_text_are_columns_under_a_rule() -> None:
    assert as_lines(ROWS) == [
        "name     age  tags",
        "-------  ---  -------",
        "Ann      41",
        'Bo, jr.       ["a",1]',
    ]


def test_no_rows_make_an_empty_table() -> None:
    assert as_csv([]) == b"\r\n"
    assert as_lines([]) == [
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "format"),
        ({"format": "docx"}, "format"),
        ({"format": "csv", "rows": [1]}, "rows"),
        ({"format": "csv", "title": "x" * 201}, "title"),
    ],
)
def test_a_wrong_payload_is_given_up_and_writes_nothing(
    payload: object, field: str, reports: Path
) -> None:
    with pytest.raises(GiveUp, match=field):
        report(payload)

    assert not reports.exists()
