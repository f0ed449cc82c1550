"""A rule of recurrence on the command line: one argument, and options that refine it."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import click

_DURATION = re.compile(r"[pP].*|[0-9]+")
_RRULE = re.compile(r"(RRULE:)?FREQ=", re.IGNORECASE)

_OPTIONS = (
    click.option("--tz", "timezone", help="An IANA time zone: Europe/Berlin. [default: UTC]"),
    click.option("--starts-at", help="No run before this time."),
    click.option("--ends-at", help="No run after this time."),
    click.option("--max-runs", type=click.IntRange(min=1), help="At most so many runs."),
    click.option("--jitter", help="Start each run up to this duration later."),
    click.option(
        "--exclude", multiple=True, help="A date, or a cron of what to leave out; repeatable."
    ),
    click.option(
        "--dst-gap", type=click.Choice(["shift", "skip"]), help="Times that a clock skips."
    ),
    click.option(
        "--dst-overlap",
        type=click.Choice(["first", "second", "both"]),
        help="Times that a clock repeats.",
    ),
)


def rule_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that refine a rule."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def rule_spec(rule: str, *, exclude: Sequence[str] = (), **refinements: Any) -> dict[str, Any]:
    """The rule as domain/recurrence reads it: what it is can be seen by its form."""
    kind = "cron"
    if _RRULE.match(rule):
        kind = "rrule"
    elif _DURATION.fullmatch(rule):
        kind = "every"
    given = {kind: rule, "exclude": list(exclude) or None, **refinements}
    return {name: value for name, value in given.items() if value is not None}


def definition_of(rule: str, **given: Any) -> dict[str, Any]:
    """The same as POST /schedule reads it, with whatever else is given."""
    spec = rule_spec(rule, **given)
    dst = {part: spec.pop(f"dst_{part}") for part in ("gap", "overlap") if f"dst_{part}" in spec}
    return {**spec, "dst": dst} if dst else spec
