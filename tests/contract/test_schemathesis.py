"""Generated requests against the running app: no 5xx, and every answer is as documented.

The same requests each time. The long form is `make contract`: 1,000 examples per operation, made
up anew, against the local harness.
"""

from pathlib import Path

from tests.contract.app_server import served
from tests.contract.schemathesis_run import run_schemathesis
from tests.contract.seeds import seed
from tests.functions.keys import given_key
from tests.functions.memory_services import NOON, Failing, MemoryServices

EXAMPLES = 5


def closed_services() -> tuple[MemoryServices, str]:
    """What asks for a key, a key, and tasks and schedules to find."""
    services = MemoryServices(access="keys")
    key = given_key(services.key_store)
    seed(services.store, services.schedules, tenant="acme", now=NOON)
    return services, key


def test_no_generated_request_gets_an_answer_that_is_not_documented(tmp_path: Path) -> None:
    services, key = closed_services()

    with served(services) as url:
        done = run_schemathesis(
            url, key, "--generation-deterministic", examples=EXAMPLES, folder=tmp_path
        )

    assert done.returncode == 0, done.stdout + done.stderr


def test_an_answer_that_is_not_documented_is_found(tmp_path: Path) -> None:
    services, key = closed_services()
    services.store = Failing(KeyError("planted"))

    with served(services) as url:
        done = run_schemathesis(url, key, "--include-path=/tasks", examples=1, folder=tmp_path)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "Server error" in done.stdout
