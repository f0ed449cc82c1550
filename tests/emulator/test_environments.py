"""How many processes there are, which one gets an event, and when they are replaced."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from local.emulator.environment import State
from local.emulator.invocations import PlatformStopped, TooManyRequests
from tests.eventually import eventually

from .conftest import Lines, RunFunction
from .pipes import Gate, Life

HELD = f"""
import os
def app(event, context):
    if event.get("hold"): {Gate.WAIT}
    return os.getpid()
"""
HOLD = b'{"hold": true}'
GO = b"{}"
SECONDS_60 = timedelta(seconds=60)


def test_events_run_side_by_side_up_to_the_concurrency(
    run_function: RunFunction, gate: Gate
) -> None:
    platform = run_function(HELD, concurrency=2, environment=gate.environment)

    with ThreadPoolExecutor() as threads:
        held = threads.submit(platform.invoke, "f", HOLD)
        gate.await_handler()
        other = platform.invoke("f", GO)
        gate.open()

    assert held.result().payload != other.payload


def test_an_event_above_the_concurrency_is_throttled(run_function: RunFunction, gate: Gate) -> None:
    platform = run_function(HELD, concurrency=1, environment=gate.environment)

    with ThreadPoolExecutor() as threads:
        held = threads.submit(platform.invoke, "f", HOLD)
        gate.await_handler()
        with pytest.raises(TooManyRequests, match="all 1 environments are busy"):
            platform.invoke("f", GO)
        gate.open()

    assert held.result().error is None


def test_an_event_that_may_wait_gets_the_environment_that_comes_free(
    run_function: RunFunction, gate: Gate
) -> None:
    platform = run_function(HELD, concurrency=1, environment=gate.environment)

    with ThreadPoolExecutor() as threads:
        held = threads.submit(platform.invoke, "f", HOLD)
        gate.await_handler()
        waiting = threads.submit(platform.invoke, "f", GO, wait=SECONDS_60)
        gate.open()

    assert waiting.result().payload == held.result().payload
    assert not waiting.result().cold_start


def test_the_environment_used_last_is_used_first(run_function: RunFunction, gate: Gate) -> None:
    platform = run_function(HELD, concurrency=2, environment=gate.environment)
    with ThreadPoolExecutor() as threads:
        held = threads.submit(platform.invoke, "f", HOLD)
        gate.await_handler()
        platform.invoke("f", GO)
        gate.open()

    results = [platform.invoke("f", GO) for _ in range(3)]

    assert {each.payload for each in results} == {held.result().payload}


def test_a_process_killed_between_events_is_replaced_unseen(run_function: RunFunction) -> None:
    platform = run_function(HELD)
    first = platform.invoke("f", GO)

    os.killpg(int(first.payload), signal.SIGKILL)
    eventually(lambda: platform.environments() == [])
    second = platform.invoke("f", GO)

    assert second.error is None
    assert second.cold_start
    assert second.payload != first.payload


def test_a_process_killed_in_mid_handler_is_an_error(run_function: RunFunction, gate: Gate) -> None:
    platform = run_function(HELD, environment=gate.environment)
    pid = int(platform.invoke("f", GO).payload)

    with ThreadPoolExecutor() as threads:
        held = threads.submit(platform.invoke, "f", HOLD)
        gate.await_handler()
        os.kill(pid, signal.SIGKILL)

    assert held.result().error == "Runtime.ExitError"
    assert "signal: killed" in held.result().payload.decode()


def test_the_status_names_process_state_and_invocations(run_function: RunFunction) -> None:
    platform = run_function(HELD)

    assert platform.environments() == []

    pids = [int(platform.invoke("f", GO).payload) for _ in range(3)]

    [status] = platform.environments()
    assert (status.name, status.state, status.invocations) == ("f", State.IDLE, 3)
    assert {status.pid} == set(pids)


def test_each_new_process_is_told(run_function: RunFunction) -> None:
    spawned: list[int] = []
    platform = run_function(HELD, on_spawn=spawned.append)

    first = platform.invoke("f", GO)
    platform.invoke("f", GO)
    platform.reload()
    second = platform.invoke("f", GO)

    assert spawned == [int(first.payload), int(second.payload)]


def test_after_a_reload_idle_environments_are_fresh(run_function: RunFunction) -> None:
    platform = run_function(HELD)
    before = platform.invoke("f", GO)

    platform.reload()

    assert platform.environments() == []
    assert platform.invoke("f", GO).payload != before.payload


def test_a_reload_lets_a_busy_environment_finish(run_function: RunFunction, gate: Gate) -> None:
    platform = run_function(HELD, environment=gate.environment)

    with ThreadPoolExecutor() as threads:
        held = threads.submit(platform.invoke, "f", HOLD)
        gate.await_handler()
        platform.reload()
        gate.open()

    assert held.result().error is None
    assert platform.invoke("f", GO).payload != held.result().payload


def test_a_change_of_the_code_is_live_in_the_next_event(
    run_function: RunFunction, tmp_path: Path
) -> None:
    platform = run_function("def app(event, context): return 'old'", watch=True)
    before = platform.invoke("f", b"{}")

    (tmp_path / "app.py").write_text("def app(event, context): return 'brand new'")

    assert before.payload == b'"old"'
    eventually(lambda: platform.invoke("f", b"{}").payload == b'"brand new"')


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads Linux's /proc")
def test_a_frozen_process_stands_still_between_events(run_function: RunFunction) -> None:
    platform = run_function(HELD, freeze=True)

    first = platform.invoke("f", GO)
    eventually(lambda: process_state(int(first.payload)) == "T")
    second = platform.invoke("f", GO)

    assert second.payload == first.payload


def process_state(pid: int) -> str:
    """proc(5): T is stopped by a signal."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def test_a_stopped_platform_has_no_process_and_takes_no_event(
    run_function: RunFunction, life: Life
) -> None:
    source = f"import os\n{Life.BEGIN}\n{HELD}"
    platform = run_function(source, environment=life.environment)
    platform.invoke("f", GO)
    assert life.has_begun()

    platform.stop()

    assert life.has_ended()
    with pytest.raises(PlatformStopped):
        platform.invoke("f", GO)


