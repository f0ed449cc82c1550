"""The client itself: where the API is, and its parts."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from dueline.client.schedules import Schedules
from dueline.client.tasks import Tasks
from dueline.client.transport import Transport
from dueline.client.wire import Duration
from dueline.http_api.bodies import Readiness
from dueline.http_api.stats_bodies import Stats

DEFAULT_URL = "http://127.0.0.1:8080"  # of `make run-local`


class Client:
    """Calls the API at `url` with an API key; by default from DUELINE_URL and DUELINE_API_KEY.

    `timeout` is for one try, `give_up_after` for all tries of a call; see Transport for what is
    tried again. Every call raises ApiError or Unreachable, and ValueError for an argument that
    no API could accept. Safe to use from several threads.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: timedelta = timedelta(seconds=30),
        give_up_after: timedelta = timedelta(seconds=60),
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = Transport(
            url or os.environ.get("DUELINE_URL") or DEFAULT_URL,
            key or os.environ.get("DUELINE_API_KEY"),
            timeout=timeout,
            give_up_after=give_up_after,
            pause=pause,
        )
        self.tasks = Tasks(self._transport, pause=pause)
        self.schedules = Schedules(self._transport)

    @property
    def url(self) -> str:
        return self._transport.url

    def stats(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the API's word
        queue: str | None = None,
        kinds: bool | None = None,
        window: Duration | None = None,
        bucket: Duration | None = None,
    ) -> Stats:
        """How many tasks are in each status: of a type or a queue, or of all.

        `kinds`: the same by type and queue. `window`: what happened in so long a time up to now,
        `bucket`: and in each piece of it.
        """
        query = {"type": type, "queue": queue, "kinds": kinds, "window": window, "bucket": bucket}
        return self._transport.ask("GET", "/stats", query=query, answer=Stats)

    def readiness(self) -> Readiness:
        """Whether requests are answered and tasks run; also while they are not."""
        return self._transport.ask("GET", "/readyz", answer=Readiness, also=(503,))

    def openapi(self) -> dict[str, Any]:
        """The API's own description."""
        return self._transport.ask("GET", "/openapi.json", answer=dict[str, Any])

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
