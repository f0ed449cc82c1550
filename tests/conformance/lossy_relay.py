"""A relay before PostgreSQL that can lose an answer: the request was carried out, nobody hears."""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

END_OF_ANSWER = b"Z\x00\x00\x00\x05I"  # ReadyForQuery, idle: whatever was asked is committed


class LossyRelay:
    """Listens on a port of its own and passes everything on, until told otherwise."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (str(parts.hostname), int(parts.port or 5432))
        self._listener = socket.create_server(("127.0.0.1", 0))
        credentials = parts.netloc.rpartition("@")[0]
        port = self._listener.getsockname()[1]
        self.url = parts._replace(netloc=f"{credentials}@127.0.0.1:{port}").geturl()
        self._lose = threading.Event()
        self.pieces = 0  # of answers that have come
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def lose_next_answer(self) -> None:
        """Swallow the next whole answer, then hang up."""
        self._lose.set()

    def close(self) -> None:
        """Stop listening. Its clients must have hung up."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                for pump in (self._pass_questions, self._pass_answers):
                    thread = threading.Thread(target=pump, args=(client, server))
                    thread.start()
                    self._threads.append(thread)

    def _pass_questions(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while question := client.recv(65536):
                server.sendall(question)
        _hang_up(server)
        client.close()

    def _pass_answers(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while answer := server.recv(65536):
                self.pieces += 1
                if not self._lose.is_set():
                    client.sendall(answer)
                elif answer.endswith(END_OF_ANSWER):
                    self._lose.clear()
                    break
        _hang_up(client)
        server.close()


def _hang_up(peer: socket.socket) -> None:
    with suppress(OSError):  # it has already
        peer.shutdown(socket.SHUT_RDWR)
