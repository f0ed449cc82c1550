"""dueline task cancel-all, retry-all, reschedule-all: the same to all tasks that fit a filter."""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import click

from dueline.cli import values
from dueline.cli.api import Api, calls_api
from dueline.cli.output import Format
from dueline.cli.task_filter import filter_of, filter_options
from dueline.client import Bulk

Work = Callable[..., Iterator[Bulk]]


def bulk_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command a filter, --dry-run and --yes."""
    command = click.option("-y", "--yes", is_flag=True, help="Do not ask.")(command)
    command = click.option("--dry-run", is_flag=True, help="Only count them.")(command)
    return filter_options(command)


@click.command("cancel-all")
@bulk_options
@calls_api
def cancel_all(api: Api, *, dry_run: bool, yes: bool, **which: Any) -> None:
    """Call off all tasks that fit and have not ended; those that run are asked to stop."""
    work_off(api, api.client.tasks.cancel_all, "Cancel", which, dry_run=dry_run, yes=yes)


@click.command("retry-all")
@bulk_options
@calls_api
def retry_all(api: Api, *, dry_run: bool, yes: bool, **which: Any) -> None:
    """Have all failed tasks that fit tried again."""
    work_off(api, api.client.tasks.retry_all, "Retry", which, dry_run=dry_run, yes=yes)


@click.command("reschedule-all")
@click.option("--at", "execute_at", type=values.time, required=True, help="The time they get.")
@bulk_options
@calls_api
def reschedule_all(
    api: Api, *, execute_at: datetime, dry_run: bool, yes: bool, **which: Any
) -> None:
    """Give all waiting tasks that fit another time."""

    def work(**given: Any) -> Iterator[Bulk]:
        return api.client.tasks.reschedule_all(execute_at, **given)

    work_off(api, work, "Reschedule", which, dry_run=dry_run, yes=yes)


def work_off(
    api: Api, work: Work, verb: str, which: dict[str, Any], *, dry_run: bool, yes: bool
) -> None:
    """Count, ask, then do it, with a progress bar for people. Ctrl-C leaves what is done done."""
    chosen = filter_of(**which)
    *_, counted = work(dry_run=True, **chosen)
    if dry_run:
        show(api, counted)
        return
    if not yes:
        click.confirm(f"{verb} {counted.fitting:,} tasks?", abort=True, err=True)
    with click.progressbar(
        length=counted.fitting,
        label=verb.lower(),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        for progress in work(dry_run=False, **chosen):
            bar.update(progress.fitting - bar.pos)
    show(api, progress)


def show(api: Api, progress: Bulk) -> None:
    if api.output.format is not Format.TABLE:
        api.output.one(progress)
    elif progress.dry_run:
        click.echo(f"{progress.fitting:,} tasks fit")
    else:
        outcomes = ", ".join(f"{count:,} {what}" for what, count in progress.outcomes.items())
        click.echo(outcomes.replace("_", " ") or "no task fits")
