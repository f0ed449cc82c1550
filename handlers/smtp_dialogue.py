"""Handing one message to an SMTP server (RFC 5321)."""

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from dueline.handler import GiveUp
from handlers.smtp_server import SmtpServer

if TYPE_CHECKING:
    import smtplib
    import ssl
    from email.message import EmailMessage


def hand_in(message: "EmailMessage", server: SmtpServer, *, timeout: timedelta) -> None:
    """Return once the server has taken the message. `timeout` bounds each step of the dialogue.

    Raises GiveUp where the server answers the message with 5xx, which is permanent (RFC 5321
    section 4.2.1). All else, a wrong password among it, is worth a later attempt: it raises
    what smtplib raises, or ConnectionError.
    """
    import smtplib  # 30 ms with what it imports; only a process that sends mail should pay them

    client = _connect(server, timeout)
    try:
        if server.starttls:
            client.starttls(context=_tls_context())
        if server.user:
            client.login(server.user, server.password)
        client.send_message(message)
        # The message is taken: trouble with the goodbye must not send it a second time.
        with suppress(smtplib.SMTPException):
            client.quit()
    except smtplib.SMTPRecipientsRefused as error:
        for code, text in error.recipients.values():
            _give_up_if_permanent(code, text)
        raise
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        _give_up_if_permanent(error.smtp_code, error.smtp_error)
        raise
    finally:
        client.close()


def _connect(server: SmtpServer, timeout: timedelta) -> "smtplib.SMTP":
    import smtplib  # see hand_in

    where, seconds = (server.host, server.port), timeout.total_seconds()
    try:
        if server.tls:
            return smtplib.SMTP_SSL(*where, timeout=seconds, context=_tls_context())
        return smtplib.SMTP(*where, timeout=seconds)
    except OSError as error:  # smtplib's own errors are OSErrors too
        raise ConnectionError(f"no SMTP server at {server.host}:{server.port}: {error}") from error


def _tls_context() -> "ssl.SSLContext":
    import ssl  # see hand_in

    return ssl.create_default_context()


def _give_up_if_permanent(code: int, text: bytes | str) -> None:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    if code >= 500:
        raise GiveUp(f"the SMTP server refuses the message for good: {code} {said}")
