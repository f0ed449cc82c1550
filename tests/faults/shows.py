"""Named scenarios under production's settings: what is repaired, and how long that takes."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.faults.deployment import Servers
from tests.faults.shown import Shown
from tests.faults.shows_of_functions import kill_execute, kill_tick, ticks_at_once, zombie
from tests.faults.shows_of_servers import (
    alarm,
    delete_queue,
    flush,
    stop_postgres,
    stop_redis,
    strangers,
)

Show = Callable[[Servers, Path], Shown]

SHOWS: Mapping[str, Show] = {
    "kill -9 of tick in a burst of 10,000": kill_tick,
    "kill -9 of execute in a burst of 10,000": kill_execute,
    "execute frozen past its lease": zombie,
    "two ticks at once": lambda servers, folder: ticks_at_once(servers, folder, ticks=2),
    "five ticks at once": lambda servers, folder: ticks_at_once(servers, folder, ticks=5),
    "FLUSHALL in a burst of 10,000": flush,
    "Redis killed for 30 s": lambda servers, folder: stop_redis(servers, folder, frozen=False),
    "Redis frozen for 30 s": lambda servers, folder: stop_redis(servers, folder, frozen=True),
    "RabbitMQ queue deleted with 5,000 messages": delete_queue,
    "RabbitMQ blocked by a memory alarm for 20 s": alarm,
    "PostgreSQL killed for 10 s": stop_postgres,
    "poison, forged, stale and cancelled messages": strangers,
}
