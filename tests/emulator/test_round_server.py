"""A server that answers in rounds, over real connections."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from random import Random

import pytest

from local.emulator.http_answers import Answer
from local.emulator.http_requests import Refused, Request
from local.round_server import RoundServer

FOR_EVER = 60.0  # seconds: longer than a test takes


class Gates:
    """A site that echoes. /held waits until it is let go; /broken raises; /odd cannot be sent;
    /together… goes together."""

    largest_body = 1000

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.held = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)

    def goes_together(self, request: Request) -> bool:
        return request.path.startswith("/together")

    def answer_together(self, requests: Sequence[Request]) -> list[Answer]:
        self.rounds.append([request.body.decode() for request in requests])
        return [self.answer(request) for request in requests]

    def answer(self, request: Request) -> Answer:
        if request.path.endswith("/held"):
            self.held.release()
            assert self.go_on.acquire(timeout=10)
        if request.path == "/broken":
            raise KeyError("a bug")
        headers = [("X-Odd", "\u2028")] if request.path == "/odd" else []
        return Answer(status=HTTPStatus.OK, headers=headers, body=request.body)

    def refuse(self, refused: Refused) -> Answer:
        return Answer(status=refused.status, headers=[])


class Caller:
    """A connection, and what is read of it: one answer after the other."""

    def __init__(self, server: RoundServer) -> None:
        host, _, port = server.url.removeprefix("http://").partition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=10)
        self._file = self._socket.makefile("rb")

    def write(self, text: str) -> None:
        self._socket.sendall(text.encode())

    def send(self, path: str, body: str) -> None:
        self.write(f"POST {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}")

    def status(self) -> int:
        """Of an answer that is no more than its head."""
        status = int(self._file.readline().split()[1])
        assert self._file.readline() == b"\r\n"
        return status

    def read(self) -> str:
        """The body of the next answer; "" once the connection is closed."""
        length = 0
        while (line := self._file.readline().strip().lower()) != b"":
            name, _, value = line.partition(b": ")
            length = int(value) if name == b"content-length" else length
        return self._file.read(length).decode()

    def ask(self, path: str, body: str) -> str:
        self.send(path, body)
        return self.read()

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@contextmanager
def serving(
    site: Gates, *, patience: float = FOR_EVER, silence: float = FOR_EVER
) -> Iterator[Callable[[], Caller]]:
    """Gives what makes a caller."""
    server = RoundServer(0, site, patience=patience, silence=silence)
    server.start()
    callers: list[Caller] = []

    def caller() -> Caller:
        callers.append(Caller(server))
        return callers[-1]

    try:
        yield caller
    finally:
        server.stop()
        for each in callers:
            each.close()


def test_requests_that_come_during_a_round_are_answered_together_in_the_next() -> None:
    site = Gates()
    with serving(site) as caller:
        first, *others = [caller() for _ in range(4)]
        for each in others:
            each.ask("/alone", "")
        first.send("/together/held", "first")
        assert site.held.acquire(timeout=10)
        for name, each in zip("abc", others, strict=True):
            each.send("/together", name)
        site.go_on.release()

        assert [each.read() for each in (first, *others)] == ["first", "a", "b", "c"]
    assert site.rounds == [["first"], ["a", "b", "c"]]


def test_what_does_not_go_together_has_a_round_of_its_own() -> None:
    site = Gates()
    with serving(site) as caller:
        first, *others = [caller() for _ in range(4)]
        for each in others:
            each.ask("/alone", "")
        first.send("/held", "first")
        assert site.held.acquire(timeout=10)
        for path, each in zip(("/together", "/alone", "/together"), others, strict=True):
            each.send(path, path)
        site.go_on.release()

        assert [each.read() for each in others] == ["/together", "/alone", "/together"]
    assert site.rounds == [["/together", "/together"]]


def test_a_request_that_takes_long_does_not_keep_others_waiting() -> None:
    site = Gates()
    with serving(site, patience=0.001) as caller:
        slow, slower, quick = caller(), caller(), caller()
        slow.send("/held", "slow")
        slower.send("/together/held", "slower")
        for _ in range(2):
            assert site.held.acquire(timeout=10)

        assert [quick.ask("/alone", "a"), quick.ask("/together", "b")] == ["a", "b"]

        site.go_on.release(2)
        assert [slow.read(), slower.read()] == ["slow", "slower"]
        assert [slow.ask("/alone", "again"), slower.ask("/alone", "again")] == ["again"] * 2


def test_requests_of_a_connection_are_answered_in_their_order_while_one_takes_long() -> None:
    site = Gates()
    with serving(site, patience=0.001) as caller:
        slow, quick = caller(), caller()
        slow.send("/alone", "1")
        slow.send("/held", "2")
        slow.send("/together", "3")
        assert site.held.acquire(timeout=10)
        slow.send("/alone", "4")
        quick.ask("/alone", "")
        site.go_on.release()

        assert [slow.read() for _ in range(4)] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("seed", range(3))
def test_each_caller_has_its_own_answers_whoever_is_relieved(seed: int) -> None:
    def calls(caller: Caller, random: Random) -> None:
        for number in range(20):
            bodies = [f"{id(caller)} {number} {nth}" for nth in range(random.randint(1, 3))]
            for body in bodies:
                caller.send(random.choice(("/together", "/alone")), body)
            assert [caller.read() for _ in bodies] == bodies

    with serving(Gates(), patience=0.0) as caller, ThreadPoolExecutor(8) as threads:
        running = [threads.submit(calls, caller(), Random(f"{seed} {nth}")) for nth in range(8)]
        for each in running:
            each.result()


@pytest.mark.parametrize("path", ["/broken", "/odd"])
def test_a_bug_costs_the_caller_its_connection_and_nobody_else(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(Gates()) as caller:
        assert caller().ask(path, "") == ""
        assert caller().ask("/alone", "a") == "a"
    assert "no answer could be given" in caplog.text


def test_a_caller_that_goes_away_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    site = Gates()
    with serving(site) as caller:
        gone, other = caller(), caller()
        gone.send("/held", "gone")
        assert site.held.acquire(timeout=10)
        gone.close()
        site.go_on.release()

        assert other.ask("/alone", "a") == "a"
    assert caplog.text == ""


def test_a_body_that_is_too_large_is_refused_and_the_next_request_read() -> None:
    with serving(Gates()) as caller:
        one = caller()

        assert [one.ask("/alone", "x" * 1001), one.ask("/alone", "a")] == ["", "a"]


def test_a_caller_that_waits_to_be_told_sends_its_body_then() -> None:
    with serving(Gates()) as caller:
        one = caller()
        one.write("POST /alone HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        assert one.status() == 100
        one.write("a")

        assert one.read() == "a"


def test_a_connection_that_says_nothing_is_closed() -> None:
    with serving(Gates(), silence=0.001) as caller:
        assert caller().read() == ""


def test_what_has_been_asked_is_answered_before_the_server_stops() -> None:
    site = Gates()
    server = RoundServer(0, site)
    server.start()
    asked, idle = Caller(server), Caller(server)
    idle.ask("/alone", "")
    asked.send("/held", "asked")
    assert site.held.acquire(timeout=10)

    stop = threading.Thread(target=server.stop)
    stop.start()
    site.go_on.release()

    assert [asked.read(), asked.read(), idle.read()] == ["asked", "", ""]
    stop.join(10)
    assert not stop.is_alive()
    asked.close()
    idle.close()
