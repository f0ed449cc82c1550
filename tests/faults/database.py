"""The tests' own connection to PostgreSQL, past the proxy: what really happened."""

import json
from pathlib import Path
from typing import Any

from dueline.task_store.connection import open_connection
from dueline.task_store.postgres_url import PostgresUrl

MOVES = Path(__file__).with_name("moves.sql")


class Database:
    """Connects when asked, and for each question anew: the server may be killed in between."""

    def __init__(self, url: str) -> None:
        self._url = PostgresUrl.parse(url)

    def install_moves(self) -> None:
        self.run(MOVES.read_text())

    def run(self, sql: str, **values: Any) -> list[list[Any]]:
        connection = open_connection(self._url)
        try:
            return list(connection.run(sql, **values) or [])
        finally:
            connection.close()

    def objects(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Each row as an object of its columns."""
        wrapped = f"SELECT coalesce(json_agg(t), '[]')::text FROM ({sql}) AS t"  # noqa: S608 - ours
        found: list[dict[str, Any]] = json.loads(self.run(wrapped, **values)[0][0])
        return found

    def last_move(self) -> int:
        """The number of the last move so far: where a run begins."""
        return int(self.run("SELECT coalesce(max(number), 0) FROM fault_moves")[0][0])

    def not_final(self, since: int) -> int:
        """How many of the tasks that were inserted after that move are not final, and how many
        schedules have not ended."""
        [[count]] = self.run(
            "SELECT (SELECT count(*) FROM tasks WHERE finished_at IS NULL AND id IN"
            " (SELECT task_id FROM fault_moves WHERE before IS NULL AND number > :since))"
            " + (SELECT count(*) FROM schedules WHERE next_at IS NOT NULL)",
            since=since,
        )
        return int(count)
