import smtplib
import socket
import threading
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from dueline.domain.errors import DuelineError
from local.mailbox import Mailbox

Told = list[tuple[Path, str, str]]


def nothing(_path: Path, _to: str, _subject: str) -> None:
    """Nobody listens."""


def telling(told: Told) -> Callable[[Path, str, str], None]:
    return lambda path, to, subject: told.append((path, to, subject))


def client_of(url: str) -> smtplib.SMTP:
    host, _, port = url.removeprefix("smtp://").partition(":")
    return smtplib.SMTP(host, int(port), local_hostname="localhost", timeout=5)


def send(url: str, message: EmailMessage) -> None:
    with client_of(url) as client:
        client.send_message(message)


def a_message(*, to: str = "ann@example.org", subject: str = "Hello") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "dueline@example.org", to, subject
    message.set_content("A line.\n.starts with a dot\n")
    return message


def test_a_message_is_kept_as_it_came_and_told_to_the_platform(tmp_path: Path) -> None:
    told: Told = []
    mailbox = Mailbox(tmp_path / "mail", on_message=telling(told))

    send(mailbox.start(), a_message(to="ann@example.org, bo@example.org", subject="Grüße"))
    mailbox.stop()

    ((path, to, subject),) = told
    assert list((tmp_path / "mail").iterdir()) == [path]
    assert path.name.endswith("Z-1.eml")
    assert b"\r\n\r\nA line.\r\n.starts with a dot\r\n" in path.read_bytes()
    assert (to, subject) == ("ann@example.org, bo@example.org", "Grüße")


def test_messages_of_the_same_moment_have_files_of_their_own(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, on_message=nothing)
    url = mailbox.start()

    with client_of(url) as client:
        for _ in range(20):
            client.send_message(a_message())
    mailbox.stop()

    assert len(list(tmp_path.glob("*.eml"))) == 20


def test_a_folder_that_cannot_be_written_is_the_servers_trouble_and_passing(tmp_path: Path) -> None:
    occupied = tmp_path / "a-file"
    occupied.touch()
    mailbox = Mailbox(occupied, on_message=nothing)

    with client_of(mailbox.start()) as client, pytest.raises(smtplib.SMTPDataError) as refusal:
        client.send_message(a_message())
    mailbox.stop()

    assert refusal.value.smtp_code == 452


def test_a_taken_port_is_named_with_what_to_do_and_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        mailbox = Mailbox(tmp_path, on_message=nothing, port=port)

        with pytest.raises(DuelineError, match=f"127.0.0.1:{port} .*choose another port"):
            mailbox.start()

    mailbox.stop()
    assert threading.active_count() == before


def test_stop_closes_the_port_and_open_connections_and_ends_the_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    mailbox = Mailbox(tmp_path, on_message=nothing)
    url = mailbox.start()
    client = client_of(url)
    client.noop()

    mailbox.stop()

    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    with pytest.raises(ConnectionRefusedError):
        client_of(url)
    assert threading.active_count() == before


def test_a_mailbox_listens_on_loopback_unless_told_otherwise(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, on_message=nothing)

    url = mailbox.start()
    mailbox.stop()

    assert url.startswith("smtp://127.0.0.1:")
