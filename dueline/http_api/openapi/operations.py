"""Each route's entry in the document. What holds for all routes of a kind is in problems_of."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dueline.http_api.bodies import Live, Readiness
from dueline.http_api.openapi.operation import Answer, Operation
from dueline.http_api.openapi.schedule_operations import SCHEDULE_OPERATIONS
from dueline.http_api.openapi.task_operations import TASK_OPERATIONS
from dueline.http_api.routes import Route
from dueline.http_api.stats_bodies import Stats
from dueline.http_api.stats_requests import StatsQuery

OPERATIONS: Mapping[tuple[str, str], Operation] = MappingProxyType(
    {
        ("GET", "/stats"): Operation(
            summary="Count the tasks of every status, and see how they fared lately",
            query=StatsQuery,
            answers={200: Answer(meaning="The counts", model=Stats)},
            problems=("INVALID_DURATION",),
        ),
        ("GET", "/metrics"): Operation(
            summary="The whole installation as Prometheus reads it",
            answers={200: Answer(meaning="Metrics", model=str, media_type="text/plain")},
        ),
        ("GET", "/livez"): Operation(
            summary="Whether this process answers",
            answers={200: Answer(meaning="It does; no server was asked", model=Live)},
        ),
        ("GET", "/readyz"): Operation(
            summary="Whether requests can be answered and tasks run",
            answers={
                200: Answer(
                    meaning="Requests are accepted; degraded: tasks may run late", model=Readiness
                ),
                503: Answer(
                    meaning="PostgreSQL is down: requests fail",
                    model=Readiness,
                    headers={"Retry-After": "Seconds"},
                ),
            },
        ),
        ("GET", "/openapi.json"): Operation(
            summary="This document",
            answers={200: Answer(meaning="OpenAPI 3.1", model=dict[str, Any])},
        ),
        ("GET", "/docs"): Operation(
            summary="This document as a page to read",
            answers={200: Answer(meaning="HTML", model=str, media_type="text/html")},
        ),
        **TASK_OPERATIONS,
        **SCHEDULE_OPERATIONS,
    }
)

_OF_A_BODY = ("MALFORMED_JSON", "BODY_TOO_LARGE", "UNSUPPORTED_JSON", "INVALID_FIELD")
_OF_A_SCOPE = ("UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED", "BACKEND_UNAVAILABLE")
_OF_A_PARAMETER = {"{task_id}": "TASK_NOT_FOUND", "{schedule}": "SCHEDULE_NOT_FOUND"}


def problems_of(route: Route, operation: Operation) -> list[str]:
    """The codes of every problem that the route may answer."""
    codes = [*operation.problems, "INTERNAL_ERROR"]
    codes += [code for name, code in _OF_A_PARAMETER.items() if name in route.path]
    if operation.body is not None:
        codes += _OF_A_BODY
    if operation.query is not None:
        codes.append("INVALID_PARAMETER")
    if route.scope is not None:
        codes += _OF_A_SCOPE
    return sorted(set(codes))
