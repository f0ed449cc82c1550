"""The driver's trap, and the rule that keeps us out of it.

jsonb takes an integer of 5,000 digits, and Python refuses to read one (sys.int_info). When pg8000
fails on it in the middle of an answer, the rest of that answer is taken for the answer to the next
question, and so on for ever: one caller's rows are handed to another. So every column is read as
text, and a connection is thrown away after any error that is not the server's own.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pg8000 import native

from dueline.task_store.connection import open_connection
from dueline.task_store.postgres import PostgresTaskStore
from dueline.task_store.postgres_url import PostgresUrl
from tests.conformance.task_store_steps import claim, found
from tests.factories import make_outcome, make_task

pytestmark = pytest.mark.postgres

LONG = "9" * 5_000
STATEMENTS = sorted((Path(__file__).parents[2] / "dueline").glob("*/sql/*.sql"))
TEXT_TYPES = {18, 19, 25, 1042, 1043}  # "char", name, text, char(n), varchar: pg_type.dat
READ = "SELECT id::text, payload::text FROM tasks WHERE payload = CAST(:payload AS jsonb)"


@pytest.fixture
def driver(postgres_url: str) -> Iterator[native.Connection]:
    """A connection without the rule."""
    with closing(open_connection(PostgresUrl.parse(postgres_url))) as connection:
        yield connection


@pytest.fixture
def store(postgres_url: str) -> Iterator[PostgresTaskStore]:
    with closing(PostgresTaskStore(postgres_url)) as store:
        yield store


def test_without_the_rule_the_next_caller_is_given_this_ones_rows(
    store: PostgresTaskStore, driver: native.Connection
) -> None:
    long = make_task(payload=LONG)
    store.add([long])

    with pytest.raises(ValueError, match="4300 digits"):
        driver.run(READ.replace("payload::text", "payload"), payload=LONG)

    answers = [driver.run("SELECT 'second'"), driver.run("SELECT 'third'")]
    assert answers != [[["second"]], [["third"]]]


def test_with_the_rule_every_question_gets_its_own_answer(
    store: PostgresTaskStore, driver: native.Connection
) -> None:
    long = make_task(payload=LONG)
    store.add([long])

    rows = driver.run(READ, payload=LONG)

    assert rows == [[long.id, LONG]]
    assert [driver.run("SELECT 'second'"), driver.run("SELECT 'third'")] == [
        [["second"]],
        [["third"]],
    ]


def test_a_task_that_carries_it_both_ways_harms_no_other(store: PostgresTaskStore) -> None:
    long, short = make_task(payload=LONG), make_task(payload='"short"')
    store.add([long, short])

    claims = claim(store, long.ref, short.ref).claims
    store.record([make_outcome(each, result=each.payload) for each in claims], worker="w")

    assert {each.ref.id: each.payload for each in claims} == {long.id: LONG, short.id: '"short"'}
    assert [found(store, each).result for each in (long, short, long)] == [LONG, '"short"', LONG]


@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_every_column_of_every_statement_is_text(driver: native.Connection, path: Path) -> None:
    """The rule, held for statements that are yet to be written."""
    prepared = driver.prepare(path.read_text(encoding="utf-8"))

    decoded = {c["name"]: c["type_oid"] for c in prepared.cols or []}
    assert {name: oid for name, oid in decoded.items() if oid not in TEXT_TYPES} == {}
