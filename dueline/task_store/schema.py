"""Applying schema.sql, which lies at the top of a checkout."""

from pathlib import Path

from dueline.task_store.connection import open_connection
from dueline.task_store.postgres_url import PostgresUrl

SCHEMA_FILE = Path(__file__).parents[2] / "schema.sql"


def apply_schema(url: str) -> None:
    """Make or complete the tables, in one transaction. Safe to repeat, also at the same time.

    Raises FileNotFoundError outside a checkout: there, give schema.sql to psql.
    """
    statements = SCHEMA_FILE.read_text(encoding="utf-8")
    connection = open_connection(PostgresUrl.parse(url))
    try:
        connection.run(statements)
    finally:
        connection.close()
