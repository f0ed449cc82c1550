"""The platform's own events, built from what the local triggers see. Pure: no clock, no I/O.

Shapes: "Input format of a Lambda function for proxy integration" (API Gateway), "Scheduled
events" (EventBridge), "Using Lambda with Amazon MQ" (RabbitMQ record event). tests/events holds
one whole example of each.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dueline.work_queue.interface import Delivery
from local.emulator.functions import ACCOUNT, REGION

STAGE = "local"
API_ID = "dueline"

Pairs = Sequence[tuple[str, str]]  # names may repeat; order counts

IDENTITY_FIELDS = (
    "accessKey",
    "accountId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "user",
    "userArn",
)

# RabbitMQ's basic properties, by the name that a Python client gives them.
BASIC_PROPERTIES = {
    "content_type": "contentType",
    "content_encoding": "contentEncoding",
    "delivery_mode": "deliveryMode",
    "priority": "priority",
    "correlation_id": "correlationId",
    "reply_to": "replyTo",
    "expiration": "expiration",
    "message_id": "messageId",
    "type": "type",
    "user_id": "userId",
    "app_id": "appId",
    "cluster_id": "clusterId",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as it came in. Path and parameters are as in the URL, not decoded.

    So is AWS's event for a REST API (aws/aws-sam-cli issue 771); the query alone is decoded.
    """

    method: str
    path: str
    route: str  # the template that the path matched: /tasks/{id}
    path_parameters: Mapping[str, str]
    query: Pairs
    headers: Pairs
    body: bytes
    source_ip: str
    request_id: str
    received_at: datetime


def rest_proxy_event(request: HttpRequest) -> dict[str, object]:
    """An API Gateway REST proxy event, payload version 1."""
    body, is_base64 = _text_or_base64(request.body)
    return {
        "resource": request.route,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(request.headers) or None,
        "multiValueHeaders": _multi(request.headers),
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": _multi(request.query),
        "pathParameters": dict(request.path_parameters) or None,
        "stageVariables": None,
        "requestContext": _request_context(request),
        "body": body,
        "isBase64Encoded": is_base64,
    }


def scheduled_event(*, event_id: str, at: datetime, rule: str) -> dict[str, object]:
    """What an EventBridge rule sends; `at` is the moment that the schedule named."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }


def rabbitmq_event(
    deliveries: Sequence[Delivery], *, source_arn: str, queue_name: str, vhost: str = "/"
) -> dict[str, object]:
    """A batch of an Amazon MQ for RabbitMQ event source mapping."""
    return {
        "eventSource": "aws:rmq",
        "eventSourceArn": source_arn,
        "rmqMessagesByQueue": {f"{queue_name}::{vhost}": [_message(each) for each in deliveries]},
    }


def _request_context(request: HttpRequest) -> dict[str, object]:
    headers = {name.lower(): value for name, value in request.headers}
    received_at = request.received_at.astimezone(UTC)
    return {
        "accountId": ACCOUNT,
        "apiId": API_ID,
        "domainName": headers.get("host"),
        "domainPrefix": API_ID,
        "extendedRequestId": request.request_id,
        "httpMethod": request.method,
        "identity": {
            **dict.fromkeys(IDENTITY_FIELDS),
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent"),
        },
        "path": request.path,  # as behind a custom domain: callers name no stage
        "protocol": "HTTP/1.1",
        "requestId": request.request_id,
        "requestTime": received_at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(received_at.timestamp() * 1000),
        "resourceId": request.route,
        "resourcePath": request.route,
        "stage": STAGE,
    }


def _multi(pairs: Pairs) -> dict[str, list[str]] | None:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values or None


def _text_or_base64(body: bytes) -> tuple[str | None, bool]:
    if not body:
        return None, False
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def _message(delivery: Delivery) -> dict[str, object]:
    given = delivery.properties
    return {
        "basicProperties": {
            **{java: _plain(given.get(python)) for python, java in BASIC_PROPERTIES.items()},
            "headers": {name: _header(value) for name, value in delivery.headers.items()} or None,
            "timestamp": _locale_time(given.get("timestamp")),
            "bodySize": len(delivery.body),
        },
        "redelivered": delivery.redelivered,
        "data": base64.b64encode(delivery.body).decode(),
    }


def _plain(value: object) -> str | int | None:
    return value if value is None or isinstance(value, str | int) else str(value)


def _header(value: object) -> object:
    """As the platform writes it: a string is an object that holds its bytes (Java's LongString)."""
    if isinstance(value, str):
        return {"bytes": list(value.encode())}
    if isinstance(value, bytes):
        return {"bytes": list(value)}
    if isinstance(value, Mapping):
        return {str(name): _header(inner) for name, inner in value.items()}
    if isinstance(value, Sequence):
        return [_header(inner) for inner in value]
    if isinstance(value, datetime):
        return _locale_time(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _locale_time(value: object) -> str | None:
    """Java's default English date with one second's resolution: Jan 1, 1970, 12:33:41 AM."""
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value, UTC)
    if not isinstance(value, datetime):
        return None
    hour = value.hour % 12 or 12
    return f"{value:%b} {value.day}, {value.year}, {hour}:{value:%M:%S %p}"
