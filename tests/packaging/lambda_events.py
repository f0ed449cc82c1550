"""Events as AWS sends them, for functions of an artefact."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.triggers.events import HttpRequest, rest_proxy_event, scheduled_event

NOTHING: Mapping[str, str] = {}


def post_schedule(body: object) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    return http("POST", "/schedule", headers=headers, body=json.dumps(body).encode())


def get_task(task_id: str) -> dict[str, Any]:
    return http("GET", "/tasks/{task_id}", path_parameters={"task_id": task_id})


def get_readyz() -> dict[str, Any]:
    return http("GET", "/readyz")


def every_minute() -> dict[str, Any]:
    return scheduled_event(event_id="1", at=datetime.now(UTC), rule="tick")


def http(
    method: str,
    route: str,
    *,
    path_parameters: Mapping[str, str] = NOTHING,
    headers: Mapping[str, str] = NOTHING,
    body: bytes = b"",
) -> dict[str, Any]:
    """A REST proxy event for a route."""
    return rest_proxy_event(
        HttpRequest(
            method=method,
            path=route.format(**path_parameters),
            route=route,
            path_parameters=path_parameters,
            query=[],
            headers=list(headers.items()),
            body=body,
            source_ip="127.0.0.1",
            request_id="1",
            received_at=datetime.now(UTC),
        )
    )
