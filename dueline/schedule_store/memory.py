"""The schedule store in memory: the same promises, judged by the same tests."""

from dueline.schedule_store.memory_expanding import MemoryExpanding
from dueline.schedule_store.memory_scheduling import MemoryScheduling


class MemoryScheduleStore(MemoryScheduling, MemoryExpanding):
    """Over the rows of a task store in memory."""
