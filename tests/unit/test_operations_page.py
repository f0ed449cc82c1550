"""docs/operations.md says what the code does: every setting with its default, every event."""

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from dueline.config import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
VARIABLE = re.compile(r'"(DUELINE_[A-Z_]+)"')
EVENT = re.compile(r'"?event"?(?:: | = |: str = )"([a-z_]+)"')
REQUIRED = {
    "DUELINE_POSTGRES_URL": "postgresql://x",
    "DUELINE_REDIS_URL": "redis://x",
    "DUELINE_WORK_QUEUE_URL": "amqp://x",
}


def rows(heading: str) -> dict[str, str]:
    """First cell → second cell of the tables below a heading, where the first is code."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| `?([^|`]*?)`? \|", section, re.MULTILINE))


SETTINGS = rows("Settings")
VARIABLES = {name: default for name, default in SETTINGS.items() if name.isupper()}
FIELDS = {name: value for name, value in SETTINGS.items() if name.islower()}


def test_every_variable_is_on_the_page() -> None:
    sources = [(ROOT / "dueline" / name).read_text() for name in ("config.py", "wiring.py")]

    assert {name for source in sources for name in VARIABLE.findall(source)} == VARIABLES.keys()


@pytest.mark.parametrize("name", sorted(VARIABLES.keys() - REQUIRED.keys()))
def test_a_default_on_the_page_is_the_default(name: str) -> None:
    default = "" if VARIABLES[name] == "none" else VARIABLES[name]

    assert Settings.from_env({**REQUIRED, name: default}) == Settings.from_env(REQUIRED)


def test_what_has_no_default_is_marked_so() -> None:
    assert {name for name, default in VARIABLES.items() if default == "—"} == REQUIRED.keys()


def test_every_field_that_is_no_variable_is_on_the_page_with_its_value() -> None:
    shifted = {
        name: Settings.from_env({**REQUIRED, name: "7"})
        for name, default in VARIABLES.items()
        if default.isdecimal()
    }
    base = Settings.from_env(REQUIRED)
    by_variable = {
        field.name
        for field in fields(Settings)
        for other in shifted.values()
        if getattr(other, field.name) != getattr(base, field.name)
    }
    plain = {
        field.name: getattr(base, field.name)
        for field in fields(Settings)
        if isinstance(getattr(base, field.name), int | timedelta)
        and field.name not in by_variable - {"renew_every"}
    }

    assert {name: shown(value) for name, value in plain.items()} == FIELDS


def test_every_event_of_the_log_is_on_the_page() -> None:
    events = {
        event
        for path in (ROOT / "dueline").rglob("*.py")
        for event in EVENT.findall(path.read_text())
    }

    assert events == rows("Events in the log").keys()


def shown(value: int | timedelta) -> str:
    return f"{value.total_seconds():g} s" if isinstance(value, timedelta) else str(value)
