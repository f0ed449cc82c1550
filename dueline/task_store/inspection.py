"""What `dueline doctor` asks of PostgreSQL."""

from dataclasses import dataclass
from datetime import datetime

from dueline.task_store.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresFacts:
    """One PostgreSQL, and what of an installation only it knows."""

    version: str
    version_number: int  # 150018 is 15.18
    time: datetime
    synchronous_commit: str


def postgres_facts(connection: Connection) -> PostgresFacts:
    """Raises BackendUnavailable("postgres")."""
    [[version, number, time, commit]] = connection.run("describe_server")
    return PostgresFacts(
        version=version,
        version_number=int(number),
        time=datetime.fromisoformat(time),
        synchronous_commit=commit,
    )
