"""dueline task: things to run once."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

import click

from dueline.cli import values
from dueline.cli.api import Api, calls_api
from dueline.cli.exits import exit_of
from dueline.cli.output import Column, Format, say
from dueline.cli.task_bulk import cancel_all, reschedule_all, retry_all
from dueline.cli.task_filter import filter_of, filter_options
from dueline.cli.task_import import import_
from dueline.cli.waiting import (
    await_task,
    check_outcome,
    repeated,
    wait_options,
    watch_option,
    watched,
)
from dueline.client import ApiError


@click.group()
def task() -> None:
    """Things to run once."""


for command in (import_, cancel_all, retry_all, reschedule_all):
    task.add_command(command)


@task.command()
@click.argument("type_", metavar="TYPE")
@click.option("-p", "--payload", type=values.json, help="JSON, @FILE, or - for standard input.")
@click.option("--at", "execute_at", type=values.time, help="When: 2030-01-01T09:00:00Z.")
@click.option("--in", "delay", type=values.duration, help="Or how long from now: 90s, 5m, PT1H.")
@click.option("--queue", help="Instead of the type's own.")
@click.option("--tag", "tags", multiple=True, help="A word to find it by; repeatable.")
@click.option("--timeout", type=values.duration, help="How long one attempt may take.")
@click.option("--expires-at", type=values.time, help="Not worth starting after this.")
@click.option("--max-attempts", type=click.IntRange(1, 100))
@click.option("--dedupe", metavar="KEY", help="Make none while another with this key waits.")
@click.option("--idempotency-key", help="Sent twice with the same key, it is made once.")
@wait_options
@calls_api
def create(
    api: Api,
    type_: str,
    *,
    max_attempts: int | None,
    idempotency_key: str | None,
    wait: bool,
    within: timedelta,
    **given: Any,
) -> None:
    """Run a task of TYPE: at a time, after a delay, or at once."""
    retry = {"max_attempts": max_attempts} if max_attempts else None
    made = api.client.tasks.create(type_, retry=retry, idempotency_key=idempotency_key, **given)
    if not wait:
        api.output.one(made)
        return
    if api.output.format is Format.TABLE:
        say(f"task {made.task_id} is committed")
    await_task(api, made.task_id, within=within)


@task.command()
@click.argument("task_id", metavar="ID")
@wait_options
@calls_api
def get(api: Api, task_id: str, *, wait: bool, within: timedelta) -> None:
    """Show everything that is known of a task."""
    if wait:
        await_task(api, task_id, within=within)
    else:
        api.output.one(api.client.tasks.get(task_id))


@task.command("list")
@filter_options
@click.option("-n", "--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--all", "no_limit", is_flag=True, help="All that fit, however many.")
@watch_option
@calls_api
def list_(
    api: Api,
    *,
    limit: int,
    no_limit: bool,
    every: float | None,
    **which: Any,
) -> None:
    """List tasks, the newest first."""

    def show() -> None:
        found = api.client.tasks.list(page_size=min(limit, 200), **filter_of(**which))
        api.output.many(found if no_limit else islice(found, limit), COLUMNS)

    repeated(show, every)


COLUMNS: Sequence[Column] = (
    ("ID", lambda each: each.task_id),
    ("TYPE", lambda each: each.type),
    ("STATUS", lambda each: each.status),
    ("EXECUTE AT", lambda each: each.execute_at),
    ("LATENESS MS", lambda each: each.lateness_ms),
    ("ATTEMPT", lambda each: f"{each.attempt}/{each.max_attempts}"),
    ("ERROR", lambda each: (each.error or "").rstrip().rpartition("\n")[2][:60]),
)


@task.command()
@click.argument("task_ids", metavar="ID...", nargs=-1, required=True)
@calls_api
def cancel(api: Api, task_ids: Sequence[str]) -> None:
    """Call tasks off. One that runs is asked to stop: its handler can see it."""
    failures: list[ApiError] = []
    for task_id in task_ids:
        try:
            answer = api.client.tasks.cancel(task_id)
        except ApiError as error:
            failures.append(error)
            say(f"Error: {task_id}: {error.detail}")
            continue
        if api.output.format is Format.TABLE:
            click.echo(f"{task_id} {OUTCOMES[answer.outcome]}")
        else:
            api.output.line(answer)
    if failures:
        raise click.exceptions.Exit(exit_of(failures[0]))


OUTCOMES = {
    "cancelled": "is cancelled",
    "cancel_requested": "runs, and is asked to stop",
}


@task.command()
@click.argument("task_id", metavar="ID")
@wait_options
@calls_api
def run(api: Api, task_id: str, *, wait: bool, within: timedelta) -> None:
    """Have a task that waits run now."""
    shown = api.client.tasks.run(task_id)
    if wait:
        await_task(api, task_id, within=within)
    else:
        api.output.one(shown)


@task.command()
@click.argument("task_id", metavar="ID")
@wait_options
@calls_api
def retry(api: Api, task_id: str, *, wait: bool, within: timedelta) -> None:
    """Have a failed task tried again."""
    shown = api.client.tasks.retry(task_id)
    if wait:
        await_task(api, task_id, within=within)
    else:
        api.output.one(shown)


@task.command()
@click.argument("task_id", metavar="ID")
@calls_api
def explain(api: Api, task_id: str) -> None:
    """Say why a task ran late, twice or not at all."""
    explained = api.client.tasks.explain(task_id)
    if api.output.format is Format.TABLE:
        click.echo("\n".join(explained.explanation))
    else:
        api.output.one(explained)


@task.command()
@click.argument("task_id", metavar="ID")
@click.option("--within", type=values.duration, default="PT1H", show_default=True)
@calls_api
def watch(api: Api, task_id: str, *, within: timedelta) -> None:
    """Show a task each time that it moves on, until it is final; exit code 6 unless completed."""
    check_outcome(watched(api, task_id, within=within))
