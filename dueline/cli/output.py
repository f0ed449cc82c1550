"""What a command shows: a table for people, JSON for programs. Data goes to standard output,
everything else to standard error."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import click
import msgspec
from msgspec import UNSET

Column = tuple[str, Callable[[Any], Any]]  # its head, and its value of an item


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


class Output:
    """Shows values in one format."""

    def __init__(self, format_: Format) -> None:
        self.format = format_

    def one(self, item: Any) -> None:
        """A table has a line per field."""
        match self.format:
            case Format.TABLE:
                fields = msgspec.structs.asdict(item) if _is_struct(item) else item
                fields = {name: value for name, value in fields.items() if value is not UNSET}
                width = max(map(len, fields), default=0)
                for name, value in fields.items():
                    click.echo(f"{name.ljust(width)}  {as_text(value)}".rstrip())
            case Format.JSON:
                click.echo(_json(item, indent=2))
            case Format.JSONL:
                self.line(item)

    def line(self, item: Any) -> None:
        """JSON on one line, whatever the format: one of several that come by and by."""
        click.echo(_json(item))

    def many(self, items: Iterable[Any], columns: Sequence[Column]) -> None:
        """A table has a line per item; JSON is an array; JSON lines come as the items come."""
        match self.format:
            case Format.TABLE:
                rows = [[head for head, _ in columns]]
                rows += [[as_text(value(item)) for _, value in columns] for item in items]
                show_rows(rows)
            case Format.JSON:
                click.echo(_json(list(items), indent=2))
            case Format.JSONL:
                for item in items:
                    self.line(item)


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --output, and an Output as its argument `output`."""

    def chosen(context: click.Context, param: click.Parameter, value: str) -> Output:  # noqa: ARG001
        return Output(Format(value))

    option = click.option(
        "-o",
        "--output",
        type=click.Choice([each.value for each in Format]),
        default=Format.TABLE.value,
        show_default=True,
        callback=chosen,
        help="json, and jsonl (an object a line), are for programs.",
    )
    return option(command)


def show_rows(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def say(text: str) -> None:
    """To the person, not to the next program of a pipe."""
    click.echo(text, err=True)


def _json(item: Any, *, indent: int = 0) -> str:
    text = msgspec.json.encode(item)
    return (msgspec.json.format(text, indent=indent) if indent else text).decode()


def as_text(value: Any) -> str:
    """A value as a cell of a table."""
    match value:
        case None | "":
            return "-"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case str():
            return str(value)
        case int():
            return f"{value}"
    if isinstance(value, Mapping | Sequence) or _is_struct(value):
        return _json(value) if value else "-"
    return str(value)


def _is_struct(value: Any) -> bool:
    return isinstance(value, msgspec.Struct)
