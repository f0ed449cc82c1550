"""HTTP requests to a function: what an API Gateway REST API with proxy integrations does."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import parse_qsl

import msgspec

from local.emulator.http_answers import Answer
from local.emulator.http_requests import Refused, Request
from local.emulator.http_server import Ends, LocalServer
from local.emulator.invocations import InvocationRefused, TooManyRequests
from local.triggers.events import HttpRequest, rest_proxy_event
from local.triggers.invoker import Invoker
from local.triggers.proxy_answers import answer_of, problem
from local.triggers.routes import Matched, RouteTable, UnknownPath, WrongMethod

LARGEST_BODY = 10 * 1024 * 1024  # API Gateway's payload limit
# A comfort that API Gateway does not have: a burst on a laptop waits for a free environment
# instead of being throttled at once.
WAIT = timedelta(seconds=5)


class HttpTrigger:
    """Serves `routes` [(method, path template), ...] at 127.0.0.1 by invoking one function.

    Raises PortTaken if another process listens on `port`; port 0 takes a free one.
    """

    def __init__(
        self,
        platform: Invoker,
        function: str,
        routes: Sequence[tuple[str, str]],
        *,
        port: int,
        host: str = "127.0.0.1",
    ) -> None:
        self._server = LocalServer(port, ProxyIntegration(platform, function, routes), host=host)

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()


class ProxyIntegration:
    """Answers requests by one function (a Site of LocalServer)."""

    largest_body = LARGEST_BODY

    def __init__(self, platform: Invoker, function: str, routes: Sequence[tuple[str, str]]) -> None:
        self._platform = platform
        self._function = function
        self._routes = RouteTable(routes)

    def answer(self, request: Request, ends: Ends) -> Answer:
        request_id = str(uuid.uuid4())
        path, _, query = request.path.partition("?")
        match self._routes.match(request.method, path):
            case Matched() as matched:
                answer = self._proxied(_event(request, ends, matched, path, query, request_id))
            case WrongMethod(allowed=allowed):
                answer = _wrong_method(path, allowed)
            case UnknownPath(known=known):
                answer = _unknown_path(path, known)
        return replace(answer, headers=[*answer.headers, ("X-Amzn-RequestId", request_id)])

    def refuse(self, refused: Refused) -> Answer:
        return problem(refused.status, refused.detail)

    def _proxied(self, event: HttpRequest) -> Answer:
        try:
            payload = msgspec.json.encode(rest_proxy_event(event))
            return answer_of(self._platform.invoke(self._function, payload, wait=WAIT))
        except TooManyRequests as refused:
            retry = [("Retry-After", "1")]
            return problem(HTTPStatus.TOO_MANY_REQUESTS, str(refused), headers=retry)
        except InvocationRefused as refused:
            return problem(HTTPStatus(refused.status), str(refused))


def _event(
    request: Request, ends: Ends, matched: Matched, path: str, query: str, request_id: str
) -> HttpRequest:
    forwarded = [
        ("X-Forwarded-For", ends.caller),
        ("X-Forwarded-Port", str(ends.port)),
        ("X-Forwarded-Proto", "http"),
    ]
    return HttpRequest(
        method=request.method,
        path=path,
        route=matched.route,
        path_parameters=matched.path_parameters,
        query=parse_qsl(query, keep_blank_values=True),
        headers=[*request.headers, *forwarded],
        body=request.body,
        source_ip=ends.caller,
        request_id=request_id,
        received_at=datetime.now(UTC),
    )


def _wrong_method(path: str, allowed: tuple[str, ...]) -> Answer:
    methods = ", ".join(allowed)
    return problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        f"{path} answers {methods}.",
        headers=[("Allow", methods)],
    )


def _unknown_path(path: str, known: tuple[str, ...]) -> Answer:
    return problem(HTTPStatus.NOT_FOUND, f"Nothing is served at {path}.", known_paths=known)
