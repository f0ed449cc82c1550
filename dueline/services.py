"""What functions `tick` and `execute` work with; function `schedule` has http_api/services.py."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from dueline.clock import Clock
from dueline.config import Settings
from dueline.due_buffer.interface import DueBuffer
from dueline.handler import Handler
from dueline.stats_store.interface import StatsStore
from dueline.task_store.interface import TaskStore
from dueline.work_queue.interface import WorkQueue

if TYPE_CHECKING:
    from dueline.schedule_store.interface import ScheduleStore


class Services(Protocol):
    """Ports and values, each made when it is first asked for. The module dueline.wiring is one; a
    test brings its own."""

    def settings(self) -> Settings: ...

    def clock(self) -> Clock: ...

    def task_store(self) -> TaskStore: ...

    def schedule_store(self) -> "ScheduleStore": ...

    def stats_store(self) -> StatsStore: ...

    def due_buffer(self) -> DueBuffer: ...

    def work_queue(self) -> WorkQueue: ...

    def handlers(self) -> Mapping[str, Handler]: ...
