"""HTTP requests to a function: what an API Gateway REST API with proxy integrations does."""

import json
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import parse_qsl

from local.emulator.http_server import BodyRefused, LocalServer, QuietHandler
from local.emulator.invocations import InvocationRefused, TooManyRequests
from local.triggers.events import HttpRequest, rest_proxy_event
from local.triggers.invoker import Invoker
from local.triggers.proxy_answers import HttpAnswer, answer_of, problem
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
        table = RouteTable(routes)

        class Handler(ProxyHandler):
            pass

        Handler.platform, Handler.function, Handler.routes = platform, function, table
        self._server = LocalServer(port, Handler, host=host)

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()


class ProxyHandler(QuietHandler):
    platform: Invoker
    function: str
    routes: RouteTable

    def _serve(self) -> None:
        request_id = str(uuid.uuid4())
        path, _, query = self.path.partition("?")
        match self.routes.match(self.command, path):
            case Matched() as matched:
                answer = self._proxy(matched, path, query, request_id)
            case WrongMethod(allowed=allowed):
                answer = self._unread(_wrong_method(path, allowed))
            case UnknownPath(known=known):
                answer = self._unread(_unknown_path(path, known))
        headers = [*answer.headers, ("X-Amzn-RequestId", request_id)]
        self.answer(answer.status, headers, answer.body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """http.server looks for do_<METHOD>: each goes to the table, which knows the right ones."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _unread(self, answer: HttpAnswer) -> HttpAnswer:
        self.close_connection = True  # or the body would be taken for the next request
        return answer

    def _proxy(self, matched: Matched, path: str, query: str, request_id: str) -> HttpAnswer:
        try:
            request = self._request(matched, path, query, request_id)
            event = json.dumps(rest_proxy_event(request)).encode()
            return answer_of(self.platform.invoke(self.function, event, wait=WAIT))
        except BodyRefused as refused:
            return problem(refused.status, str(refused))
        except TooManyRequests as refused:
            retry = [("Retry-After", "1")]
            return problem(HTTPStatus.TOO_MANY_REQUESTS, str(refused), headers=retry)
        except InvocationRefused as refused:
            return problem(HTTPStatus(refused.status), str(refused))

    def _request(self, matched: Matched, path: str, query: str, request_id: str) -> HttpRequest:
        host, port = self.client_address[0], self.connection.getsockname()[1]
        forwarded = [
            ("X-Forwarded-For", host),
            ("X-Forwarded-Port", str(port)),
            ("X-Forwarded-Proto", "http"),
        ]
        return HttpRequest(
            method=self.command,
            path=path,
            route=matched.route,
            path_parameters=matched.path_parameters,
            query=parse_qsl(query, keep_blank_values=True),
            headers=[*self.headers.items(), *forwarded],
            body=self.read_body(largest=LARGEST_BODY),
            source_ip=host,
            request_id=request_id,
            received_at=datetime.now(UTC),
        )


def _wrong_method(path: str, allowed: tuple[str, ...]) -> HttpAnswer:
    methods = ", ".join(allowed)
    return problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        f"{path} answers {methods}.",
        headers=[("Allow", methods)],
    )


def _unknown_path(path: str, known: tuple[str, ...]) -> HttpAnswer:
    return problem(HTTPStatus.NOT_FOUND, f"Nothing is served at {path}.", known_paths=known)
