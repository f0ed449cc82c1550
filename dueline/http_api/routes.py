"""The table of routes. functions/schedule/app.py hangs it on Chalice."""

from typing import NamedTuple

from dueline.http_api.cors import preflight_headers
from dueline.http_api.exchange import Request, Response
from dueline.http_api.health import live, ready
from dueline.http_api.problems import problem
from dueline.http_api.services import Services, View
from dueline.http_api.views import read_stats, read_task, schedule_task


class Route(NamedTuple):
    """One method of one path; `{name}` in it is a path parameter."""

    method: str
    path: str
    view: View
    scope: str | None  # what a caller's key must hold; None: open to everyone


def options(request: Request, services: Services) -> Response:
    """OPTIONS of every path: its methods, and the answer to a page's preflight."""
    methods = _methods_of(request.resource)
    headers = preflight_headers(methods, services.settings().cors_origins)
    return Response(status=204, headers={"Allow": methods, **headers})


def unrouted(request: Request, services: Services) -> Response:  # noqa: ARG001
    """The view for a request that no route takes: wrong method or wrong path."""
    if not request.resource:
        raise ValueError("the event is not a REST proxy event of payload format 1.0")
    if methods := _methods_of(request.resource):
        return problem(
            "METHOD_NOT_ALLOWED",
            f"The methods of this path are {methods}.",
            request_id=request.request_id,
            headers={"Allow": methods},
        )
    paths = ", ".join(dict.fromkeys(route.path for route in ROUTES))
    return problem("NOT_FOUND", f"The paths are {paths}.", request_id=request.request_id)


_VIEWS = (
    Route("POST", "/schedule", schedule_task, "tasks:write"),
    Route("GET", "/tasks/{task_id}", read_task, "tasks:read"),
    Route("GET", "/stats", read_stats, "tasks:read"),
    Route("GET", "/livez", live, None),
    Route("GET", "/readyz", ready, None),
)
ROUTES = (
    *_VIEWS,
    *(view._replace(method="HEAD") for view in _VIEWS if view.method == "GET"),
    *(
        Route("OPTIONS", path, options, None)
        for path in dict.fromkeys(view.path for view in _VIEWS)
    ),
)


def _methods_of(path: str) -> str:
    return ", ".join(route.method for route in ROUTES if route.path == path)
