"""dueline task import: many tasks from a file of lines, batch by batch."""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TextIO

import click
from msgspec import UNSET

from dueline.cli.api import Api, calls_api
from dueline.cli.exits import Exit, Failure
from dueline.cli.output import Format, say

MOST_IN_A_BATCH = 10_000  # that the API takes


class _Line(NamedTuple):
    number: int
    task: Any


@click.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option(
    "--batch",
    type=click.IntRange(1, MOST_IN_A_BATCH),
    default=1_000,
    show_default=True,
    help="How many tasks go into one request.",
)
@calls_api
def import_(api: Api, file: TextIO, *, batch: int) -> None:
    """Run the tasks of FILE (- for standard input): on each line the JSON of one, as for the API.

    What cannot be accepted is told with its line; all else is committed. Exit code 2 if some is
    refused. After a crash in the middle a second run makes the tasks of the first again.
    """
    lines = _read(file)
    accepted = refused = 0
    with click.progressbar(
        length=len(lines), label="tasks", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        for some in _batches(lines, batch):
            answer = api.client.tasks.create_many([line.task for line in some], atomic=False)
            for line, judged in zip(some, answer.tasks, strict=True):
                if api.output.format is not Format.TABLE:
                    api.output.line(judged)
                if judged.status == "refused":
                    say(f"{file.name}:{line.number}: {_fault(judged.pointer, judged.detail)}")
            accepted += answer.accepted
            refused += answer.refused
            bar.update(len(some))
    if api.output.format is Format.TABLE:
        click.echo(f"{accepted:,} accepted, {refused:,} refused")
    if refused:
        raise Failure(f"{refused:,} of {len(lines):,} tasks were refused", Exit.USAGE)


def _read(file: TextIO) -> Sequence[_Line]:
    """The tasks of the file, before any is sent: a line that is no JSON stops it all."""
    lines = []
    for number, text in enumerate(file, start=1):
        if text.strip():
            try:
                lines.append(_Line(number, json.loads(text)))
            except ValueError as error:
                raise click.BadParameter(f"line {number} is not JSON: {error}") from error
            if not isinstance(lines[-1].task, dict):
                raise click.BadParameter(f"line {number} is not a JSON object")
    return lines


def _batches(lines: Sequence[_Line], size: int) -> Iterator[Sequence[_Line]]:
    left = iter(lines)
    while some := list(islice(left, size)):
        yield some


def _fault(pointer: Any, detail: Any) -> str:
    """`/tasks/3/type` of the batch is /type of the line."""
    inside = "" if pointer is UNSET else "/".join(["", *pointer.split("/")[3:]])
    return f"{inside or 'the task'}: {detail}"
