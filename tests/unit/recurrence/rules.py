"""Short ways to say a rule and to read what it gives."""

from datetime import UTC, datetime

from dueline.domain.recurrence import RecurrenceRule, next_after, parse_rule

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def rule(pattern: str = "", /, **spec: object) -> RecurrenceRule:
    """A rule by its cron, or by the spec's other keys; `every` and `rrule` count from NEW_YEAR."""
    if pattern:
        spec["cron"] = pattern
    return parse_rule(spec, anchor=NEW_YEAR, seed="schedule-1")


def runs(rule: RecurrenceRule, after: str, count: int) -> list[str]:
    """The next occurrences after an instant, as the zone's clock shows them."""
    found: list[str] = []
    instant: datetime | None = datetime.fromisoformat(after)
    while len(found) < count and instant is not None:
        instant = next_after(rule, instant)
        if instant is not None:
            found.append(instant.astimezone(rule.zone).strftime("%Y-%m-%d %H:%M:%S %z"))
    return found
