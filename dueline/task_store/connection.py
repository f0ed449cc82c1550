"""One connection to PostgreSQL: opened when first used, and again after it broke."""

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from pg8000 import native
from pg8000.native import DatabaseError, InterfaceError

from dueline.domain.errors import BackendUnavailable, DuelineError
from dueline.task_store.driver_errors import ValueRefused, is_collision, message, translated
from dueline.task_store.postgres_url import PostgresUrl
from dueline.task_store.sql_files import read_sql
from dueline.task_store.unflushed import Unflushed

Row = list[Any]  # text, or None for NULL: every statement casts its columns to text
Values = Mapping[str, str | int | None]
Copied = Callable[[], Iterable[bytes]]  # makes the data of a COPY, for each try anew
NO_VALUES: Values = {}

CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 10
ANSWER_SECONDS = 15.0  # longer than the server works on a statement, to hear that it gave up
MOST_COLLISIONS = 5
ROW_WITHOUT_COLUMNS = bytes(2)  # of a binary COPY: an error in any table of ours
LONGEST_PAUSE_SECONDS = 0.05  # at random: two that collided would meet again

# Sent with the connect, so that they cost no round trip.
_SESSION = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "default_transaction_isolation": "read committed",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    # Every hot statement looks up keys. A plan that was made while the table was small must not
    # read it from end to end once it is large; and no plan has to be made twice.
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",  # it loses the order of an index, and reads all that fits
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    # What is read is at most some thousand rows: to start two processes for it takes longer.
    "max_parallel_workers_per_gather": "0",
}

# What a broken connection raises in pg8000: struct.error where an answer is cut short.
BROKEN = (InterfaceError, OSError, struct.error)


class Connection:
    """Runs the statements of sql/ by name. Threads may share it: they take turns.

    A statement for a tenant runs under the second lock of schema.sql: in the role that row-level
    security holds to the rows of `dueline.tenant`. The session keeps role and tenant until a
    statement wants others, so that the lock costs a round trip only where they change; behind a
    pooler they go along with BEGIN, and end with the transaction.

    After any exception but the server's own error the driver's connection is thrown away, because
    pg8000 would give the rest of one answer to the next question.
    """

    def __init__(self, url: str, read: Callable[[str], str] = read_sql) -> None:
        """`read` gives the text of a statement. Raises BadSetting for a URL that cannot be used."""
        self._url = PostgresUrl.parse(url)
        self._read = read
        self._turn = threading.Lock()
        self._driver: native.Connection | None = None
        self._prepared: dict[str, native.PreparedStatement] = {}
        self._tenant: str | None = None  # that the session is held to; None: it sees all

    def run(
        self,
        name: str,
        values: Values = NO_VALUES,
        *,
        tenant: str | None = None,
        copied: Copied | None = None,
        repeat: bool = True,
    ) -> list[Row]:
        """Run sql/<name>.sql and return its rows; with a tenant it sees that tenant's rows alone.

        A COPY reads what `copied` gives: that is sent while the server works on what it has. If
        making it fails with a DuelineError, nothing is copied, and the error passes through.

        A statement that lost against another (deadlock) is sent again, and so is one whose
        connection broke, unless `repeat` is False. Raises BackendUnavailable; ValueRefused; or
        DuelineError for a refusal that means a bug.
        """
        collisions = 0
        with self._turn:
            while True:
                try:
                    return self._run_connected(name, values, tenant, copied, repeat=repeat)
                except DatabaseError as error:
                    collisions += 1
                    if collisions == MOST_COLLISIONS or not is_collision(error):
                        raise self._refusal(name, error) from None
                time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))  # noqa: S311 - not a secret

    def close(self) -> None:
        """Let go of the connection. A later call opens another."""
        with self._turn:
            self._discard()

    def _run_connected(
        self,
        name: str,
        values: Values,
        tenant: str | None,
        copied: Copied | None,
        *,
        repeat: bool,
    ) -> list[Row]:
        """Run it; if the connection turns out to be broken, once more on a new one."""
        try:
            return self._run_once(name, values, tenant, copied)
        except BROKEN as error:
            if not repeat:
                raise self._unavailable(name, error) from error
        try:
            return self._run_once(name, values, tenant, copied)
        except BROKEN as error:
            raise self._unavailable(name, error) from error

    def _run_once(
        self, name: str, values: Values, tenant: str | None, copied: Copied | None
    ) -> list[Row]:
        driver = self._driver or self._open()
        try:
            if self._url.pooled:
                return _run_in_transaction(driver, self._read(name), values, tenant, copied)
            if tenant != self._tenant:
                _hold(driver, tenant)
                self._tenant = tenant
            if copied:
                return _copy(driver, self._read(name), copied())
            if name not in self._prepared:
                self._prepared[name] = driver.prepare(self._read(name))
            return self._prepared[name].run(**values) or []
        except (DatabaseError, DuelineError):
            raise  # the connection is as good as before
        except UnicodeEncodeError:
            self._discard()
            raise ValueRefused(f"{name}: a text holds half a surrogate pair: not UTF-8") from None
        except BaseException:
            self._discard()
            raise

    def _open(self) -> native.Connection:
        try:
            self._driver = open_connection(self._url)
        except (DatabaseError, *BROKEN) as error:
            raise self._unavailable("connect", error) from error
        return self._driver

    def _discard(self) -> None:
        driver, self._driver = self._driver, None
        self._prepared.clear()
        self._tenant = None
        if driver is not None:
            with suppress(*BROKEN):  # it says goodbye first, and the server may be gone
                driver.close()

    def _refusal(self, name: str, error: DatabaseError) -> DuelineError:
        refusal = translated(error, name)
        if isinstance(refusal, BackendUnavailable):
            self._discard()  # it may lead to a server that will never be able again
        return refusal

    def _unavailable(self, doing: str, error: Exception) -> BackendUnavailable:
        return unavailable(self._url, doing, error)


