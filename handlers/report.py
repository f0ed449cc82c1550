"""report: writes a file into the folder REPORTS_DIR, by default `reports` among temporary files.

On AWS Lambda that is /tmp/reports, which lasts as long as the environment does: a report that is
to be kept goes to a store such as S3, in a handler of your own.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from dueline.handler import JSON, Context, TaskView, handler
from handlers.payloads import read_payload


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["pdf", "csv", "json"]
    title: Annotated[str, msgspec.Meta(max_length=200)] = "Report"
    rows: list[dict[str, Any]] | None = None  # None: what the task itself is


@handler("report")
def write_report(task: TaskView, _context: Context) -> JSON:
    report = read_payload(task, Report)
    content = _content(report, _facts(task) if report.rows is None else report.rows)
    path = _folder() / f"{task.id}.{report.format}"
    _replace(path, content, part=f"{task.id}.{task.attempt}.part")
    return {"path": str(path), "bytes": len(content)}


def _facts(task: TaskView) -> list[dict[str, Any]]:
    """What is the same at each attempt, so that a repeat writes the same file."""
    facts = {"task": task.id, "type": task.type, "execute_at": task.execute_at.isoformat()}
    return [{"field": name, "value": value} for name, value in facts.items()]


def _content(report: Report, rows: list[dict[str, Any]]) -> bytes:
    # Imported here: a cold start need not know how to write a report.
    from handlers import pdf, tables

    match report.format:
        case "pdf":
            return pdf.write_pdf(report.title, tables.as_lines(rows))
        case "csv":
            return tables.as_csv(rows)
        case "json":
            return tables.as_json(report.title, rows)


def _folder() -> Path:
    named = os.environ.get("REPORTS_DIR")
    if named:
        folder = Path(named)
    else:
        import tempfile  # see _content

        folder = Path(tempfile.gettempdir()) / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _replace(path: Path, content: bytes, *, part: str) -> None:
    """Whoever looks sees the old file or the whole new one. Two attempts may do this at once."""
    written = path.with_name(part)
    written.write_bytes(content)
    written.replace(path)
