"""dueline schedule explain: a rule in words, its next runs, and what may surprise. Offline."""

from datetime import datetime
from typing import Any

import click

from dueline.cli import values
from dueline.cli.api import Api, calls_api
from dueline.cli.output import Format, Output
from dueline.cli.rule_options import rule_options, rule_spec
from dueline.clock import wall_clock
from dueline.domain.recurrence import (
    InvalidRecurrence,
    annotate,
    describe,
    next_after,
    parse_rule,
    warnings,
)
from dueline.http_api.schedule_bodies import Preview, PreviewRun, ScheduleExplanation


def explained(spec: dict[str, Any], *, after: datetime, count: int) -> Preview:
    """What POST /schedules/preview would answer. Raises InvalidRecurrence."""
    rule = parse_rule(spec, anchor=after)
    runs: list[PreviewRun] = []
    run = next_after(rule, after)
    while run is not None and len(runs) < count:
        runs.append(PreviewRun(utc=run, local=run.astimezone(rule.zone), note=annotate(rule, run)))
        run = next_after(rule, run, runs_made=len(runs))
    return Preview(
        runs=tuple(runs), description=describe(rule), warnings=tuple(warnings(rule, after))
    )


@click.command()
@click.argument("what", metavar="RULE|SCHEDULE")
@click.option("--at", help="Of a stored schedule: why this instant ran late, twice or not at all.")
@rule_options
@click.option("--after", type=values.time, help="Runs later than this. [default: now]")
@click.option("-n", "--count", type=click.IntRange(1, 1000), default=5, show_default=True)
@calls_api
def explain(
    api: Api, what: str, *, at: str | None, after: datetime | None, count: int, **refinements: Any
) -> None:
    """Say what RULE means: in words, its next runs, and what may surprise. Needs no server.

    RULE is a cron expression ('30 2 * * *'), a duration (PT5M), or an RRULE (FREQ=DAILY).

    With --at, say why an instant of the stored SCHEDULE ran late, twice or not at all.
    """
    if at is not None:
        show_explanation(api.client.schedules.explain(what, at), api.output)
        return
    try:
        preview = explained(
            rule_spec(what, **refinements), after=after or wall_clock(), count=count
        )
    except InvalidRecurrence as error:
        raise click.BadParameter(str(error)) from error
    show_preview(preview, api.output)


def show_preview(preview: Preview, output: Output) -> None:
    if output.format is not Format.TABLE:
        output.one(preview)
        return
    click.echo(preview.description)
    for warning in preview.warnings:
        click.echo(f"! {warning}")
    click.echo()
    output.many(
        preview.runs,
        [
            ("NEXT RUNS", lambda run: f"{run.local:%a} {run.local.isoformat(sep=' ')}"),
            ("UTC", lambda run: run.utc),
            ("NOTE", lambda run: run.note),
        ],
    )


def show_explanation(explained: ScheduleExplanation, output: Output) -> None:
    if output.format is not Format.TABLE:
        output.one(explained)
        return
    click.echo(f"{explained.local.isoformat(sep=' ')}: {explained.verdict}")
    for reason in explained.reasons:
        click.echo(f"- {reason}")
    if explained.tasks:
        click.echo()
        output.many(
            explained.tasks,
            [
                ("TASK", lambda task: task.task_id),
                ("STATUS", lambda task: task.status),
                ("STARTED", lambda task: task.started_at),
                ("LATENESS MS", lambda task: task.lateness_ms),
                ("ERROR", lambda task: task.error),
            ],
        )
