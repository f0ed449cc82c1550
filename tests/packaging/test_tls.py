"""Whom the functions trust: TLS to all three servers is verified; one setting adds an authority.

SSL_CERT_FILE is OpenSSL's own ("SSL_CERT_FILE" in its manual, X509_get_default_cert_file_env): a
file of certificates to trust in place of the system's. docs/deploy.md tells when it is needed.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from dueline.domain.errors import BackendUnavailable
from dueline.due_buffer.redis import RedisDueBuffer
from dueline.task_store.postgres import PostgresTaskStore
from dueline.work_queue.rabbitmq import RabbitWorkQueue
from tests.conformance.tls_server import TlsServer, make_certificate

Ping = Callable[[int], None]


class TlsFromTheFirstByte:
    """A server that shakes hands, hears one message of each client and hangs up."""

    def __init__(self, certificate: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.heard = b""
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            with client, suppress(OSError):  # a client that does not trust us hangs up
                client.settimeout(5)
                with self._context.wrap_socket(client, server_side=True) as secured:
                    self.heard += secured.recv(1024)


def ping_postgres(port: int) -> None:
    with closing(
        PostgresTaskStore(f"postgresql://me@localhost:{port}/d?sslmode=verify-full")
    ) as it:
        it.ping()


def ping_redis(port: int) -> None:
    with closing(RedisDueBuffer(f"rediss://localhost:{port}")) as it:
        it.ping()


def ping_rabbitmq(port: int) -> None:
    with closing(RabbitWorkQueue(f"amqps://me:secret@localhost:{port}")) as it:
        it.ping()


SERVERS = [
    pytest.param(TlsServer, ping_postgres, b"user\x00me", id="postgres"),
    pytest.param(TlsFromTheFirstByte, ping_redis, b"PING", id="redis"),
    pytest.param(TlsFromTheFirstByte, ping_rabbitmq, b"AMQP", id="rabbitmq"),
]


def heard(server: type, certificate: Path, ping: Ping) -> bytes:
    """What a server with this certificate hears of a client. It never answers well."""
    with closing(server(certificate)) as running, pytest.raises(BackendUnavailable):
        ping(running.port)
    return bytes(running.heard)


@pytest.mark.parametrize(("server", "ping", "greeting"), SERVERS)
def test_a_certificate_that_nobody_vouches_for_is_told_nothing(
    server: type, ping: Ping, greeting: bytes, tmp_path: Path
) -> None:
    certificate = make_certificate(tmp_path, host="localhost")

    assert heard(server, certificate, ping) == b""


@pytest.mark.parametrize(("server", "ping", "greeting"), SERVERS)
def test_an_authority_of_ones_own_is_trusted_by_setting_it(
    server: type, ping: Ping, greeting: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, host="localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert greeting in heard(server, certificate, ping)


@pytest.mark.parametrize(("server", "ping", "greeting"), SERVERS)
def test_a_trusted_certificate_of_another_host_is_told_nothing(
    server: type, ping: Ping, greeting: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, host="elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert heard(server, certificate, ping) == b""
