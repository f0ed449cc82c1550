"""What the views work with."""

from collections.abc import Callable, Mapping
from typing import Protocol

from dueline.clock import Clock
from dueline.config import Settings
from dueline.due_buffer.interface import DueBuffer
from dueline.handler import Handler
from dueline.http_api.exchange import Request, Response
from dueline.key_store.interface import Recognising
from dueline.rate_limiter.interface import RateLimiter
from dueline.schedule_store.interface import ScheduleStore
from dueline.stats_store.interface import Measuring
from dueline.task_store.interface import Serving
from dueline.work_queue.interface import WorkQueue


class Services(Protocol):
    """The ports and values of function `schedule`, each made when it is first asked for.

    The module dueline.wiring is one; a test brings its own. So /livez touches nothing, only
    /readyz pays for the work queue's driver, and a setting that is wrong becomes an answer and a
    log line instead of a function that cannot start.
    """

    def settings(self) -> Settings: ...

    def clock(self) -> Clock: ...

    def keys(self) -> Recognising: ...

    def rate_limiter(self) -> RateLimiter: ...

    def stats_store(self) -> Measuring: ...

    def task_store(self) -> Serving: ...

    def schedule_store(self) -> ScheduleStore: ...

    def due_buffer(self) -> DueBuffer: ...

    def work_queue(self) -> WorkQueue: ...

    def handlers(self) -> Mapping[str, Handler]: ...


View = Callable[[Request, Services], Response]
