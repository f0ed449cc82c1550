"""Task ids."""

import os
from datetime import datetime
from uuid import UUID


def new_task_id(now: datetime, random: bytes | None = None) -> str:
    """A UUID version 7 (RFC 9562 §5.7) in canonical text form.

    Its first 48 bits are `now` in milliseconds, so that new rows go to the end of the primary
    key's index; the last byte is random and is the task's slot (lanes.py).
    """
    tail = int.from_bytes(random or os.urandom(10), "big")
    milliseconds = int(now.timestamp() * 1000)
    value = milliseconds << 80 | tail
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return str(UUID(int=value))
