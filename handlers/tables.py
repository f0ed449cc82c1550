"""Rows of named values as CSV, as JSON, and as lines of text."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

Row = Mapping[str, Any]


def as_csv(rows: Sequence[Row]) -> bytes:
    """RFC 4180, UTF-8, with a header line."""
    columns = _columns(rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode()


def as_json(title: str, rows: Sequence[Row]) -> bytes:
    return msgspec.json.format(msgspec.json.encode({"title": title, "rows": rows}), indent=2)


def as_lines(rows: Sequence[Row]) -> list[str]:
    """A heading, a rule and one line per row, in columns for a fixed-width font."""
    columns = _columns(rows)
    table = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    table.insert(1, ["-" * width for width in widths])
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]


def _columns(rows: Sequence[Row]) -> list[str]:
    """Every name that a row has, in the order of their first use."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case _:
            return msgspec.json.encode(value).decode()
