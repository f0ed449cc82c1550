"""dueline's handler in the benchmarks: the same work that the peers do."""

from bench.peers.record import record
from dueline.handler import Context, TaskView, handler


@handler("record")
def run(task: TaskView, _context: Context) -> None:
    record(task.payload)
