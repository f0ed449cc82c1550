"""dueline schedule: what recurs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click

from dueline.cli import values
from dueline.cli.api import Api, calls_api
from dueline.cli.output import Format
from dueline.cli.rule_options import definition_of, rule_options
from dueline.cli.schedule_explain import explain
from dueline.cli.waiting import await_task, wait_options
from dueline.client import Schedule


@click.group()
def schedule() -> None:
    """What recurs. SCHEDULE is an id or a name."""


schedule.add_command(explain)
_schedule = click.argument("schedule_", metavar="SCHEDULE")


@schedule.command()
@click.argument("type_", metavar="TYPE")
@click.argument("rule")
@rule_options
@click.option("--name", help="To know it by; with it, the command may be repeated.")
@click.option("-p", "--payload", type=values.json, help="JSON, @FILE, or - for standard input.")
@click.option("--queue", help="Instead of the type's own.")
@click.option("--tag", "tags", multiple=True, help="A word to find its tasks by; repeatable.")
@click.option("--timeout", type=values.duration, help="How long one attempt may take.")
@click.option(
    "--missed",
    type=click.Choice(["latest", "all", "skip"]),
    help="Of the occurrences that could not run in time.",
)
@click.option("--overlap", help="While the last one runs: allow, skip, buffer_one.")
@click.option("--pause-after-failures", type=click.IntRange(min=1), help="So many in a row.")
@calls_api
def create(
    api: Api,
    type_: str,
    rule: str,
    *,
    name: str | None,
    payload: Any,
    tags: Sequence[str],
    exclude: Sequence[str],
    **given: Any,
) -> None:
    """Run a task of TYPE whenever RULE says: a cron expression, PT5M, or an RRULE.

    With --name, a schedule of that name is made to be so, whether it is there or not.
    """
    definition = definition_of(
        rule, exclude=exclude, payload=payload, tags=list(tags) or None, **given
    )
    if name is None:
        api.output.one(api.client.schedules.create(type_, **definition))
    else:
        api.output.one(api.client.schedules.put(name, {"type": type_, **definition}))


@schedule.command("list")
@click.option("--type", "type_", metavar="TYPE", help="Of this task type.")
@click.option("--queue", help="Of this queue.")
@click.option("--tag", help="With this tag.")
@click.option("--name-prefix", help="Whose names begin so.")
@click.option("--paused/--not-paused", default=None)
@calls_api
def list_(api: Api, *, type_: str | None, **filters: Any) -> None:
    """List schedules, newest first."""
    api.output.many(
        api.client.schedules.list(type=type_, **filters),
        [
            ("ID", lambda each: each.schedule_id),
            ("NAME", lambda each: each.name),
            ("STATUS", lambda each: each.status),
            ("TYPE", lambda each: each.definition["type"]),
            ("NEXT", lambda each: each.next_runs[0] if each.next_runs else None),
            ("RULE", lambda each: each.description),
        ],
    )


@schedule.command()
@_schedule
@calls_api
def get(api: Api, schedule_: str) -> None:
    """Show a schedule: its rule in words, its next runs, its definition."""
    api.output.one(api.client.schedules.get(schedule_))


@schedule.command()
@_schedule
@click.option("--note", help="Why, for others to read.")
@click.option("--until", help="Go on by itself at this time.")
@calls_api
def pause(api: Api, schedule_: str, **given: Any) -> None:
    """Run nothing of it, until then or until it is resumed."""
    _show(api, api.client.schedules.pause(schedule_, **given))


@schedule.command()
@_schedule
@click.option(
    "--from-pause", is_flag=True, help="As if there had been none: see --missed of create."
)
@calls_api
def resume(api: Api, schedule_: str, *, from_pause: bool) -> None:
    """End its pause: go on from now."""
    _show(api, api.client.schedules.resume(schedule_, from_pause=from_pause))


@schedule.command()
@_schedule
@click.option("-p", "--payload", type=values.json, help="Instead of the schedule's own.")
@wait_options
@calls_api
def run(api: Api, schedule_: str, *, payload: Any, wait: bool, within: timedelta) -> None:
    """Make one more occurrence, at once."""
    made = api.client.schedules.run(schedule_, payload=payload)
    if wait:
        await_task(api, made.task_id, within=within)
    else:
        api.output.one(made)


@schedule.command()
@_schedule
@click.option("--start", required=True, help="After this time.")
@click.option("--end", required=True, help="And up to this one.")
@click.option("--pace", type=values.duration, help="Between the starts of two of them.")
@click.option("--dry-run", is_flag=True, help="Only count them.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@calls_api
def backfill(
    api: Api, schedule_: str, *, start: str, end: str, dry_run: bool, yes: bool, **given: Any
) -> None:
    """Run what has no task of a past range."""
    fill = api.client.schedules.backfill
    if not (dry_run or yes):
        count = fill(schedule_, start, end, dry_run=True).instants
        click.confirm(f"Run up to {count:,} occurrences?", abort=True, err=True)
    api.output.one(fill(schedule_, start, end, dry_run=dry_run, **given))


@schedule.command("next")
@_schedule
@calls_api
def next_(api: Api, schedule_: str) -> None:
    """Show its next runs."""
    runs = api.client.schedules.get(schedule_).next_runs
    api.output.many(runs, [("NEXT RUNS", lambda run: run)])


def _show(api: Api, shown: Schedule) -> None:
    if api.output.format is not Format.TABLE:
        api.output.one(shown)
        return
    first = shown.next_runs[0].isoformat() if shown.next_runs else "never"
    note = f" ({shown.pause.note})" if shown.pause and shown.pause.note else ""
    click.echo(f"{shown.name or shown.schedule_id} is {shown.status}{note}; next run: {first}")
