"""Arguments as the API writes them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

Moment = datetime | str  # aware; or RFC 3339
Duration = timedelta | float | str  # or seconds; or ISO 8601


def fields(**given: Any) -> dict[str, Any]:
    """Those that are not None, as JSON can carry them. Raises ValueError for a naive datetime."""
    return {name: as_json(name, value) for name, value in given.items() if value is not None}


def query_string(query: Mapping[str, Any]) -> str:
    """`?name=value&…` of those that are not None; "" where there is none."""
    given = fields(**query)
    texts = {name: _text(value) for name, value in given.items()}
    return f"?{urlencode(texts)}" if texts else ""


def as_json(name: str, value: Any) -> Any:
    match value:
        case datetime():
            if value.tzinfo is None:
                raise ValueError(
                    f"{name}={value!r} has no time zone; write datetime(…, tzinfo=UTC)"
                )
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case list() | tuple():
            return [as_json(name, each) for each in value]
        case Mapping():
            return {key: as_json(f"{name}.{key}", each) for key, each in value.items()}
    return value


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join(map(str, value))
    return str(value)
