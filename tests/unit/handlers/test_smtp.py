"""The dialogue with SMTP servers that refuse, that encrypt, and that are not there."""

import smtplib
import traceback
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from dueline.domain.errors import BadSetting
from dueline.handler import GiveUp
from handlers.smtp_dialogue import hand_in
from handlers.smtp_server import SmtpServer

from .mail_servers import (
    PASSWORD,
    Answers,
    a_certificate_for_loopback,
    a_free_port,
    mail_server,
)

LOGIN = f"ann:{quote(PASSWORD, safe='')}@"


def send(url: str) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "dueline@example.org", "ann@example.org"
    message.set_content("hello")
    hand_in(message, SmtpServer.from_url(url), timeout=timedelta(seconds=5))


@pytest.mark.parametrize(
    "answers",
    [
        Answers(mail="550 not from you"),
        Answers(rcpt="550 not to them"),
        Answers(data="554 not that"),
    ],
    ids=["mail", "rcpt", "data"],
)
def test_a_5xx_answer_is_final_and_its_text_is_told(answers: Answers) -> None:
    with mail_server(answers) as port, pytest.raises(GiveUp, match=r": 55\d not "):
        send(f"smtp://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "answers",
    [
        Answers(mail="451 try later"),
        Answers(rcpt="450 greylisted"),
        Answers(data="452 disk is full"),
    ],
    ids=["mail", "rcpt", "data"],
)
def test_a_4xx_answer_is_worth_another_attempt(answers: Answers) -> None:
    with mail_server(answers) as port, pytest.raises(smtplib.SMTPException):
        send(f"smtp://127.0.0.1:{port}")


def test_a_goodbye_that_fails_does_not_send_a_taken_message_again() -> None:
    answers = Answers(hangs_up_at_quit=True)

    with mail_server(answers) as port:
        send(f"smtp://127.0.0.1:{port}")

    assert (len(answers.taken), answers.goodbyes) == (1, 1)


def test_a_server_that_is_not_there_is_named() -> None:
    port = a_free_port()

    with pytest.raises(ConnectionError, match=f"no SMTP server at 127.0.0.1:{port}"):
        send(f"smtp://127.0.0.1:{port}")


def test_a_password_is_sent_under_tls_from_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = a_certificate_for_loopback(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    answers = Answers()

    # auth_require_tls means STARTTLS: it does not see that the whole connection is TLS.
    with mail_server(answers, ssl_context=context, auth_require_tls=False) as port:
        send(f"smtps://{LOGIN}127.0.0.1:{port}")

    assert (answers.logins, len(answers.taken)) == (["ann"], 1)


def test_a_password_is_sent_after_starttls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted, context = a_certificate_for_loopback(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    answers = Answers()

    with mail_server(answers, tls_context=context) as port:
        send(f"smtp://{LOGIN}127.0.0.1:{port}?starttls=1")

    assert (answers.logins, len(answers.taken)) == (["ann"], 1)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    _, context = a_certificate_for_loopback(tmp_path)
    answers = Answers()

    with (
        mail_server(answers, ssl_context=context) as port,
        pytest.raises(ConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        send(f"smtps://127.0.0.1:{port}")

    assert answers.taken == []


def test_a_wrong_password_is_not_the_tasks_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = a_certificate_for_loopback(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))

    with (
        mail_server(Answers(), tls_context=context) as port,
        pytest.raises(smtplib.SMTPAuthenticationError),
    ):
        send(f"smtp://ann:wrong@127.0.0.1:{port}?starttls=1")


def test_a_server_without_starttls_gets_nothing_when_starttls_is_asked_for() -> None:
    answers = Answers()

    with mail_server(answers) as port, pytest.raises(smtplib.SMTPNotSupportedError):
        send(f"smtp://127.0.0.1:{port}?starttls=1")

    assert answers.taken == []


@pytest.mark.parametrize(
    ("url", "port"),
    [("smtp://mail", 25), ("smtps://mail", 465), ("smtp://mail?starttls=1", 587)],
)
def test_each_way_has_its_usual_port(url: str, port: int) -> None:
    assert SmtpServer.from_url(url).port == port


def test_user_and_password_are_percent_decoded_and_the_password_is_not_shown() -> None:
    server = SmtpServer.from_url("smtps://a%40b:p%2Fw%40@mail")

    assert (server.user, server.password) == ("a@b", "p/w@")
    assert "p/w@" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.org",
        "http://mail",
        "smtp://",
        "smtp://mail:99999",
        "smtp://mail?starttls=0",
        "smtps://mail?starttls=1",
        "smtp://ann:secret@mail",
        "smtps://ann:secret/word@mail",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadSetting, match=r"SMTP_URL=.* want smtp://host:25") as refusal:
        SmtpServer.from_url(url)

    assert "secret" not in "".join(traceback.format_exception(refusal.value))
