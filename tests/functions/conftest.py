"""Function `schedule` as the platform calls it: an event in, an answer out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from functions.schedule.app import build_app
from tests.contract.conformance import assert_conforms
from tests.functions.memory_services import MemoryServices

GOLDEN = json.loads((Path(__file__).parents[1] / "events/http_post_schedule.json").read_text())
REQUEST_ID = GOLDEN["requestContext"]["requestId"]


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


class Caller:
    """Sends REST proxy events to an app over memory adapters, and holds its answers to the
    OpenAPI document."""

    def __init__(self, services: MemoryServices) -> None:
        self.services = services
        self._app = build_app(services)

    def send(self, event: Mapping[str, Any]) -> Answer:
        answer = self._app(dict(event), None)
        given = Answer(answer["statusCode"], answer["headers"], answer["body"])
        asked = event.get("requestContext", {})
        assert_conforms(asked.get("httpMethod", ""), asked.get("resourcePath", ""), *given)
        return given

    def ask(
        self,
        method: str,
        resource: str,
        body: str | bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        **path_parameters: str,
    ) -> Answer:
        path = resource.format(**path_parameters)
        context = {
            **GOLDEN["requestContext"],
            "httpMethod": method,
            "resourcePath": resource,
            "path": path,
        }
        return self.send(
            {
                **GOLDEN,
                "resource": resource,
                "path": path,
                "httpMethod": method,
                "headers": dict(headers or {}),
                "pathParameters": path_parameters or None,
                "queryStringParameters": query,
                "multiValueQueryStringParameters": query
                and {name: [value] for name, value in query.items()},
                "requestContext": context,
                "body": body,
            }
        )

    def schedule(self, body: str | bytes, **headers: str) -> Answer:
        return self.ask("POST", "/schedule", body, headers=headers)


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices()


@pytest.fixture
def caller(services: MemoryServices) -> Caller:
    return Caller(services)
