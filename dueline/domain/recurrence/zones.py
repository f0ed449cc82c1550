"""IANA time zones, read from the tzdata package and from nowhere else.

The operating system's copy is not used: two machines with different copies would disagree on
when a schedule runs, and the version stored beside a computed instant would be a lie.
"""

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]

from dueline.domain.recurrence.invalid import InvalidRecurrence

TZDATA_VERSION: str = tzdata.IANA_VERSION


@cache  # only names that exist are kept: about 600
def load_zone(name: str) -> ZoneInfo:
    """The zone of that IANA name, such as "Europe/Berlin"; InvalidRecurrence if there is none."""
    if name not in _zone_names():
        raise InvalidRecurrence("timezone", name, _unknown(name))
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


def _unknown(name: str) -> str:
    from difflib import get_close_matches  # on errors only: it slows a cold start

    by_lower_case = {known.lower(): known for known in _zone_names()}
    near = get_close_matches(name[:50].lower(), by_lower_case, n=1)
    hint = (
        f"did you mean {by_lower_case[near[0]]!r}?" if near else 'use one such as "Europe/Berlin"'
    )
    return f"{name[:50]!r} is no IANA time zone; {hint}"
