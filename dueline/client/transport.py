"""One request to the API, repeated while that is safe and time is left."""

import random
import time
import uuid
from collections.abc import Callable, Container, Mapping
from datetime import timedelta
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlsplit

import msgspec
import urllib3

from dueline.client.answers import read_answer
from dueline.client.errors import ApiError, Unreachable
from dueline.client.wire import query_string
from dueline.domain.errors import DuelineError

T = TypeVar("T")

# What says: not now. A 5xx does not say whether the request took effect.
_NOT_NOW = frozenset({429, 502, 503, 504})
# The first try of this very request is still under way; its answer will be replayed.
_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
_SAFE = frozenset({"GET", "PUT", "DELETE"})  # to be repeated: RFC 9110 §9.2.2
_FIRST_PAUSE = 0.1  # seconds; doubled each time, and a random part of it waited
_LONGEST_PAUSE = 5.0


class Transport:
    """Sends requests to `url` with an API key. Safe to use from several threads.

    A request is repeated, until `give_up_after`, after a connection that failed and after an
    answer that says "not now": if its method says that this is safe, or if it carries an
    idempotency key.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        *,
        timeout: timedelta,
        give_up_after: timedelta,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"{url!r} is not the URL of an API; want one like https://host/prod")
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._give_up_after = give_up_after.total_seconds()
        self._pause = pause
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(total=timeout.total_seconds()), maxsize=8
        )

    def ask(
        self,
        method: str,
        path: str,
        *,
        answer: type[T] = object,  # type: ignore[assignment]  # whatever the caller ignores
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        keyed: bool = False,
        repeatable: bool = False,
        also: Container[int] = (),
    ) -> T:
        """The body of the answer as `answer`. Raises ApiError, Unreachable.

        `keyed`: the route honours Idempotency-Key; each call sends one, the given or its own.
        `repeatable`: a second time changes nothing more, though the method does not say so.
        `also`: statuses above 299 that have such a body too.
        """
        sent = self._headers | dict(headers or {})
        if keyed:
            sent["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = msgspec.json.encode(body)
        url = f"{self.url}{path}{query_string(query or {})}"
        patience = self._give_up_after if repeatable or keyed or method in _SAFE else 0.0

        def once() -> T:
            return cast("T", read_answer(self._send(method, url, sent, body), answer, also=also))

        return self._persist(once, patience)

    def _persist(self, once: Callable[[], T], patience: float) -> T:
        """What `once` gives, asked again while it says "not now" and `patience` (seconds) lasts."""
        until = time.monotonic() + patience
        longest = _FIRST_PAUSE
        while True:
            try:
                return once()
            except (ApiError, Unreachable) as error:
                wait = max(random.uniform(0, longest), _wanted_pause(error))  # noqa: S311
                if not _is_passing(error) or time.monotonic() + wait > until:
                    raise
            self._pause(wait)
            longest = min(longest * 2, _LONGEST_PAUSE)

    def close(self) -> None:
        self._pool.clear()

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(method, url, headers=headers, body=body, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f"{self.url} does not answer: {error}") from error


def segment(text: str) -> str:
    """A value as one step of a path."""
    return quote(text, safe="")


def _is_passing(error: DuelineError) -> bool:
    if isinstance(error, ApiError):
        return error.status in _NOT_NOW or error.code == _IN_FLIGHT
    return True


def _wanted_pause(error: DuelineError) -> float:
    return error.retry_after if isinstance(error, ApiError) else 0.0
