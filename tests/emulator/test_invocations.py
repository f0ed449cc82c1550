"""What an event comes back as."""

import json
import os
from datetime import timedelta

import pytest

from local.emulator.invocations import LARGEST_SYNC_EVENT, EventTooLarge, FunctionNotFound
from tests.eventually import eventually

from .conftest import ECHO, Lines, RunFunction
from .pipes import Life

FOREVER = "threading.Event().wait()"


def test_an_event_comes_back_as_the_handler_returns_it(run_function: RunFunction) -> None:
    platform = run_function(ECHO)

    result = platform.invoke("f", b'{"name": "J\xc3\xbcrgen", "n": [1, null]}')

    assert json.loads(result.payload) == {"name": "Jürgen", "n": [1, None]}
    assert result.error is None
    assert result.cold_start


def test_the_second_event_finds_the_process_warm(run_function: RunFunction) -> None:
    platform = run_function("import os\ndef app(event, context): return os.getpid()")

    first = platform.invoke("f", b"{}")
    second = platform.invoke("f", b"{}")

    assert first.payload == second.payload
    assert not second.cold_start


def test_a_handler_that_raises_is_an_error_and_stays_warm(
    run_function: RunFunction, lines: Lines
) -> None:
    platform = run_function("def app(event, context): return 1 / event['by']")

    failed = platform.invoke("f", b'{"by": 0}')
    result = platform.invoke("f", b'{"by": 4}')

    assert failed.error == "ZeroDivisionError"
    error = json.loads(failed.payload)
    assert error["errorMessage"] == "division by zero"
    assert "return 1 / event['by']" in "".join(error["stackTrace"])
    assert "[ERROR] ZeroDivisionError: division by zero" in lines.text()
    assert (result.payload, result.cold_start) == (b"0.25", False)


def test_a_handler_past_its_timeout_is_killed(run_function: RunFunction, lines: Lines) -> None:
    platform = run_function(
        f"""
        import threading
        def app(event, context):
            if event: {FOREVER}
            return "in time"
        """,
        timeout=timedelta(milliseconds=500),
    )
    platform.invoke("f", b"{}")
    [before] = platform.environments()
    assert before.pid is not None

    late = platform.invoke("f", b'{"wait": true}')
    after = platform.invoke("f", b"{}")

    assert late.error == "Sandbox.Timedout"
    assert "Task timed out after 0.50 seconds" in json.loads(late.payload)["errorMessage"]
    assert timedelta(milliseconds=500) <= late.duration < timedelta(seconds=2)
    assert "Task timed out after 0.50 seconds" in lines.text()
    with pytest.raises(ProcessLookupError):
        os.kill(before.pid, 0)
    assert (after.payload, after.cold_start) == (b'"in time"', True)


def test_a_timeout_kills_the_children_of_the_handler_too(
    run_function: RunFunction, life: Life
) -> None:
    platform = run_function(
        f"""
        import os, subprocess
        def app(event, context):
            {Life.BEGIN}
            subprocess.run(["sleep", "600"], stdout=life)
        """,
        timeout=timedelta(milliseconds=500),
        environment=life.environment,
    )

    result = platform.invoke("f", b"{}")

    assert result.error == "Sandbox.Timedout"
    assert life.has_begun()
    assert eventually(life.has_ended)


@pytest.mark.parametrize(
    ("how", "end"),
    [
        ("os._exit(3)", "exit status 3"),
        ("sys.exit(4)", "exit status 4"),
        ("os.kill(os.getpid(), 9)", "signal: killed"),
    ],
)
def test_a_process_that_ends_in_mid_handler_is_an_error_and_replaced(
    run_function: RunFunction, how: str, end: str
) -> None:
    platform = run_function(f"import os, sys\ndef app(event, context):\n  if event: {how}")

    crashed = platform.invoke("f", b'{"crash": true}')
    after = platform.invoke("f", b"{}")

    assert crashed.error == "Runtime.ExitError"
    assert json.loads(crashed.payload)["errorMessage"].endswith(f"exited with error: {end}")
    assert (after.payload, after.cold_start) == (b"null", True)


def test_a_failed_import_reaches_the_caller_and_the_log(
    run_function: RunFunction, lines: Lines
) -> None:
    platform = run_function("def broken():\n    raise LookupError('no such planet')\nbroken()")

    result = platform.invoke("f", b"{}")

    assert result.error == "LookupError"
    error = json.loads(result.payload)
    assert error["errorMessage"] == "no such planet"
    assert "raise LookupError" in "".join(error["stackTrace"])
    assert "[ERROR] LookupError: no such planet" in lines.text()
    assert "raise LookupError('no such planet')" in lines.text()
    assert platform.environments() == []


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        ("app.missing", "Runtime.HandlerNotFound"),
        ("missing.app", "Runtime.ImportModuleError"),
        ("app", "Runtime.MalformedHandlerName"),
    ],
)
def test_a_handler_that_is_not_there_is_named(
    run_function: RunFunction, handler: str, error: str
) -> None:
    platform = run_function(ECHO, handler=handler)

    result = platform.invoke("f", b"{}")

    assert result.error == error


def test_a_process_that_ends_while_it_loads_is_an_error(run_function: RunFunction) -> None:
    platform = run_function("import os\nos._exit(5)")

    result = platform.invoke("f", b"{}")

    assert result.error == "Runtime.ExitError"
    assert "exited during init with error: exit status 5" in result.payload.decode()


def test_an_answer_above_the_limit_is_an_error_and_the_environment_reset(
    run_function: RunFunction,
) -> None:
    platform = run_function("def app(event, context): return 'x' * event['size']")

    fits = platform.invoke("f", b'{"size": 6000000}')
    too_large = platform.invoke("f", b'{"size": 6300000}')
    after = platform.invoke("f", b'{"size": 0}')

    assert len(fits.payload) == 6_000_002
    assert too_large.error == "Function.ResponseSizeTooLarge"
    assert "6291556" in too_large.payload.decode()
    assert after.cold_start


def test_an_event_above_the_limit_is_refused(run_function: RunFunction) -> None:
    platform = run_function("def app(event, context): return len(event)")
    largest = b'"' + b"x" * (LARGEST_SYNC_EVENT - 2) + b'"'

    accepted = platform.invoke("f", largest)

    assert int(accepted.payload) == LARGEST_SYNC_EVENT - 2
    with pytest.raises(EventTooLarge, match="6291457 bytes"):
        platform.invoke("f", largest + b" ")


def test_an_unknown_function_is_refused_by_name(run_function: RunFunction) -> None:
    platform = run_function(ECHO)

    with pytest.raises(FunctionNotFound, match=r"'g' is not one of \['f'\]"):
        platform.invoke("g", b"{}")


def test_the_context_is_lambdas(run_function: RunFunction) -> None:
    platform = run_function(
        """
        def app(event, context):
            return {
                "left": context.get_remaining_time_in_millis(),
                "name": context.function_name,
                "arn": context.invoked_function_arn,
                "memory": context.memory_limit_in_mb,
                "request": context.aws_request_id,
            }
        """,
        timeout=timedelta(seconds=20),
    )

    context = json.loads(platform.invoke("f", b"{}").payload)
    again = json.loads(platform.invoke("f", b"{}").payload)

    assert 15_000 < context["left"] <= 20_000
    assert context["name"] == "f"
    assert context["arn"] == "arn:aws:lambda:us-east-1:000000000000:function:f"
    assert context["memory"] == "128"
    assert context["request"] != again["request"]
