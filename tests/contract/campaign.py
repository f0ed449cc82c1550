"""python -m tests.contract.campaign [EXAMPLES]: schemathesis against the whole local harness.

`make contract`. The harness runs beside any other, over a folder of its own, and asks for keys.
"""

import os
import sys
import tempfile
from pathlib import Path

from dueline.domain.api_keys import ApiKey, new_key
from dueline.domain.callers import Scope
from dueline.key_store.postgres import PostgresKeyStore
from dueline.schedule_store.postgres import PostgresScheduleStore
from dueline.task_store.connection import Connection
from dueline.task_store.postgres import PostgresTaskStore
from local.harness import Harness
from local.options import ROOT, Options
from tests.contract.schemathesis_run import run_schemathesis
from tests.contract.seeds import seed

EXAMPLES = 1_000


def main(examples: int) -> int:
    """Exit status: 0 nothing was found, else what schemathesis says."""
    with tempfile.TemporaryDirectory() as folder:
        options = Options(
            data=Path(folder) / "run",
            port=0,
            environ={**os.environ, "DUELINE_ACCESS": "keys"},
            cache=ROOT / ".dueline" / "cache",
        )
        with Harness(options, say=print, log=_only_errors) as harness:
            key = _key(harness.settings.postgres_url)
            done = run_schemathesis(
                harness.url, key, examples=examples, folder=Path(folder), capture=False
            )
    return done.returncode


def _key(postgres_url: str) -> str:
    """A key for everything of a tenant, and tasks and schedules for it to find."""
    connection = Connection(postgres_url)
    now = PostgresTaskStore(connection).server_time()
    seed(
        PostgresTaskStore(connection),
        PostgresScheduleStore(connection),
        tenant="contract",
        now=now,
    )
    text, presented = new_key()
    PostgresKeyStore(connection).add(
        ApiKey(
            id=presented.id,
            tenant="contract",
            name="schemathesis",
            digest=presented.digest,
            scopes=frozenset({Scope.ADMIN}),
            created_at=now,
        )
    )
    connection.close()
    return text


def _only_errors(function: str, line: str) -> None:
    if '"ERROR"' in line or "Traceback" in line:
        print(f"{function}: {line}")


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES))