def test_stopping_ends_events_under_way_in_an_error(run_function: RunFunction, gate: Gate) -> None:
    platform = run_function(HELD, environment=gate.environment)
    platform.invoke("f", GO)

    with ThreadPoolExecutor() as threads:
        held = threads.submit(platform.invoke, "f", HOLD)
        gate.await_handler()
        platform.stop()

    assert held.result(timeout=1).error == "Runtime.ExitError"


def test_the_variables_are_lambdas_and_the_functions_own(
    run_function: RunFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOT_FOR_FUNCTIONS", "1")
    platform = run_function(
        "import os\ndef app(event, context): return dict(os.environ)",
        environment={"DUELINE_LANES": "default.0"},
    )

    seen = json.loads(platform.invoke("f", b"{}").payload)

    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == "f"
    assert seen["AWS_EXECUTION_ENV"].startswith("AWS_Lambda_python3.")
    assert seen["LAMBDA_TASK_ROOT"] == str(tmp_path)
    assert seen["_HANDLER"] == "app.app"
    assert seen["AWS_ENDPOINT_URL_LAMBDA"] == platform.url
    assert seen["DUELINE_LANES"] == "default.0"
    assert "NOT_FOR_FUNCTIONS" not in seen


def test_what_a_function_prints_reaches_the_log_line_by_line(
    run_function: RunFunction, lines: Lines
) -> None:
    platform = run_function(
        """
        import logging, sys
        def app(event, context):
            print("one\\ntwo")
            print("three", file=sys.stderr)
            logging.getLogger().warning("four")
        """
    )

    platform.invoke("f", b"{}")
    platform.stop()

    names, said = zip(*lines.seen, strict=True)
    assert set(names) == {"f"}
    assert said[:3] == ("one", "two", "three")
    assert said[3].startswith("[WARNING]")
    assert said[3].endswith("four")
