"""The table of routes. functions/schedule/app.py hangs it on Chalice.

After a change `python -m infra.routes` writes it into infra/template.yaml, which a test demands.
"""

from typing import NamedTuple

from dueline.http_api.bulk_views import cancel_tasks, reschedule_tasks, retry_tasks_in_bulk
from dueline.http_api.cors import preflight_headers
from dueline.http_api.exchange import Request, Response
from dueline.http_api.health import live, ready
from dueline.http_api.metrics_view import read_metrics
from dueline.http_api.one_task import (
    cancel_task,
    delete_task,
    edit_task,
    explain_task,
    read_task,
    retry_task,
    run_task,
)
from dueline.http_api.openapi.views import read_docs, read_openapi
from dueline.http_api.preview import preview_schedule
from dueline.http_api.problems import problem
from dueline.http_api.schedule_actions import (
    backfill_schedule,
    pause_schedule,
    resume_schedule,
    run_schedule,
    skip_occurrence,
    unskip_occurrence,
)
from dueline.http_api.schedule_explain import explain_schedule
from dueline.http_api.schedule_views import (
    delete_schedule,
    list_schedules,
    patch_schedule,
    put_schedule,
    read_schedule,
)
from dueline.http_api.services import Services, View
from dueline.http_api.stats_views import read_stats
from dueline.http_api.task_views import list_tasks, schedule_batch
from dueline.http_api.views import schedule_task


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
    Route("POST", "/schedule/batch", schedule_batch, "tasks:write"),
    Route("GET", "/tasks", list_tasks, "tasks:read"),
    Route("POST", "/tasks/cancel", cancel_tasks, "tasks:write"),
    Route("POST", "/tasks/retry", retry_tasks_in_bulk, "tasks:write"),
    Route("POST", "/tasks/reschedule", reschedule_tasks, "tasks:write"),
    Route("GET", "/tasks/{task_id}", read_task, "tasks:read"),
    Route("PATCH", "/tasks/{task_id}", edit_task, "tasks:write"),
    Route("DELETE", "/tasks/{task_id}", delete_task, "tasks:write"),
    Route("GET", "/tasks/{task_id}/explain", explain_task, "tasks:read"),
    Route("POST", "/tasks/{task_id}/cancel", cancel_task, "tasks:write"),
    Route("POST", "/tasks/{task_id}/retry", retry_task, "tasks:write"),
    Route("POST", "/tasks/{task_id}/run", run_task, "tasks:write"),
    Route("POST", "/schedules/preview", preview_schedule, "schedules:read"),
    Route("GET", "/schedules", list_schedules, "schedules:read"),
    Route("GET", "/schedules/{schedule}", read_schedule, "schedules:read"),
    Route("PUT", "/schedules/{schedule}", put_schedule, "schedules:write"),
    Route("PATCH", "/schedules/{schedule}", patch_schedule, "schedules:write"),
    Route("DELETE", "/schedules/{schedule}", delete_schedule, "schedules:write"),
    Route("GET", "/schedules/{schedule}/explain", explain_schedule, "schedules:read"),
    Route("POST", "/schedules/{schedule}/pause", pause_schedule, "schedules:write"),
    Route("POST", "/schedules/{schedule}/resume", resume_schedule, "schedules:write"),
    Route("POST", "/schedules/{schedule}/run", run_schedule, "schedules:write"),
    Route("POST", "/schedules/{schedule}/backfill", backfill_schedule, "schedules:write"),
    Route("POST", "/schedules/{schedule}/skip", skip_occurrence, "schedules:write"),
    Route("POST", "/schedules/{schedule}/unskip", unskip_occurrence, "schedules:write"),
    Route("GET", "/stats", read_stats, "tasks:read"),
    Route("GET", "/metrics", read_metrics, "admin"),
    Route("GET", "/livez", live, None),
    Route("GET", "/readyz", ready, None),
    Route("GET", "/openapi.json", read_openapi, None),
    Route("GET", "/docs", read_docs, None),
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
