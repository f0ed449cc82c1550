"""Function `schedule`: HTTP. It hangs the table of routes on Chalice, and decides nothing."""

from collections.abc import Callable
from typing import Any

from chalice.app import Chalice, Request, Response

from dueline import wiring
from dueline.http_api.answer import answer
from dueline.http_api.exchange import read_request
from dueline.http_api.routes import ROUTES, unrouted
from dueline.http_api.services import Services, View


def build_app(services: Services) -> Chalice:
    """The Chalice app over these services."""
    app = Chalice(app_name="dueline-schedule", configure_logs=False)

    def respond(view: View, request: Request | None, scope: str | None = None) -> Response:
        event = request.to_original_event() if request else {}
        given = answer(view, read_request(event), services, scope=scope)
        return Response(given.body, dict(given.headers), given.status)

    def problems_only(request: Request | None, proceed: Callable[[Any], Response]) -> Response:
        response = proceed(request)
        chalices_own = response.status_code >= 400 and "Content-Type" not in response.headers
        return respond(unrouted, request) if chalices_own else response

    app.register_middleware(problems_only, "http")
    for method, path, view, scope in ROUTES:
        # */*: the body is read as JSON whatever its Content-Type, so that curl -d needs no header.
        hang = app.route(path, methods=[method], content_types=["*/*"], name=view.__name__)
        hang(lambda view=view, scope=scope, **_: respond(view, app.current_request, scope))
    return app


app = build_app(wiring)
