"""The API without the function platform: `python -m local api` answers in its own process.

For where there is no Lambda to be like: a request then passes one process instead of two. Start
as many as there is work for; they need the three servers and nothing of each other. Ticks and
execute run elsewhere (`python -m local run`, `python -m local worker`).
"""

import logging
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import parse_qsl

from dueline import wiring
from dueline.http_api import exchange
from dueline.http_api.answer import answer
from dueline.http_api.routes import ROUTES, Route, unrouted
from dueline.http_api.services import Services
from dueline.http_api.together import Asked, answer_together
from dueline.task_store.schema import apply_schema
from local.emulator.http_answers import Answer
from local.emulator.http_requests import Refused, Request
from local.emulator.http_server import check_free
from local.options import Options
from local.round_server import RoundServer
from local.services.model import Progress
from local.services.start import start_services
from local.triggers.http import LARGEST_BODY
from local.triggers.proxy_answers import problem
from local.triggers.routes import Matched, RouteTable, UnknownPath, WrongMethod

REQUEST_ID = "X-Request-Id"


@contextmanager
def serving(options: Options, *, say: Progress) -> Iterator[str]:
    """Serve the API while the block runs, at this URL: over the servers that the environment names
    or, where it names none, private ones. Raises DuelineError or PortTaken before the block."""
    options.check()
    check_free(options.port, host=options.host)
    with start_services(
        options.data, environ=options.environ, progress=say, cache=options.cache
    ) as services:
        environment = options.function_environment(
            postgres_url=services.postgres.service.url,
            redis_url=services.redis.service.url,
            work_queue_url=services.work_queue_url,
            smtp_url=options.environ.get("SMTP_URL", ""),
        )
        apply_schema(environment["DUELINE_POSTGRES_URL"])
        os.environ.update(environment)  # where wiring finds its settings, as in a function
        logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
        make_all(wiring)
        server = RoundServer(options.port, ApiSite(wiring), host=options.host)
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


class ApiSite:
    """Answers requests by the API's views (a RoundSite)."""

    largest_body = LARGEST_BODY

    def __init__(self, services: Services) -> None:
        self._services = services
        self._table = RouteTable([(route.method, route.path) for route in ROUTES])
        self._routes = {(route.method, route.path): route for route in ROUTES}

    def goes_together(self, request: Request) -> bool:
        return request.method == "POST" and request.path == "/schedule"

    def answer_together(self, requests: Sequence[Request]) -> list[Answer]:
        asked = [self._asked(request) for request in requests]
        answers = answer_together(asked, self._services)
        return [_written(answer, each.request) for each, answer in zip(asked, answers, strict=True)]

    def answer(self, request: Request) -> Answer:
        asked = self._asked(request)
        return _written(
            answer(asked.view, asked.request, self._services, scope=asked.scope), asked.request
        )

    def refuse(self, refused: Refused) -> Answer:
        return problem(refused.status, refused.detail)

    def _asked(self, request: Request) -> Asked:
        path, _, query = request.path.partition("?")
        route, parameters = self._route(request.method, path)
        asked = exchange.Request(
            method=request.method,
            resource=route.path,
            base_path="",
            path_parameters=parameters,
            headers={name.lower(): value for name, value in request.headers},
            request_id=str(uuid.uuid4()),
            sent=request.body,
            sent_as_base64=False,
            query=dict(parse_qsl(query, keep_blank_values=True)) if query else {},
        )
        return Asked(asked, route.view, route.scope)

    def _route(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        match self._table.match(method, path):
            case Matched(route=route, path_parameters=parameters):
                return self._routes[method, route], parameters
            case WrongMethod(route=route):
                return Route(method, route, unrouted, None), {}
            case UnknownPath():
                return Route(method, path, unrouted, None), {}


def _written(given: exchange.Response, request: exchange.Request) -> Answer:
    headers = [*given.headers.items(), (REQUEST_ID, request.request_id or "")]
    return Answer(status=given.status, headers=headers, body=given.body.encode())


def make_all(services: Services) -> None:
    """Make what threads will share before there are any: two that are the first to ask for
    something could each make one."""
    for make in (
        services.settings,
        services.clock,
        services.keys,
        services.rate_limiter,
        services.stats_store,
        services.task_store,
        services.schedule_store,
        services.due_buffer,
        services.work_queue,
        services.handlers,
    ):
        make()
