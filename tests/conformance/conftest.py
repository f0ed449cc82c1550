"""Fixtures of the conformance tests, by role."""

from tests.conformance.schedule_store_fixtures import stores
from tests.conformance.task_store_fixtures import (
    _shared_database,
    backing,
    fresh_database_url,
    judged,
    postgres_server_url,
    postgres_url,
    store,
)

__all__ = [
    "_shared_database",
    "backing",
    "fresh_database_url",
    "judged",
    "postgres_server_url",
    "postgres_url",
    "store",
    "stores",
]
