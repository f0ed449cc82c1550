"""Whom the PostgreSQL adapter trusts."""

from contextlib import closing
from pathlib import Path

import pytest

from dueline.domain.errors import BackendUnavailable
from dueline.task_store.postgres import PostgresTaskStore
from tests.conformance.tls_server import TlsServer, make_certificate


def ping(url: str) -> BackendUnavailable:
    """How a ping fails: none of these servers gets as far as to answer it."""
    with closing(PostgresTaskStore(url)) as store, pytest.raises(BackendUnavailable) as raised:
        store.ping()
    return raised.value


@pytest.mark.parametrize("sslmode", ["require", "verify-full"])
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, sslmode: str) -> None:
    with closing(TlsServer(make_certificate(tmp_path, host="localhost"))) as server:
        error = ping(f"postgresql://me:secret@localhost:{server.port}/db?sslmode={sslmode}")

    assert "certificate verify failed" in str(error)
    assert server.heard == b""


def test_a_trusted_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, host="db.example.org")

    with closing(TlsServer(certificate)) as server:
        error = ping(
            f"postgresql://me:secret@localhost:{server.port}/db"
            f"?sslmode=require&sslrootcert={certificate}"
        )

    assert "Hostname mismatch" in str(error)
    assert server.heard == b""


def test_a_trusted_certificate_of_the_right_host_is_spoken_to(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, host="localhost")

    with closing(TlsServer(certificate)) as server:
        ping(
            f"postgresql://me:secret@localhost:{server.port}/db"
            f"?sslmode=require&sslrootcert={certificate}"
        )

    assert b"user\x00me\x00" in server.heard


def test_a_server_without_tls_is_told_nothing_when_tls_is_asked_for() -> None:
    with closing(TlsServer(None)) as server:
        error = ping(f"postgresql://me:secret@localhost:{server.port}/db?sslmode=require")

    assert "refuses SSL" in str(error)
    assert server.heard == b""
