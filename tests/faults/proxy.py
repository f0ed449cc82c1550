"""A TCP proxy between the functions and one server, which does what networks do.

Everything that is told to it takes effect on the thread that runs its event loop.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

CHUNK = 65_536
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, zero seconds


class _Pair:
    """One connection: its client's side and its server's side."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.sides = (client, server)
        self.swallow = False  # what the server says next goes to nobody, and is the last

    def end(self, *, reset: bool) -> None:
        for side in self.sides:
            if reset:
                end_socket: socket.socket = side.get_extra_info("socket")
                end_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            side.transport.abort()


class Proxy:
    """Listens on a port of its own from the start, and passes everything on until told otherwise.

    `url` is the server's, by way of this proxy.
    """

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        self._server = (str(parts.hostname), int(parts.port or 0))
        self._pairs: set[_Pair] = set()
        self._loop = asyncio.new_event_loop()
        self._delay = 0.0
        self._refuses = False
        self._replies_to_drop = 0
        self.dropped = 0  # replies, ever
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        credentials = parts.netloc.rpartition("@")[0]
        self.url = parts._replace(netloc=f"{credentials}@127.0.0.1:{port}").geturl()
        self._ended = asyncio.Event()
        self._flows = asyncio.Event()
        self._flows.set()
        self._thread = threading.Thread(
            target=lambda: self._loop.run_until_complete(self._serve()), daemon=True
        )
        self._thread.start()

    def delay(self, seconds: float) -> None:
        """Every chunk takes so much longer, in each direction."""
        self._do(lambda: setattr(self, "_delay", seconds))

    def hold(self) -> None:
        """Pass nothing on, and say nothing: a partition. TCP keeps the bytes until `heal`."""
        self._do(self._flows.clear)

    def refuse(self) -> None:
        """Reset every connection, and every new one."""
        self._do(lambda: setattr(self, "_refuses", True))
        self.reset()

    def cut(self) -> None:
        """Close every connection, politely."""
        self._do(lambda: self._end_all(reset=False))

    def reset(self) -> None:
        """Close every connection by RST."""
        self._do(lambda: self._end_all(reset=True))

    def drop_reply(self) -> None:
        """The next request that comes reaches the server; its reply is lost with the connection."""
        self._do(lambda: setattr(self, "_replies_to_drop", self._replies_to_drop + 1))

    def heal(self) -> None:
        """Pass everything on again."""

        def heal() -> None:
            self._delay, self._refuses, self._replies_to_drop = 0.0, False, 0
            self._flows.set()

        self._do(heal)

    def close(self) -> None:
        self.heal()
        self._do(lambda: self._end_all(reset=False))
        self._do(self._ended.set)
        self._thread.join()
        self._loop.close()

    def _do(self, what: Callable[[], object]) -> None:
        """Return when it is done, on the loop's thread."""
        done = threading.Event()

        def do() -> None:
            what()
            done.set()

        self._loop.call_soon_threadsafe(do)
        done.wait()

    def _end_all(self, *, reset: bool) -> None:
        for pair in list(self._pairs):
            pair.end(reset=reset)

    async def _serve(self) -> None:
        listener = await asyncio.start_server(self._connected, sock=self._listener)
        await self._ended.wait()
        listener.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _connected(
        self, from_client: asyncio.StreamReader, client: asyncio.StreamWriter
    ) -> None:
        await self._flows.wait()
        try:
            if self._refuses:
                raise ConnectionRefusedError
            from_server, server = await asyncio.open_connection(*self._server)
        except OSError:
            client.transport.abort()
            return
        pair = _Pair(client, server)
        self._pairs.add(pair)
        try:
            await asyncio.gather(
                self._pass_questions(from_client, server, pair),
                self._pass_answers(from_server, client, pair),
            )
        finally:
            pair.end(reset=False)
            self._pairs.discard(pair)

    async def _pass_questions(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, pair: _Pair
    ) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK):
                await self._travel()
                if self._replies_to_drop:
                    self._replies_to_drop -= 1
                    pair.swallow = True
                sink.write(data)
                await sink.drain()
        pair.end(reset=False)

    async def _pass_answers(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, pair: _Pair
    ) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK):
                await self._travel()
                if pair.swallow:
                    self.dropped += 1
                    break
                sink.write(data)
                await sink.drain()
        pair.end(reset=False)

    async def _travel(self) -> None:
        await self._flows.wait()
        if self._delay:
            await asyncio.sleep(self._delay)
