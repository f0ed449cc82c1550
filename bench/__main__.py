"""Measure, and write what came out into docs/benchmarks.

python -m bench            what dueline does
python -m bench --peers    the same work by dueline and by other schedulers, interleaved
"""

import argparse
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from bench import report
from bench.machine import load, machine
from bench.measure import Bench, Measure
from bench.measures.catalogue import MEASURES
from bench.peers import PEERS, Peer
from bench.progress import Progress
from bench.results import Results, Run
from bench.servers import Servers, running
from local.options import ROOT

CACHE = ROOT / ".dueline-bench"
Step = tuple[int, Measure, Peer | None]


def main() -> None:
    chosen = _arguments()
    steps = list(_steps(chosen))
    if not steps:
        sys.exit(f"nothing to measure; measures: {', '.join(each.name for each in MEASURES)}")
    file = report.DOCS / f"{'peers' if chosen.peers else 'dueline'}.json"
    progress = Progress(len(steps))
    with (
        tempfile.TemporaryDirectory(prefix="dueline-bench-") as folder,
        running(Path(folder) / "servers", ROOT / ".dueline" / "cache", _say) as servers,
    ):
        results = Results(
            machine=machine(),
            versions={**servers.versions, **_versions(chosen)},
            scale=chosen.scale,
        )
        results.keep_others(file, {measure.name for _, measure, _ in steps})
        for number, step in enumerate(steps):
            place = Path(folder) / str(number)
            place.mkdir()
            results.runs.append(_run(step, servers, place, progress, chosen.scale))
            results.write(file)  # at once: a run that is broken off leaves what it has
    report.write(file.stem)


def _run(step: Step, servers: Servers, folder: Path, progress: Progress, scale: float) -> Run:
    repetition, measure, peer = step
    name = peer.name if peer else "dueline"
    progress.begin(f"{measure.title}: {name}, run {repetition}")
    loaded = load()
    bench = Bench(servers=servers, folder=folder, cache=CACHE, scale=scale, say=_say, peer=peer)
    figures, error = {}, ""
    try:
        figures = dict(measure.run(bench))
    except Exception as failure:  # noqa: BLE001 - the others are to be measured all the same
        traceback.print_exc()
        error = str(failure) or repr(failure)
    told = ", ".join(f"{key} {value:.6g}" for key, value in figures.items())
    progress.end(f"{measure.name} {name}: {told or error}")
    return Run(
        measure=measure.name,
        system=name,
        repetition=repetition,
        figures=figures,
        load=loaded,
        error=error,
    )


def _steps(chosen: argparse.Namespace) -> Iterator[Step]:
    """Interleaved: each system does a measure once before one of them does it again."""
    measures = [each for each in MEASURES if not chosen.measures or each.name in chosen.measures]
    systems = [None, *PEERS] if chosen.peers else [None]
    for repetition in range(1, chosen.repetitions + 1):
        for measure in measures:
            for system in systems:
                name = system.name if system else "dueline"
                wanted = not chosen.systems or name in chosen.systems
                if wanted and measure.takes(name) and (measure.peers or not chosen.peers):
                    yield repetition, measure, system


def _versions(chosen: argparse.Namespace) -> dict[str, str]:
    peers = PEERS if chosen.peers else ()
    return {peer.name: " ".join(peer.packages) for peer in peers}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", action="store_true", help="other schedulers too")
    parser.add_argument(
        "--measures", nargs="*", metavar="NAME", help="only these anew; the report keeps the others"
    )
    parser.add_argument("--systems", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="0.01 for a quick look")
    return parser.parse_args()


def _say(line: str) -> None:
    print(f"\r\033[K{line}" if sys.stderr.isatty() else line, file=sys.stderr)


if __name__ == "__main__":
    main()
