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
    Route("POST", "/schedule", schedule_task),
    Route("GET", "/tasks/{task_id}", read_task),
    Route("GET", "/stats", read_stats),
    Route("GET", "/livez", live),
    Route("GET", "/readyz", ready),
)
ROUTES = (
    *_VIEWS,
    *(Route("HEAD", path, view) for method, path, view in _VIEWS if method == "GET"),
    *(Route("OPTIONS", path, options) for path in dict.fromkeys(path for _, path, _ in _VIEWS)),
)


def _methods_of(path: str) -> str:
    return ", ".join(route.method for route in ROUTES if route.path == path)
