"""dueline doctor: whether an installation can work, and what of it could be better."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

import click
import msgspec

from dueline import wiring
from dueline.cli.exits import Exit, Failure
from dueline.cli.output import Output, format_option
from dueline.clock import wall_clock
from dueline.config import masked
from dueline.domain.errors import BackendUnavailable, BadSetting
from dueline.stats_store.interface import SILENT_AFTER

MOST_SKEW = timedelta(seconds=1)
OLDEST_POSTGRES = 150_000
MANY = 100  # more are not counted

State = Literal["ok", "warning", "fault"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    what: str
    state: State
    says: str


Check = Callable[[], Iterator[Finding]]


@click.command()
@format_option
def doctor(output: Output) -> None:
    """Look at the servers, the schema, the clocks, the zone rules and the last tick.

    Reads the DUELINE_* variables that the functions have. Exit code 1 where something is at fault.
    """
    findings = [finding for check in CHECKS for finding in _of(check)]
    output.many(
        findings,
        [
            ("WHAT", lambda each: each.what),
            ("STATE", lambda each: each.state),
            ("", lambda each: each.says),
        ],
    )
    faults = [finding.what for finding in findings if finding.state == "fault"]
    if faults:
        raise Failure(f"at fault: {', '.join(faults)}", Exit.FAILED)


def _of(check: Check) -> Iterator[Finding]:
    try:
        yield from check()
    except (BackendUnavailable, BadSetting, OSError) as error:
        yield Finding(check.__name__.lstrip("_").replace("_", " "), "fault", str(error))


def _settings() -> Iterator[Finding]:
    settings = wiring.settings()
    lanes = ", ".join(f"{queue}={count}" for queue, count in settings.lanes.counts.items())
    yield Finding("settings", "ok", f"queues {lanes}")


def _postgres() -> Iterator[Finding]:
    from dueline.task_store.inspection import postgres_facts

    facts = postgres_facts(wiring.postgres())
    here = masked(wiring.settings().postgres_url)
    old = facts.version_number < OLDEST_POSTGRES
    yield Finding(
        "postgres",
        "fault" if old else "ok",
        f"{facts.version} at {here}" + ("; want 15 or later" if old else ""),
    )
    durable = facts.synchronous_commit != "off"
    yield Finding(
        "synchronous_commit",
        "ok" if durable else "fault",
        facts.synchronous_commit + ("" if durable else ": a 2xx may be lost in a crash; set it on"),
    )
    yield _skew("clock of postgres", facts.time)


def _schema() -> Iterator[Finding]:
    from dueline.task_store.schema_check import schema_differences

    differences = schema_differences(wiring.postgres_url())
    if not differences:
        yield Finding("schema", "ok", "as schema.sql has it")
    else:
        more = f" and {len(differences) - 1} more" if len(differences) > 1 else ""
        yield Finding("schema", "fault", f"{differences[0]}{more}; run `dueline db apply`")


def _redis() -> Iterator[Finding]:
    from dueline.due_buffer.inspection import redis_facts

    facts = redis_facts(wiring.redis_url())
    yield Finding("redis", "ok", f"{facts.version} at {masked(wiring.settings().redis_url)}")
    yield _policy(facts.maxmemory_policy)
    yield _skew("clock of redis", facts.time)


def _policy(policy: str) -> Finding:
    match policy:
        case "noeviction":
            return Finding("maxmemory-policy", "ok", policy)
        case "":
            return Finding("maxmemory-policy", "warning", "not told; make sure it is noeviction")
    return Finding(
        "maxmemory-policy", "fault", f"{policy} deletes what waits; set it to noeviction"
    )


def _work_queue() -> Iterator[Finding]:
    url = wiring.work_queue_url()
    shown = masked(wiring.settings().work_queue_url)
    if url.startswith("redis"):
        from dueline.due_buffer.inspection import redis_facts

        facts = redis_facts(url)
        yield Finding("work queue", "ok", f"Redis Streams, {facts.version} at {shown}")
        return
    from dueline.work_queue.inspection import broker_version

    yield Finding("work queue", "ok", f"RabbitMQ {broker_version(url)} at {shown}")


def _tzdata() -> Iterator[Finding]:
    from dueline.domain.recurrence import TZDATA_VERSION

    yield Finding("tzdata", "ok", f"{TZDATA_VERSION} here")
    old = wiring.schedule_store().outdated_page(tzdata_version=TZDATA_VERSION, limit=MANY)
    if old:
        count = f"{MANY} or more" if len(old) == MANY else str(len(old))
        yield Finding(
            "tzdata of schedules",
            "warning",
            f"{count} schedules are computed by other rules; the next tick computes them anew",
        )


def _last_tick() -> Iterator[Finding]:
    now = wiring.clock().now()
    beats = wiring.stats_store().beats()
    for lane in wiring.settings().lanes.all():
        beat = beats.get(lane.name)
        what = f"last tick of {lane.name}"
        if beat is None:
            yield Finding(what, "fault", "none ever served it: nothing is sent that falls due")
        elif now - beat > SILENT_AFTER:
            yield Finding(what, "fault", f"{_ago(now - beat)}: nothing is sent that falls due")
        else:
            yield Finding(what, "ok", _ago(now - beat))


CHECKS: Sequence[Check] = (
    _settings,
    _postgres,
    _schema,
    _redis,
    _work_queue,
    _tzdata,
    _last_tick,
)


def _ago(length: timedelta) -> str:
    return f"{max(length.total_seconds(), 0):.0f} s ago"


def _skew(what: str, time: datetime) -> Finding:
    """Only PostgreSQL's time decides anything; a clock that is far off makes logs hard to read."""
    skew = time - wall_clock()
    far = abs(skew) > MOST_SKEW
    seconds = f"{skew.total_seconds():+.3f} s from this machine's"
    return Finding(what, "warning" if far else "ok", seconds)
