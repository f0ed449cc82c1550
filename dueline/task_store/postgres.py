"""The task store on PostgreSQL. What each method promises is in interface.py."""

from dueline.task_store.connection import Connection
from dueline.task_store.postgres_accepting import PostgresAccepting
from dueline.task_store.postgres_dispatching import PostgresDispatching
from dueline.task_store.postgres_executing import PostgresExecuting
from dueline.task_store.postgres_managing import PostgresManaging


class PostgresTaskStore(
    PostgresAccepting, PostgresManaging, PostgresDispatching, PostgresExecuting
):
    """One connection, opened when first used. Threads may share it: they take turns."""

    def __init__(self, server: str | Connection) -> None:
        """Over a connection of its own, by URL, or over one that other stores use too.

        Raises BadSetting for a URL that cannot be used.
        """
        self._connection = Connection(server) if isinstance(server, str) else server

    def close(self) -> None:
        """Let go of the connection. A later call opens another."""
        self._connection.close()
