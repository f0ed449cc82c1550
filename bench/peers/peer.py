"""What every peer written in Python does on its command line.

    <peer>.py add COUNT FIRST SPAN     accept tasks one by one; prints the seconds that took
    <peer>.py bulk COUNT FIRST SPAN    the same by the peer's own call for many, if it has one
    <peer>.py work                     run what is due, until the process is ended
    <peer>.py setup                    make what the peer needs in its store

Task i of COUNT is due at FIRST + SPAN * i / COUNT, in seconds since 1970. The environment names
the servers (BENCH_REDIS, BENCH_POSTGRES, BENCH_AMQP), a queue of this run's own (BENCH_QUEUE) and
the file of starts (BENCH_STARTS).
"""

import sys
import threading
import time
from collections.abc import Callable, Sequence

Accept = Callable[[Sequence[float]], None]


def main(
    *,
    add: Accept,
    bulk: Accept | None = None,
    work: Callable[[], None] | None = None,
    setup: Callable[[], None] | None = None,
    stays: bool = False,
) -> None:
    """Do what the command line says. `stays`: whoever accepts is also who runs, until ended."""
    command, *plan = sys.argv[1:]
    if command in {"setup", "work"}:
        if does := {"setup": setup, "work": work}[command]:
            does()
    else:
        count, first, span = int(plan[0]), float(plan[1]), float(plan[2])
        accept = bulk if command == "bulk" and bulk else add
        began = time.perf_counter()
        accept([first + span * number / count for number in range(count)])
        print(time.perf_counter() - began, flush=True)
        if stays:
            threading.Event().wait()
