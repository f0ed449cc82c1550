"""The schedule store on PostgreSQL. What each method promises is in interface.py."""

from dueline.schedule_store.postgres_expanding import PostgresExpanding
from dueline.schedule_store.postgres_scheduling import PostgresScheduling
from dueline.task_store.connection import Connection


class PostgresScheduleStore(PostgresScheduling, PostgresExpanding):
    """Over a connection that other stores use too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
