"""The task store on PostgreSQL. What each method promises is in interface.py."""

from dueline.task_store.connection import Connection
from dueline.task_store.postgres_accepting import PostgresAccepting
from dueline.task_store.postgres_dispatching import PostgresDispatching
from dueline.task_store.postgres_executing import PostgresExecuting
from dueline.task_store.postgres_managing import PostgresManaging


class PostgresTaskStore(
    PostgresAccepting, PostgresManaging, PostgresDispatching, PostgresExecuting
):
    """Over connections that are opened when first used. Threads may share them: they take turns."""

    def __init__(self, server: str | Connection, *, recording: Connection | None = None) -> None:
        """Over a connection of its own, by URL, or over one that other stores use too.

        `recording` is another one for what happens to running tasks, so that this need not wait for
        a claim. Raises BadSetting for a URL that cannot be used.
        """
        self._connection = Connection(server) if isinstance(server, str) else server
        self._recording = recording or self._connection

    def close(self) -> None:
        """Let go of the connections. A later call opens others."""
        self._connection.close()
        self._recording.close()
