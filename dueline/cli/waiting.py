"""--wait and --watch: looking again until something is so."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import click

from dueline.cli import values
from dueline.cli.api import Api
from dueline.cli.exits import Exit, Failure
from dueline.cli.output import Format, as_text
from dueline.client import Task
from dueline.domain.tasks import TaskStatus


def wait_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --wait and --within."""
    command = click.option(
        "--within",
        type=values.duration,
        default="PT5M",
        show_default=True,
        help="How long to wait, with --wait.",
    )(command)
    return click.option(
        "--wait", is_flag=True, help="Return once the task is final; exit code 6 unless completed."
    )(command)


def watch_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --watch, as its argument `every`: seconds, or None."""
    return click.option(
        "--watch",
        "every",
        type=float,
        is_flag=False,
        flag_value=2.0,
        metavar="[SECONDS]",
        help="Show it again every 2 (or so many) seconds, until Ctrl-C.",
    )(command)


def repeated(show: Callable[[], None], every: float | None) -> None:
    """Call `show` once, or again and again on a screen that is wiped before each."""
    while True:
        if every is not None:
            click.clear()
        show()
        if every is None:
            return
        time.sleep(every)


def await_task(api: Api, task_id: str, *, within: timedelta) -> None:
    """Show the task once it is final. Raises Failure unless it is completed."""
    task = api.client.tasks.wait(task_id, within=within)
    api.output.one(task)
    check_outcome(task)


def watched(api: Api, task_id: str, *, within: timedelta) -> Task:
    """The task once it is final; meanwhile a line, or a JSON object, for each move."""
    for task in api.client.tasks.watch(task_id, within=within):
        if api.output.format is Format.TABLE:
            click.echo(f"{as_text(_moved_at(task))}  {task.status}  attempt {task.attempt}")
        else:
            api.output.line(task)
    return task


def _moved_at(task: Task) -> datetime:
    return task.finished_at or task.started_at or task.created_at


def check_outcome(task: Task) -> None:
    if task.status is not TaskStatus.COMPLETED:
        raise Failure(
            f"task {task.task_id} is {task.status}: {task.error or 'no reason is recorded'}",
            Exit.ENDED_BADLY,
        )
