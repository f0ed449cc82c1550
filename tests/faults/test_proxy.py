"""The proxy does to a connection what it is told."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import urlsplit

import pytest

from tests.eventually import eventually
from tests.faults.proxy import Proxy


class Echo:
    """A server that answers each chunk with itself, and remembers it."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://user:word@127.0.0.1:{self._listener.getsockname()[1]}/path"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                peer, _ = self._listener.accept()
                thread = threading.Thread(target=self._answer, args=(peer,))
                thread.start()
                self._threads.append(thread)

    def _answer(self, peer: socket.socket) -> None:
        with peer, suppress(OSError):
            while data := peer.recv(1024):
                self.heard.append(data)
                peer.sendall(data)


@pytest.fixture
def echo() -> Iterator[Echo]:
    with closing(Echo()) as echo:
        yield echo


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    with closing(Proxy(echo.url)) as proxy:
        yield proxy


def connected(proxy: Proxy) -> socket.socket:
    parts = urlsplit(proxy.url)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5)


def asked(client: socket.socket, data: bytes = b"hello") -> bytes:
    client.sendall(data)
    return client.recv(1024)


def test_its_url_is_the_servers_but_for_the_port(echo: Echo, proxy: Proxy) -> None:
    ours, theirs = urlsplit(proxy.url), urlsplit(echo.url)

    assert ours.port != theirs.port
    assert ours._replace(netloc="") == theirs._replace(netloc="")
    assert (ours.username, ours.password) == ("user", "word")


def test_it_passes_both_directions(proxy: Proxy) -> None:
    with connected(proxy) as client:
        assert asked(client) == b"hello"


def test_a_dropped_reply_belongs_to_a_request_that_arrived(echo: Echo, proxy: Proxy) -> None:
    with connected(proxy) as client:
        asked(client, b"first")
        proxy.drop_reply()

        answer = asked(client, b"second")

    assert answer == b""
    assert echo.heard == [b"first", b"second"]
    assert proxy.dropped == 1
    with connected(proxy) as client:
        assert asked(client) == b"hello"


def test_cut_connections_end_and_new_ones_work(proxy: Proxy) -> None:
    with connected(proxy) as client:
        asked(client)
        proxy.cut()

        assert client.recv(1024) == b""
    with connected(proxy) as client:
        assert asked(client) == b"hello"


def test_reset_connections_end_in_an_error(proxy: Proxy) -> None:
    with connected(proxy) as client:
        asked(client)
        proxy.reset()

        with pytest.raises(ConnectionResetError):
            client.recv(1024)


def test_what_was_held_arrives_when_it_is_healed(echo: Echo, proxy: Proxy) -> None:
    with connected(proxy) as client:
        asked(client, b"before")
        proxy.hold()
        client.sendall(b"held")
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1024)
        client.settimeout(5)
        proxy.heal()

        assert client.recv(1024) == b"held"
    assert echo.heard == [b"before", b"held"]


def test_while_it_refuses_nothing_gets_through(echo: Echo, proxy: Proxy) -> None:
    proxy.refuse()

    with connected(proxy) as client:
        assert eventually(lambda: ended(client))
    assert echo.heard == []


def test_a_server_that_is_not_there_ends_the_connection() -> None:
    with closing(Echo()) as gone:
        url = gone.url

    with closing(Proxy(url)) as proxy, connected(proxy) as client:
        assert eventually(lambda: ended(client))


def ended(client: socket.socket) -> bool:
    try:
        return client.recv(1024) == b""
    except ConnectionResetError:
        return True
