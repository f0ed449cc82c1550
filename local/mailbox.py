"""A mailbox for the local platform: an SMTP server that keeps every message as a file.

It takes any message for any recipient and sends nothing on. `python -m local.mailbox FOLDER HOST
PORT` runs it by itself: the service `mail` of docker-compose.yml.
"""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import default as modern_policy
from pathlib import Path
from threading import Thread

from aiosmtpd.smtp import SMTP, Envelope, Session

from dueline.domain.errors import DuelineError

# The file, the recipients with commas between, the subject. Called in the mailbox's thread.
OnMessage = Callable[[Path, str, str], None]


class Mailbox:
    """Runs in a thread of its own from start() to stop(), once."""

    def __init__(
        self, folder: Path, *, on_message: OnMessage, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._messages = _Messages(folder, on_message)
        self._address = (host, port)
        self._stopping = asyncio.Event()
        self._serving: tuple[asyncio.AbstractEventLoop, Thread] | None = None

    def start(self) -> str:
        """Listen, and return the URL for SMTP_URL. Port 0 takes a free one.

        Raises DuelineError where the port cannot be had.
        """
        # Bound here, not in the thread: the caller gets the error, and may connect at once.
        listener = _listen(self._address)
        loop = asyncio.new_event_loop()
        # A daemon: a platform that dies of an error must not hang on its mailbox.
        thread = Thread(target=self._run, args=(loop, listener), name="mailbox", daemon=True)
        thread.start()
        self._serving = (loop, thread)
        host, port = listener.getsockname()
        return f"smtp://{host}:{port}"

    def stop(self) -> None:
        """Close the port and every connection; the thread has ended when this returns."""
        if self._serving is None:
            return
        loop, thread = self._serving
        loop.call_soon_threadsafe(self._stopping.set)
        thread.join()
        self._serving = None

    def _run(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._serve(loop, listener))
        # The runner has cancelled the connections' tasks, and so aiosmtpd has closed them.

    async def _serve(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        server = await loop.create_server(self._connection, sock=listener)
        await self._stopping.wait()
        server.close()

    def _connection(self) -> SMTP:
        # A name of its own: to look up this machine's can take seconds where DNS is slow.
        return SMTP(self._messages, hostname="localhost", enable_SMTPUTF8=True)


class _Messages:
    """The folder of messages, as aiosmtpd's handler."""

    def __init__(self, folder: Path, on_message: OnMessage) -> None:
        self._folder = folder
        self._on_message = on_message
        self._count = 0

    async def handle_DATA(  # noqa: N802  aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the message; the answer to the client."""
        content = envelope.original_content or b""
        self._count += 1
        path = self._folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{self._count}.eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            return f"452 {path.parent} cannot be written: {error.strerror}"
        headers = BytesParser(policy=modern_policy).parsebytes(content, headersonly=True)
        self._on_message(path, ", ".join(envelope.rcpt_tos), str(headers["Subject"] or ""))
        return f"250 kept as {path.name}"


def _listen(address: tuple[str, int]) -> socket.socket:
    host, port = address
    try:
        listener = socket.create_server(address)
    except OSError as error:
        raise DuelineError(
            f"the mailbox cannot listen on {host}:{port} ({error.strerror}): "
            "end what listens there, or choose another port"
        ) from error
    # Inherited by connections. Without it a greeting of several lines takes 40 ms: each line is
    # a packet that waits for the acknowledgement of the one before.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def main(folder: str, host: str, port: str) -> None:
    """Serve until SIGTERM or SIGINT, with a line for every message."""

    def say(path: Path, to: str, subject: str) -> None:
        print(f"mail to {to}: {subject!r} ({path})", flush=True)

    # Blocked before the thread begins, so that it inherits this and sigwait is who hears them.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    mailbox = Mailbox(Path(folder), on_message=say, host=host, port=int(port))
    print(f"mailbox at {mailbox.start()}, messages in {folder}", flush=True)
    signal.sigwait(ends)
    mailbox.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
