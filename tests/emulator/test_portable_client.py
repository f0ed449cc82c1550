"""awslambdaric over our stand-in for its compiled client, as on a machine without a wheel."""

import json
from pathlib import Path

import pytest

from local.emulator import bootstrap

from .conftest import RunFunction

# Found before the installed client, so that the stand-in is used wherever the test runs.
WITHOUT_A_WHEEL = {"PYTHONPATH": str(bootstrap.PORTABLE)}

SOURCE = """
import runtime_client
def app(event, context):
    if "by" in event: return 1 / event["by"]
    return [runtime_client.__file__, event, context.get_remaining_time_in_millis() > 0]
"""


def test_events_answers_and_errors_pass_through(run_function: RunFunction) -> None:
    platform = run_function(SOURCE, environment=WITHOUT_A_WHEEL)

    failed = platform.invoke("f", b'{"by": 0}')
    result = platform.invoke("f", '{"name": "Jürgen"}'.encode())

    client, event, has_time = json.loads(result.payload)
    assert Path(client).parent == bootstrap.PORTABLE
    assert (event, has_time) == ({"name": "Jürgen"}, True)
    assert failed.error == "ZeroDivisionError"
    assert not result.cold_start


def test_a_large_event_passes_through(run_function: RunFunction) -> None:
    platform = run_function("def app(event, context): return event", environment=WITHOUT_A_WHEEL)
    event = json.dumps("x" * 3_000_000).encode()

    result = platform.invoke("f", event)

    assert result.payload == event


@pytest.mark.parametrize(
    ("source", "error"),
    [("raise LookupError('no')", "LookupError"), ("import nowhere", "Runtime.ImportModuleError")],
)
def test_a_handler_that_does_not_load_is_reported(
    run_function: RunFunction, source: str, error: str
) -> None:
    platform = run_function(source, environment=WITHOUT_A_WHEEL)

    result = platform.invoke("f", b"{}")

    assert result.error == error
