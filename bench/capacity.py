"""The model of capacity beside a local run: `python -m bench.capacity check`.

`check` measures what the parts cost here, lets the model say what 1, 2 and 4 lanes do with three
loads, runs the same loads through a whole local run, and prints both. `model` asks the model alone
about an installation of which each function has a processor of its own, as on AWS.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from bench.capacity_costs import measured_costs
from bench.capacity_model import Costs, Load, Plant, Ran, burst, evenly, simulate
from bench.capacity_run import LocalRun, local_run
from bench.figures import lateness_ms
from bench.progress import Progress
from bench.servers import running
from bench.tables import number, table
from local.options import ROOT

THREADS = 8
LANES = (1, 2, 4)
SEEDS = range(5)
TRIGGER_BATCH = 100  # messages, of the local queue trigger
HEAD = ("lanes", "", "tasks/s", "p50 late, ms", "p95", "p99", "max")

# Assumed, for `model`: about what `check` has measured on busy machines.
TYPICAL = Costs(look=0.0003, round=0.003, send=0.00005, invocation=0.008, claim=0.00004, run=0.0002)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A load that grows with the lanes, or not."""

    name: str
    handler: float
    each_lane: int = 0
    in_all: int = 0
    over: float = 0.0

    def load(self, lanes: int) -> Load:
        count = self.in_all + self.each_lane * lanes
        dues = evenly(count, over=self.over) if self.over else burst(count)
        return Load(dues=dues, handler=self.handler)


CASES = (
    Case(name="no work, 8,000 tasks due at once", handler=0.0, in_all=8_000),
    Case(name="100 ms, 400 tasks a lane due at once", handler=0.1, each_lane=400),
    Case(name="100 ms, 48 tasks/s a lane (60 % of 8 threads)", handler=0.1, each_lane=480, over=10),
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    print(_check(options.times) if options.command == "check" else _asked(options))


def compared(lanes: int, model: Sequence[Ran], measured: Sequence[Ran]) -> list[list[str]]:
    """Three rows of a table: the model, the runs, and how far the model is off them. Of several
    the median, figure by figure."""
    told, seen = _figures(model), _figures(measured)
    off = [f"{(ours - theirs) / theirs:+.0%}" for ours, theirs in zip(told, seen, strict=True)]
    return [
        [str(lanes), "model", *map(number, told)],
        ["", "measured", *map(number, seen)],
        ["", "model off by", *off],
    ]


def _figures(runs: Sequence[Ran]) -> list[float]:
    names = ("p50", "p95", "p99", "max")
    late = [lateness_ms(ran.starts) for ran in runs]
    rate = median(ran.per_second() for ran in runs)
    return [rate, *(median(each[name] for each in late) for name in names)]


def _check(times: int) -> str:
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    rows: dict[str, list[list[str]]] = {case.name: [] for case in CASES}
    progress = Progress(1 + len(LANES) * len(CASES) * times)
    with tempfile.TemporaryDirectory() as data:
        progress.begin("what the parts cost")
        with running(Path(data), ROOT / ".dueline" / "cache", lambda _: None) as servers:
            costs = measured_costs(servers, THREADS)
            progress.end(_told(costs))
            for lanes in LANES:
                folder = Path(data) / str(lanes)
                with local_run(servers, folder, lanes=lanes, threads=THREADS, say=_say) as run:
                    whole = replace(costs, invocation=costs.invocation + run.invocation())
                    for case in CASES:
                        seen = _repeated(run, case, lanes, times, progress)
                        rows[case.name] += compared(lanes, _model(case, lanes, whole), seen)
    head = f"{os.cpu_count()} processors, load when it began {load}, {times} times each"
    tables = [f"{name}\n\n{table(HEAD, rows[name])}" for name in rows]
    return "\n".join([head, _told(whole), "", *tables])


def _repeated(run: LocalRun, case: Case, lanes: int, times: int, progress: Progress) -> list[Ran]:
    seen = []
    for _ in range(times):
        progress.begin(f"{lanes} lanes: {case.name}")
        seen.append(run.run(case.load(lanes)))
        progress.end(f"{lanes} lanes: {case.name}: {seen[-1].per_second():,.0f}/s")
    return seen


def _model(case: Case, lanes: int, costs: Costs) -> list[Ran]:
    """With several seeds, since ids draw their lanes."""
    plant = _plant(lanes)
    return [simulate(plant, case.load(lanes), costs, seed=seed) for seed in SEEDS]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _plant(lanes: int) -> Plant:
    return Plant(lanes=lanes, threads=THREADS, batch=TRIGGER_BATCH, processors=os.cpu_count())


def _told(costs: Costs) -> str:
    return (
        f"ms: look {costs.look * 1e3:.2f}, round {costs.round * 1e3:.2f}, "
        f"send {costs.send * 1e3:.3f}, invocation {costs.invocation * 1e3:.2f}, "
        f"claim {costs.claim * 1e3:.3f}, run {costs.run * 1e3:.3f}"
    )


def _asked(options: argparse.Namespace) -> str:
    plant = Plant(lanes=options.lanes, threads=options.threads, batch=options.batch)
    count = round(options.rate * options.seconds)
    dues = evenly(count, over=options.seconds) if options.seconds else burst(options.tasks)
    ran = simulate(plant, Load(dues=dues, handler=options.handler_ms / 1e3), TYPICAL)
    return table(HEAD, [[str(plant.lanes), "model", *map(number, _figures([ran]))]])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.capacity", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="model and local run side by side; five minutes")
    check.add_argument("--times", type=int, default=3, help="that each load is run")
    model = commands.add_parser("model", help="the model alone")
    model.add_argument("--lanes", type=int, default=1)
    model.add_argument("--threads", type=int, default=16)
    model.add_argument("--batch", type=int, default=10, help="messages in an event")
    model.add_argument("--handler-ms", type=float, default=100.0, help="what a handler waits")
    model.add_argument("--rate", type=float, default=100.0, help="tasks a second")
    model.add_argument("--seconds", type=float, default=30.0, help="0: --tasks at once")
    model.add_argument("--tasks", type=int, default=1_000)
    return parser


if __name__ == "__main__":
    main()
