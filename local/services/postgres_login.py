"""Log in to a PostgreSQL server: the only true sign that it is ready."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from dueline.task_store.postgres_url import PostgresUrl
from local.services.model import NotReady

_NO_SUCH_DATABASE = "3D000"  # SQLSTATE, PostgreSQL manual, appendix A


class _NoSuchDatabase(NotReady):
    """The server runs, and takes the user, but has no such database."""


def login(url: str) -> str:
    """Log in and out; the server's version. Raises NotReady."""
    with _connection(PostgresUrl.parse(url)) as connection:
        # Debian's adds its own: 15.13 (Debian 15.13-0+deb12u1)
        return str(connection.run("SHOW server_version")[0][0]).split()[0]


def login_or_create(url: str) -> str:
    """Log in as `login` does, having created the database if there is none yet."""
    try:
        return login(url)
    except _NoSuchDatabase:
        where = PostgresUrl.parse(url)
        with _connection(replace(where, database="postgres")) as connection:
            connection.run(f'CREATE DATABASE "{where.database}"')
        return login(url)


@contextmanager
def _connection(where: PostgresUrl) -> Iterator[Any]:
    # Imported here: a program that uses another server does not load this driver.
    from pg8000.native import DatabaseError, InterfaceError

    from dueline.task_store.connection import open_connection

    try:
        connection = open_connection(where)
    except DatabaseError as error:
        reply = error.args[0]
        kind = _NoSuchDatabase if reply["C"] == _NO_SUCH_DATABASE else NotReady
        raise kind(reply["M"]) from error
    except (InterfaceError, OSError, struct.error) as error:  # the last: an answer cut short
        raise NotReady(str(error)) from error
    try:
        yield connection
    finally:
        connection.close()
