"""The task store in memory: the same promises, judged by the same tests, gone with the process."""

from dueline.task_store.memory_accepting import MemoryAccepting
from dueline.task_store.memory_dispatching import MemoryDispatching
from dueline.task_store.memory_executing import MemoryExecuting
from dueline.task_store.memory_managing import MemoryManaging
from dueline.task_store.memory_tasks import PENDING, RUNNING, WAITING

__all__ = ["PENDING", "RUNNING", "WAITING", "MemoryTaskStore"]


class MemoryTaskStore(MemoryAccepting, MemoryManaging, MemoryDispatching, MemoryExecuting):
    """Threads may share it. `server_clock` is what server_time answers."""
