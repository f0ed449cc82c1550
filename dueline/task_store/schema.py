"""Applying schema.sql, which lies at the top of a checkout."""

from pathlib import Path

from pg8000.native import DatabaseError

from dueline.task_store.connection import BROKEN, open_connection, unavailable
from dueline.task_store.driver_errors import translated
from dueline.task_store.postgres_url import PostgresUrl

SCHEMA_FILE = Path(__file__).parents[2] / "schema.sql"


def apply_schema(url: str) -> None:
    """Make or complete the tables, in one transaction. Safe to repeat, also at the same time.

    Raises BackendUnavailable("postgres") if the server does not answer or refuses, and
    FileNotFoundError outside a checkout: there, give schema.sql to psql.
    """
    statements = SCHEMA_FILE.read_text(encoding="utf-8")
    server = PostgresUrl.parse(url)
    try:
        connection = open_connection(server)
        try:
            connection.run(statements)
        finally:
            connection.close()
    except DatabaseError as error:
        raise translated(error, "schema.sql") from None
    except BROKEN as error:
        raise unavailable(server, "schema.sql", error) from error
