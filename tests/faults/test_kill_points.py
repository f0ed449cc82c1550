"""A process dies where it is armed to, one alone, and nowhere else."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.kill_plan import KILL_POINTS, PROVOCATIONS, STEPS
from tests.faults.kill_points import Arming, KillPoint, When

KILLED = -9
# Calls a port that says so, twice, and the second time through a kill point.
PROGRAM = """
import sys
from tests.faults.kill_points import Armed, KillPoints
class Port:
    def ask(self, what):
        print("asked", flush=True)
        return what
port = Armed(Port(), "store", KillPoints("tick", sys.argv[1]))
print(port.ask("answer"), flush=True)
"""


@pytest.fixture
def arming(tmp_path: Path) -> Arming:
    return Arming(tmp_path / "armed")


def run(tmp_path: Path) -> tuple[int, list[str]]:
    """The exit status of a process, and the lines that it printed."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "armed")],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize(
    ("when", "printed"), [(When.BEFORE, []), (When.DURING, ["asked"]), (When.AFTER, ["asked"])]
)
def test_a_process_dies_on_the_side_that_is_armed(
    arming: Arming, tmp_path: Path, when: When, printed: list[str]
) -> None:
    point = KillPoint("tick", when, "store.ask")
    arming.arm(point, after_seconds=60)

    assert run(tmp_path) == (KILLED, printed)
    assert arming.struck(point)


def test_only_the_first_process_dies(arming: Arming, tmp_path: Path) -> None:
    arming.arm(KillPoint("tick", When.BEFORE, "store.ask"))

    assert run(tmp_path)[0] == KILLED
    assert run(tmp_path) == (0, ["asked", "answer"])


@pytest.mark.parametrize("name", ["tick.before.store.add", "execute.before.store.ask"])
def test_another_function_or_step_lives(arming: Arming, tmp_path: Path, name: str) -> None:
    function, when, step = name.split(".", 2)
    point = KillPoint(function, When(when), step)
    arming.arm(point)

    assert run(tmp_path) == (0, ["asked", "answer"])
    assert not arming.struck(point)


def test_what_is_disarmed_kills_nobody(arming: Arming, tmp_path: Path) -> None:
    arming.arm(KillPoint("tick", When.BEFORE, "store.ask"))
    arming.clear()

    assert run(tmp_path)[0] == 0


def test_every_provocation_is_of_a_step_that_there_is() -> None:
    steps = {(function, step) for function, all_ in STEPS.items() for step in all_}

    assert PROVOCATIONS.keys() <= steps
    assert len(KILL_POINTS) == len(set(KILL_POINTS)) == 3 * len(steps)


def test_production_knows_nothing_of_kill_points() -> None:
    root = Path(__file__).parents[2]
    sources = [p for name in ("dueline", "functions", "local") for p in (root / name).rglob("*.py")]

    assert [p for p in sources if "kill_point" in p.read_text() or "FAULTS" in p.read_text()] == []
