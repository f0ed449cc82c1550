from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern_policy
from pathlib import Path

import pytest

from dueline.domain.errors import BadSetting
from dueline.handler import GiveUp
from handlers.email import send_email
from local.mailbox import Mailbox

from .factories import TASK_ID, AContext, a_task


@pytest.fixture(autouse=True)
def mail_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A mailbox that the settings name, and the folder of what it gets."""
    mailbox = Mailbox(tmp_path, on_message=lambda _path, _to, _subject: None)
    monkeypatch.setenv("SMTP_URL", mailbox.start())
    monkeypatch.setenv("MAIL_FROM", "dueline@example.org")
    monkeypatch.setenv("MAIL_TO", "someone@example.com")
    yield tmp_path
    mailbox.stop()


def send(payload: object, *, attempt: int = 1) -> object:
    return send_email(a_task(payload, type="email", attempt=attempt), AContext())


def received(folder: Path) -> list[EmailMessage]:
    files = sorted(folder.glob("*.eml"))
    messages = [message_from_bytes(path.read_bytes(), policy=modern_policy) for path in files]
    assert all(isinstance(message, EmailMessage) for message in messages)
    return messages


def test_the_seeds_payload_reaches_the_default_recipient(mail_folder: Path) -> None:
    result = send({"subject": "Welcome Email"})

    (message,) = received(mail_folder)
    assert message["Subject"] == "Welcome Email"
    assert message["From"] == "dueline@example.org"
    assert message["To"] == "someone@example.com"
    assert message["Date"].datetime is not None
    assert result == {"message_id": f"<{TASK_ID}@example.org>", "to": "someone@example.com"}


def test_a_payload_may_name_its_recipient_and_both_bodies(mail_folder: Path) -> None:
    send({"to": "ann@example.net", "subject": "Grüße 日本", "body": "Hé", "html": "<b>Hé</b>"})

    (message,) = received(mail_folder)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert message["To"] == "ann@example.net"
    assert message["Subject"] == "Grüße 日本"
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Hé"
    assert html.get_content().strip() == "<b>Hé</b>"


def test_an_address_beyond_ascii_is_delivered(mail_folder: Path) -> None:
    send({"to": "jürgen@müller.example", "subject": "s"})

    (message,) = received(mail_folder)
    assert message["To"] == "jürgen@müller.example"


def test_each_attempt_sends_the_same_message_id(mail_folder: Path) -> None:
    send({"subject": "again"}, attempt=1)
    send({"subject": "again"}, attempt=2)

    first, second = received(mail_folder)
    assert first["Message-ID"] == second["Message-ID"] == f"<{TASK_ID}@example.org>"


@pytest.mark.parametrize(
    "line_break", ["\r\n", "\n", "\r", "\N{LINE SEPARATOR}", "\x85", "\x0b", "\x1c"]
)
@pytest.mark.parametrize("rest", ["Bcc: spy@example.net", ""])
def test_a_line_break_in_the_subject_is_refused(
    line_break: str, rest: str, mail_folder: Path
) -> None:
    with pytest.raises(GiveUp, match="subject"):
        send({"subject": f"hello{line_break}{rest}"})

    assert received(mail_folder) == []


@pytest.mark.parametrize(
    "to",
    [
        "",
        "nobody",
        "a@b@c",
        "a@b, c@d",
        "a@b\r\nBcc: spy@example.net",
        "a@b\n",
        "Ann <a@b>",
        "a..b@c",
        ".a@b",
        "a@b.",
        "=?utf-8?q?x=40y?=@b",
        "a b@c",
        '"a"@b',
    ],
)
def test_what_is_not_one_plain_address_is_refused(to: str, mail_folder: Path) -> None:
    with pytest.raises(GiveUp, match="to: "):
        send({"to": to, "subject": "s"})

    assert received(mail_folder) == []


@pytest.mark.parametrize(
    ("payload", "field"),
    [({}, "subject"), ({"subject": 1}, "subject"), ({"subject": "s", "cc": "a@b"}, "cc")],
)
def test_a_wrong_payload_is_given_up_with_a_word_about_the_field(
    payload: object, field: str
) -> None:
    with pytest.raises(GiveUp, match=field):
        send(payload)


@pytest.mark.parametrize("name", ["SMTP_URL", "MAIL_FROM", "MAIL_TO"])
def test_a_missing_setting_is_named_and_may_be_mended_before_the_next_attempt(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name)

    with pytest.raises(BadSetting, match=name):
        send({"subject": "s"})
