"""An HTTP/1.1 server for many short requests: one thread answers them, round by round.

A thread for each connection spends as much on handing over the interpreter as on an answer, and
requests that come at the same time never meet. Here one thread, the leader, reads what has come,
answers it, those that may go together at once, and looks again (docs/decisions/0072).

Whatever keeps the leader longer than PATIENCE, a server that does not answer or a caller that does
not read, keeps it alone: the thread that stands by takes the lead, and a new one stands by. The
old leader finishes what it has in hand, and ends.
"""

import logging
import selectors
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, cast

from local.emulator.http_answers import Answer, written
from local.emulator.http_requests import Refused, Request, RequestReader
from local.emulator.http_server import (
    CONTINUE,
    IDLE_SECONDS,
    LAST_ANSWERS_SECONDS,
    RECEIVE_BYTES,
    named_if_taken,
)
from local.emulator.sockets import limit_waits

PATIENCE_SECONDS = 0.05
LOOKS = 5  # for connections that are silent, in the time after which they are closed
BACKLOG = 128

log = logging.getLogger(__name__)


class RoundSite(Protocol):
    """Who answers. By several threads only while one of them takes long."""

    largest_body: int

    def goes_together(self, request: Request) -> bool:
        """Whether it is quick, and quicker in company."""
        ...

    def answer_together(self, requests: Sequence[Request]) -> Sequence[Answer]: ...

    def answer(self, request: Request) -> Answer:
        """To one that does not go together with others."""
        ...

    def refuse(self, refused: Refused) -> Answer: ...


@dataclass(eq=False, slots=True)
class _Connection:
    socket: socket.socket
    reader: RequestReader
    heard: float  # when it last said something
    requests: deque[Request | Refused] = field(default_factory=deque)  # not yet answered
    is_watched: bool = False  # by the selector; else a thread that was relieved has it in hand


@dataclass(eq=False, slots=True)
class _Turn:
    """Of a thread at the lead. Changed under the lock, since who stands by looks at it."""

    in_hand: Sequence[_Connection] = ()
    began: float = 0.0  # with these


