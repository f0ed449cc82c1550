"""Each builder writes the platform's event, whole, as tests/events keeps it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Request

from dueline.domain.messages import decode_message
from dueline.work_queue.interface import Delivery
from local.triggers.events import (
    HttpRequest,
    rabbitmq_event,
    rest_proxy_event,
    scheduled_event,
)

EVENTS = Path(__file__).parents[1] / "events"
RECEIVED_AT = datetime(2026, 3, 9, 8, 5, 30, 123_000, tzinfo=UTC)
TASK = "0197a1f0-1111-7abc-8def-0123456789ab"
PAGE = f'{{"v":1,"tasks":[["{TASK}",3]]}}'.encode()


def golden(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


def http_request(**changes: Any) -> HttpRequest:
    defaults: dict[str, Any] = {
        "method": "POST",
        "path": "/schedule",
        "route": "/schedule",
        "path_parameters": {},
        "query": [],
        "headers": [
            ("Host", "127.0.0.1:8080"),
            ("User-Agent", "curl/8.5.0"),
            ("Content-Type", "application/json"),
        ],
        "body": b"",
        "source_ip": "127.0.0.1",
        "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "received_at": RECEIVED_AT,
    }
    return HttpRequest(**{**defaults, **changes})


def test_a_posted_task() -> None:
    body = {
        "type": "email",
        "payload": {"subject": "Grüße"},
        "execute_at": "2026-03-09T08:05:40Z",
    }

    event = rest_proxy_event(http_request(body=json.dumps(body, ensure_ascii=False).encode()))

    assert event == golden("http_post_schedule")


def test_a_request_with_parameters_in_path_and_query() -> None:
    event = rest_proxy_event(
        http_request(
            method="GET",
            path="/tasks/a%20b",
            route="/tasks/{id}",
            path_parameters={"id": "a%20b"},
            query=[("status", "pending"), ("status", "failed"), ("q", "")],
            headers=[("Host", "127.0.0.1:8080"), ("X-Tag", "1"), ("X-Tag", "2")],
        )
    )

    assert event == golden("http_get_task")


def test_a_body_that_is_no_text_comes_as_base64() -> None:
    event = rest_proxy_event(http_request(body=b"\xff\x00\x01"))

    assert event == golden("http_post_binary")


@pytest.mark.parametrize("name", ["http_post_schedule", "http_get_task", "http_post_binary"])
def test_chalice_finds_all_it_needs(name: str) -> None:
    event = golden(name)

    request = Request(event)

    assert request.method == event["httpMethod"]
    assert request.context["resourcePath"] == event["resource"]
    assert isinstance(request.raw_body, bytes)


def test_a_tick_of_the_cron() -> None:
    event = scheduled_event(
        event_id="53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", at=RECEIVED_AT, rule="tick"
    )

    assert event == golden("scheduled_tick")


def test_a_batch_of_messages() -> None:
    ours = Delivery(
        body=PAGE,
        redelivered=False,
        token="1",
        properties={"content_type": "application/json", "delivery_mode": 2},
    )
    foreign = Delivery(
        body=b"\x00\xff",
        redelivered=True,
        token="2",
        properties={"expiration": "60000", "priority": 4, "timestamp": 2021},
        headers={
            "header1": "value1",
            "numberInHeader": 10,
            "flag": True,
            "nothing": None,
            "raw": b"\x01",
            "x-death": [{"count": 2, "reason": "rejected", "time": RECEIVED_AT}],
        },
    )

    event = rabbitmq_event(
        [ours, foreign],
        source_arn="arn:aws:mq:us-east-1:000000000000:broker:dueline:b-local",
        queue_name="default.0",
    )

    assert event == golden("rabbitmq_batch")
    [messages] = golden("rabbitmq_batch")["rmqMessagesByQueue"].values()
    assert decode_message(PAGE)[0].id == TASK
    assert messages[1]["basicProperties"]["timestamp"] == "Jan 1, 1970, 12:33:41 AM"


def test_a_timestamp_may_be_a_moment_or_seconds() -> None:
    def stamp(timestamp: object) -> object:
        delivery = Delivery(
            body=b"", redelivered=False, token="1", properties={"timestamp": timestamp}
        )
        event: Any = rabbitmq_event([delivery], source_arn="", queue_name="q")
        return event["rmqMessagesByQueue"]["q::/"][0]["basicProperties"]["timestamp"]

    assert stamp(RECEIVED_AT) == "Mar 9, 2026, 8:05:30 AM"
    assert stamp(datetime(2026, 12, 31, 12, 0, 0, tzinfo=UTC)) == "Dec 31, 2026, 12:00:00 PM"
    assert stamp(int(RECEIVED_AT.timestamp())) == "Mar 9, 2026, 8:05:30 AM"
    assert stamp(None) is None
