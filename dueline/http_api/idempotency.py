"""Header Idempotency-Key: a request that is sent again is done once.

After draft-ietf-httpapi-idempotency-key-header-07: the same key with another request is 422, while
the first is at work 409. A repetition is answered as the first was, and says so. Keys belong to
the tenant. Only what made tasks is kept, in one transaction with them, and for a day at least:
whatever was refused can be sent again under its key.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime

from dueline.domain.errors import InvalidRequest, RequestInFlight
from dueline.domain.idempotency import KeptAnswer
from dueline.http_api.exchange import Request, Response
from dueline.http_api.services import Services
from dueline.task_store.interface import Tasks
from dueline.usecases.accept_tasks import Once, accept_tasks

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 255

# A structured field's string (RFC 8941 §3.3.3), or, since most send it so, the bare text.
_KEY = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])+)"|([!#-~]+)')


def accepted_once(
    tasks: Tasks,
    answer: Callable[[], Response],
    request: Request,
    services: Services,
    now: datetime,
) -> Response:
    """Accept the tasks and give this answer; or, for a repetition, give the one that was kept.

    The answer is made before the tasks are accepted only where it is to be kept with them.

    Raises InvalidRequest, DedupeKeyTaken, BackendUnavailable.
    """
    key = idempotency_key(request)
    given = once = None
    if key is not None:
        given = answer()
        once = _once(request, key, given)
    try:
        repeated = accept_tasks(
            tasks,
            store=services.task_store(),
            buffer=services.due_buffer(),
            now=now,
            settings=services.settings(),
            once=once,
        )
    except RequestInFlight as error:
        raise InvalidRequest(
            "Another request with this Idempotency-Key is at work; send this one again later.",
            code="IDEMPOTENCY_IN_FLIGHT",
        ) from error
    if repeated is not None:
        return _replayed(repeated, request)
    return given or answer()


def idempotency_key(request: Request) -> str | None:
    """The key of the request, if it has one. Raises InvalidRequest."""
    sent = request.headers.get(HEADER.lower())
    if sent is None:
        return None
    match = _KEY.fullmatch(sent.strip())
    if match is None or len(key := match[1] or match[2]) > LONGEST_KEY:
        raise InvalidRequest(
            f"Want 1 to {LONGEST_KEY} characters of ASCII, in quotes or without spaces; a UUID is "
            "a good key.",
            code="INVALID_IDEMPOTENCY_KEY",
        )
    return key


def _once(request: Request, key: str, answer: Response) -> Once:
    kept = KeptAnswer(
        fingerprint=_fingerprint(request),
        status=answer.status,
        body=answer.body,
        location=answer.headers.get("Location"),
    )
    return Once(request.caller.tenant, key, kept)


def _replayed(kept: KeptAnswer, request: Request) -> Response:
    if kept.fingerprint != _fingerprint(request):
        raise InvalidRequest(
            "This Idempotency-Key was used for another request; each request needs its own.",
            code="IDEMPOTENCY_KEY_REUSED",
        )
    location = {} if kept.location is None else {"Location": kept.location}
    headers = {"Content-Type": "application/json", REPLAYED: "true", **location}
    return Response(status=kept.status, body=kept.body, headers=headers)


def _fingerprint(request: Request) -> str:
    asked = f"{request.method} {request.resource} {sorted(request.query.items())}\n"
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass") + request.body).hexdigest()