class RoundServer:
    """Listens from the moment it is made; answers between `start` and `stop`.

    A leader is relieved after `patience` seconds with the same requests, and a connection closed
    after `silence` seconds without one. Raises PortTaken. Port 0 takes a free one.
    """

    def __init__(
        self,
        port: int,
        site: RoundSite,
        *,
        host: str = "127.0.0.1",
        patience: float = PATIENCE_SECONDS,
        silence: float = IDLE_SECONDS,
    ) -> None:
        self._patience, self._silence = patience, silence
        with named_if_taken(port):
            self._listener = socket.create_server((host, port), backlog=BACKLOG)
        self._listener.settimeout(0)  # who has called may have gone
        self._site = site
        self._connections: set[_Connection] = set()
        self._waiting: deque[_Connection] = deque()  # each with requests: for the leader alone
        self._looked = time.monotonic()
        self._lock = threading.Lock()  # of the turn, and of what the selector watches
        self._turn = _Turn()
        self._threads: set[threading.Thread] = set()
        self._stopping = threading.Event()
        self._stop, self._stopped = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        # With each socket, what to do when it can be read.
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._stopped, selectors.EVENT_READ, lambda: None)

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()
        return f"http://{host}:{port}"

    def start(self) -> None:
        self._begin(self._lead)
        self._begin(self._stand_by)

    def stop(self) -> None:
        """Stop listening, let what has been asked be answered, and close every connection."""
        self._selector.unregister(self._listener)
        self._listener.close()
        self._stopping.set()
        self._stop.close()  # which wakes the leader
        deadline = time.monotonic() + LAST_ANSWERS_SECONDS
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))
        for connection in list(self._connections):
            self._close(connection)
        if not self._threads:  # else one is kept by a server that does not answer
            self._selector.close()
            self._stopped.close()

    def _begin(self, work: Callable[[], None]) -> None:
        def run() -> None:
            work()
            self._threads.discard(thread)

        thread = threading.Thread(target=run, name="http", daemon=True)
        self._threads.add(thread)
        thread.start()

    def _lead(self) -> None:
        """Answer, round by round, until relieved or until the server stops."""
        turn = self._turn
        while self._receive():
            with self._lock:
                turn.in_hand, turn.began = self._next(), time.monotonic()
            self._answer(turn.in_hand)
            with self._lock:
                if self._turn is not turn:
                    break
                self._waiting.extend(each for each in turn.in_hand if each.requests)
                turn.in_hand = ()
        for connection in turn.in_hand:  # it was relieved
            self._give_back(connection)

    def _stand_by(self) -> None:
        while not self._stopping.wait(self._patience):
            if self._relieves():
                self._begin(self._stand_by)
                self._lead()
                return

    def _relieves(self) -> bool:
        """Take the lead if who has it takes long, but for what that one has in hand."""
        with self._lock:
            turn = self._turn
            if not turn.in_hand or time.monotonic() - turn.began < self._patience:
                return False
            for connection in turn.in_hand:
                self._unwatch(connection)
            self._turn = _Turn()
            return True

    def _give_back(self, connection: _Connection) -> None:
        """Answer what it has asked beside, and let the leader hear it again."""
        while connection.requests:
            self._answer([connection])
        connection.heard = time.monotonic()
        with self._lock:
            if connection in self._connections and not self._stopping.is_set():
                self._watch(connection)

    def _receive(self) -> bool:
        """Wait until requests wait. False: the server stops, and none do."""
        while not self._waiting:
            stopping = self._stopping.is_set()
            for key, _ in self._selector.select(0 if stopping else self._silence / LOOKS):
                key.data()
            if stopping and not self._waiting:
                return False
            self._close_the_silent()
        return True

    def _next(self) -> list[_Connection]:
        """Of the connections that wait: the first, with those that go together with it."""
        taken = [self._waiting.popleft()]
        if self._goes_together(taken[0]):
            others, self._waiting = self._waiting, deque()
            for each in others:
                (taken if self._goes_together(each) else self._waiting).append(each)
        return taken

    def _goes_together(self, connection: _Connection) -> bool:
        request = connection.requests[0]
        return isinstance(request, Request) and self._site.goes_together(request)

    def _answer(self, connections: Sequence[_Connection]) -> None:
        """Answer the next request of each. Never raises: the thread has others to answer."""
        asked = [each.requests.popleft() for each in connections]
        try:
            answers = self._answers(asked)
        except Exception:  # noqa: BLE001 - a bug, which is logged
            self._failed(*connections)
            return
        for connection, request, answer in zip(connections, asked, answers, strict=True):
            self._tell(connection, request, answer)

    def _answers(self, asked: Sequence[Request | Refused]) -> Sequence[Answer]:
        match asked:
            case [Refused() as refused]:
                return [self._site.refuse(refused)]
            case [Request() as request] if not self._site.goes_together(request):
                return [self._site.answer(request)]
        return self._site.answer_together(cast("Sequence[Request]", asked))

    def _tell(self, connection: _Connection, request: Request | Refused, answer: Answer) -> None:
        last = not request.keep_alive or self._stopping.is_set()
        to = request.method if isinstance(request, Request) else "GET"
        try:
            connection.socket.sendall(written(answer, to=to, last=last))
        except Exception:  # noqa: BLE001 - as above
            self._failed(connection)
        if last:
            self._close(connection)

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except OSError:  # it went away; or no descriptor is free, and one may be soon
            time.sleep(0.001)
            return
        accepted.settimeout(None)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        limit_waits(accepted, IDLE_SECONDS)
        reader = RequestReader(largest_body=self._site.largest_body)
        connection = _Connection(accepted, reader, heard=time.monotonic())
        self._connections.add(connection)
        with self._lock:
            self._watch(connection)

    def _read(self, connection: _Connection) -> None:
        try:
            if not (piece := connection.socket.recv(RECEIVE_BYTES)):
                self._close(connection)
                return
            connection.requests.extend(connection.reader.feed(piece))
            if connection.reader.is_to_say_continue():
                connection.socket.sendall(CONTINUE)
        except Exception:  # noqa: BLE001 - as above
            self._failed(connection)
            return
        connection.heard = time.monotonic()
        if connection.requests:
            self._waiting.append(connection)

    def _close_the_silent(self) -> None:
        now = time.monotonic()
        if now - self._looked < self._silence / LOOKS:
            return
        self._looked = now
        for each in list(self._connections):
            if each.is_watched and not each.requests and now - each.heard > self._silence:
                self._close(each)

    def _failed(self, *connections: _Connection) -> None:
        """Close them on account of the exception at hand."""
        if not isinstance(sys.exception(), OSError):  # else it went away, or does not read
            log.exception("no answer could be given")
        for connection in connections:
            self._close(connection)

    def _close(self, connection: _Connection) -> None:
        connection.requests.clear()
        with self._lock:
            self._unwatch(connection)
        self._connections.discard(connection)
        connection.socket.close()

    def _watch(self, connection: _Connection) -> None:
        read = partial(self._read, connection)
        self._selector.register(connection.socket, selectors.EVENT_READ, read)
        connection.is_watched = True

    def _unwatch(self, connection: _Connection) -> None:
        if connection.is_watched:
            self._selector.unregister(connection.socket)
            connection.is_watched = False