def unavailable(url: PostgresUrl, doing: str, error: Exception) -> BackendUnavailable:
    """What the layers above are told of a server that did not answer."""
    told = message(error) if isinstance(error, DatabaseError) else str(error)
    return BackendUnavailable("postgres", f"{doing} ({url.host}:{url.port}): {told}")


def open_connection(url: PostgresUrl) -> native.Connection:
    """A new connection of the driver. Raises what the driver raises."""
    sock = socket.create_connection((url.host, url.port), timeout=CONNECT_SECONDS)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.settimeout(ANSWER_SECONDS)
        driver = native.Connection(
            url.user,
            host=url.host,
            database=url.database,
            password=url.password,
            application_name="dueline",
            startup_params=None if url.pooled else _SESSION,
            ssl_context=url.tls_context(),
            sock=sock,
        )
    except BaseException:
        sock.close()
        raise
    driver._sock = Unflushed(driver._sock)  # noqa: SLF001 - it has no setting for that
    return driver


def _hold(driver: native.Connection, tenant: str | None, *, begin: bool = False) -> None:
    """Hold the session, or the transaction that this begins, to a tenant; or let it go."""
    if tenant is None:
        driver.run("BEGIN" if begin else "RESET ROLE; RESET dueline.tenant")
        return
    start, extent = ("BEGIN; ", "LOCAL") if begin else ("", "SESSION")
    to = native.literal(tenant)
    try:
        driver.run(f"{start}SET {extent} ROLE dueline_tenant; SET {extent} dueline.tenant = {to}")
    except DatabaseError as error:
        raise BackendUnavailable("postgres", f"role dueline_tenant: {message(error)}") from None


def _copy(driver: native.Connection, statement: str, chunks: Iterable[bytes]) -> list[Row]:
    """Run a COPY, whose chunks may be made while it runs.

    If one cannot be made, the server gets a row to refuse, since the driver cannot say CopyFail.
    """
    failure: DuelineError | None = None

    def sent() -> Iterator[bytes]:
        nonlocal failure
        try:
            yield from chunks
        except DuelineError as error:
            failure = error
            yield ROW_WITHOUT_COLUMNS

    try:
        return driver.run(statement, stream=sent()) or []
    except DatabaseError:
        if failure is not None:
            raise failure from None
        raise


def _run_in_transaction(
    driver: native.Connection,
    statement: str,
    values: Values,
    tenant: str | None,
    copied: Copied | None,
) -> list[Row]:
    """Behind a transaction pooler: one server for all three messages of an unprepared query."""
    _hold(driver, tenant, begin=True)
    try:
        if copied:
            rows = _copy(driver, statement, copied())
        else:
            rows = driver.run(statement, **values) or []
    except (DatabaseError, DuelineError):
        driver.run("ROLLBACK")
        raise
    driver.run("COMMIT")
    return rows
