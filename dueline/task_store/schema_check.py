"""Whether a database has what schema.sql makes."""

import re
from collections.abc import Iterator
from typing import Any

from pg8000.native import DatabaseError

from dueline.task_store.connection import BROKEN, open_connection, unavailable
from dueline.task_store.driver_errors import translated
from dueline.task_store.postgres_url import PostgresUrl
from dueline.task_store.schema import SCHEMA_FILE
from dueline.task_store.sql_files import read_sql

_TRANSACTION = re.compile(r"^(BEGIN|COMMIT);$", re.MULTILINE)


def schema_differences(url: str) -> list[str]:
    """What is missing, or is not as schema.sql has it; what is there beside it does not count.

    schema.sql is applied to an empty schema beside the real one, in a transaction that is rolled
    back, and the two are compared. Raises as apply_schema().
    """
    statements = _TRANSACTION.sub("", SCHEMA_FILE.read_text(encoding="utf-8"))
    server = PostgresUrl.parse(url)
    try:
        connection = open_connection(server)
        try:
            return list(_differences(connection, statements))
        finally:
            connection.close()
    except DatabaseError as error:
        raise translated(error, "schema.sql") from None
    except BROKEN as error:
        raise unavailable(server, "schema.sql", error) from error


def _differences(connection: Any, statements: str) -> Iterator[str]:
    describe = read_sql("describe_schema")
    found = dict(connection.run(describe))
    connection.run("BEGIN; CREATE SCHEMA dueline_check; SET LOCAL search_path = dueline_check")
    connection.run(statements)
    wanted = dict(connection.run(describe))
    connection.run("ROLLBACK")
    for name, meaning in wanted.items():
        if name not in found:
            yield f"{name} is missing"
        elif found[name] != meaning:
            yield f"{name} is {found[name]}; schema.sql has {meaning}"
