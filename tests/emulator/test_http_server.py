"""A server of the local platform, over a real connection."""

import threading
from http import HTTPStatus
from http.client import HTTPConnection

from local.emulator.http_answers import Answer
from local.emulator.http_requests import Refused, Request
from local.emulator.http_server import Ends, LocalServer


class Slow:
    """A site that answers when it is let."""

    largest_body = 100

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Event(), threading.Event()

    def answer(self, request: Request, ends: Ends) -> Answer:  # noqa: ARG002
        self.asked.set()
        assert self.go_on.wait(10)
        return Answer(status=HTTPStatus.OK, headers=[], body=request.body)

    def refuse(self, refused: Refused) -> Answer:
        raise AssertionError(f"nothing here is to be refused, but {refused}")


def test_what_has_been_asked_is_answered_before_the_server_stops() -> None:
    site = Slow()
    server = LocalServer(0, site)
    server.start()
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.request("POST", "/", b"asked")
    assert site.asked.wait(10)

    stop = threading.Thread(target=server.stop)
    stop.start()
    site.go_on.set()
    answered = connection.getresponse().read()
    connection.close()
    stop.join(10)

    assert (answered, stop.is_alive()) == (b"asked", False)


def test_a_caller_that_asks_nothing_more_does_not_hold_up_the_stop() -> None:
    site = Slow()
    site.go_on.set()
    server = LocalServer(0, site)
    server.start()
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.request("POST", "/", b"asked")
    connection.getresponse().read()

    server.stop()

    assert connection.sock.recv(1) == b""
    connection.close()
