"""From a request to its answer: the one place where errors become problems."""

import logging
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from dueline.domain.errors import BackendUnavailable, InvalidRequest
from dueline.http_api.access import AccessRefused, admitted
from dueline.http_api.cors import cors_headers
from dueline.http_api.exchange import Request, Response
from dueline.http_api.limits import TooMuch, check_rate
from dueline.http_api.problems import KINDS, problem
from dueline.http_api.services import Services, View

log = logging.getLogger(__name__)

# Each answer is true for the moment only, and a browser is never to guess what it is.
_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def answer(
    view: View, request: Request, services: Services, *, scope: str | None = None
) -> Response:
    """What the view answers, or a problem for what it raises. Never raises.

    With a scope, whoever asks is made out first, and must hold it.
    """
    origins: Sequence[str] = ()
    told: Mapping[str, str] = {}  # what is left of the caller's rate
    try:
        origins = services.settings().cors_origins
        if scope:
            request = replace(request, caller=admitted(request, scope, services))
            told = check_rate(request.caller, services)
        response = view(request, services)
    except Exception as error:  # noqa: BLE001 - the last place where it can be answered
        response = _problem_of(error, request.request_id)
    headers = {**_ALWAYS, **told, **response.headers, **cors_headers(request, origins)}
    body = "" if request.method == "HEAD" else response.body
    return replace(response, headers=headers, body=body)


def _problem_of(error: Exception, request_id: str | None) -> Response:
    if isinstance(error, AccessRefused):
        headers = {"WWW-Authenticate": error.challenge}
        return problem(error.code, error.detail, request_id=request_id, headers=headers)
    if isinstance(error, TooMuch):
        return problem(error.code, error.detail, request_id=request_id, headers=error.headers)
    if isinstance(error, InvalidRequest) and error.code in KINDS:
        return problem(error.code, error.detail, pointer=error.pointer, request_id=request_id)
    if isinstance(error, BackendUnavailable):
        # Its text may name a host: it is for the log.
        log.error("%s", error, extra={"event": "backend_unavailable", "request_id": request_id})
        return problem(
            "BACKEND_UNAVAILABLE",
            f"{error.backend} did not answer. Try again; GET /readyz says when it is back.",
            request_id=request_id,
            headers={"Retry-After": "1"},
        )
    log.error(
        "request failed",
        exc_info=error,
        extra={"event": "request_failed", "request_id": request_id},
    )
    return problem(
        "INTERNAL_ERROR",
        "This is a fault of the server. Its log has the reason under this request_id.",
        request_id=request_id,
    )
