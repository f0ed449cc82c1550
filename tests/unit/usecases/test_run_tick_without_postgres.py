"""What a tick does when PostgreSQL does not answer."""

from typing import Any

from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.run_tick import Tick, run_tick
...
