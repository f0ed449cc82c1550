"""`python -m tests.faults`: what `make faults` runs, with a table of figures at the end.

python -m tests.faults                                  the campaign, then every show
python -m tests.faults campaign --runs 400 --seed 7
python -m tests.faults campaign --only "redis killed" --seed 8 --runs 1      a replay
python -m tests.faults shows --only "FLUSHALL"
"""

import argparse
import os
import random
import shutil
import tempfile
import time
from pathlib import Path

from local.services.model import quiet
from tests.faults.campaign import plan, run_campaign, table
from tests.faults.deployment import Servers, private_servers
from tests.faults.run import Result
from tests.faults.shown import describe
from tests.faults.shows import SHOWS
from tests.simulation.progress import Progress


def main() -> int:
    """Exit status: 0 all held, 1 something did not, or a fault was never reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("what", nargs="?", choices=("all", "campaign", "shows"), default="all")
    parser.add_argument("--runs", type=int, default=240)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--only", help="the name of one fault, or of one show")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dueline-faults-"))
    with private_servers(folder / "servers", say=quiet) as servers:
        held = True
        if chosen.what != "shows":
            held &= _campaign(servers, folder, chosen)
        if chosen.what != "campaign":
            held &= _shows(servers, folder, chosen.only)
    if held:
        shutil.rmtree(folder)
    else:
        print(f"The logs of functions and servers are kept in {folder}")
    return 0 if held else 1


def _campaign(servers: Servers, folder: Path, chosen: argparse.Namespace) -> bool:
    planned = plan(chosen.runs, chosen.seed, chosen.only)
    print(f"campaign: {len(planned)} runs from seed {chosen.seed}", flush=True)
    progress, results, began = Progress(len(planned)), [], time.monotonic()
    for result in run_campaign(servers, folder / "campaign", planned):
        results.append(result)
        if not result.ok:
            progress.done()
            print(_failed(result), flush=True)
        progress.show(len(results), failed=sum(not each.ok for each in results))
    progress.done()
    print(table(results))
    minutes, load = (time.monotonic() - began) / 60, os.getloadavg()[1]
    print(f"{len(results)} runs in {minutes:.1f} min; load average {load:.1f}\n", flush=True)
    return all(result.ok for result in results)


def _failed(result: Result) -> str:
    said = "" if result.reached else " NOT REACHED"
    said += "" if result.accepted else f" NOTHING ACCEPTED: {result.refused}"
    broken = [f"\n  {name}: {what}" for name, all_ in result.broken.items() for what in all_[:3]]
    return (
        f"✗ {result.fault}, seed {result.seed}{said}{''.join(broken)}\n"
        f'  replay: python -m tests.faults campaign --only "{result.fault}" '
        f"--seed {result.seed} --runs 1"
    )


def _shows(servers: Servers, folder: Path, only: str | None) -> bool:
    held = True
    for number, (name, show) in enumerate(SHOWS.items()):
        if only not in {None, name}:
            continue
        print(f"… {name}", flush=True)
        shown = show(servers, folder / f"show-{number}")
        print(describe(name, shown), flush=True)
        held &= shown.ok
    return held


raise SystemExit(main())
