"""dueline tenants, as an operator runs it."""

import re
from collections.abc import Mapping

import pytest

from dueline.domain.limits import Limits
from dueline.key_store.postgres import PostgresKeyStore
from dueline.task_store.connection import Connection
from tests.packaging.conftest import dueline, dueline_run

pytestmark = pytest.mark.postgres


def test_limits_are_set_listed_and_replaced(environment: Mapping[str, str]) -> None:
    dueline("tenants", "limit", "zebra", "--rate", "0", environment=environment)
    said = dueline(
        *("tenants", "limit", "acme", "--rate", "2.5", "--burst", "1000"),
        *("--waiting", "5000000"),
        environment=environment,
    )

    assert said == "the limits of tenant acme are set\n"
    listed = dueline("tenants", "list", environment=environment)
    assert re.search(r"^TENANT +RATE +BURST +WAITING$", listed, re.M)
    assert re.search(r"^acme +2\.5 +1000 +5000000$", listed, re.M)
    assert re.search(r"^zebra +any +setting +setting$", listed, re.M)
    assert listed.index("acme") < listed.index("zebra")
    connection = Connection(environment["DUELINE_POSTGRES_URL"])
    kept = PostgresKeyStore(connection).limits()["acme"]
    connection.close()
    assert kept == Limits(rate=2.5, burst=1_000, most_waiting=5_000_000)

    dueline("tenants", "limit", "acme", "--waiting", "0", environment=environment)

    listed = dueline("tenants", "list", environment=environment)
    assert re.search(r"^acme +setting +setting +any$", listed, re.M)


@pytest.mark.parametrize(
    "words",
    [
        ("limit",),
        ("limit", "Acme Inc."),
        ("limit", "acme", "--rate", "-1"),
        ("limit", "acme", "--rate", "nan"),
        ("limit", "acme", "--rate", "many"),
        ("limit", "acme", "--burst", "0"),
        ("limit", "acme", "--waiting", "0.5"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_sets_no_limit(
    environment: Mapping[str, str], words: tuple[str, ...]
) -> None:
    before = dueline("tenants", "list", environment=environment)

    done = dueline_run("tenants", *words, environment=environment)

    assert (done.returncode, done.stdout) == (2, "")
    assert dueline("tenants", "list", environment=environment) == before
