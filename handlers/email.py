"""email: sends one message to one recipient by SMTP.

Settings, read at each call: SMTP_URL (see smtp_server.py), MAIL_FROM, and MAIL_TO for payloads that
name no recipient. One task per recipient, so that each is tried again by itself.
"""

import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from dueline.domain.errors import BadSetting
from dueline.domain.retry import RetryPolicy
from dueline.handler import JSON, Context, GiveUp, TaskView, handler
from handlers.payloads import read_payload
from handlers.smtp_dialogue import hand_in
from handlers.smtp_server import SmtpServer

if TYPE_CHECKING:
    from email.message import EmailMessage

# One plain address, without display name, quoting or comment: the dot-string and the domain of
# RFC 5321, in Unicode (RFC 6531), but for "?", which begins and ends encoded words in headers.
ATOM, LABEL = r"[\w!#$%&'*+/=^`{|}~-]+", r"[\w-]+"
ADDRESS = re.compile(rf"{ATOM}(\.{ATOM})*@{LABEL}(\.{LABEL})*")
LONGEST_STEP = timedelta(seconds=30)  # of the SMTP dialogue: no thread hangs on a dead server


class Email(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    subject: str
    to: str | None = None  # None: MAIL_TO
    body: str = ""
    html: str | None = None  # shown instead of body by readers that can


# Greylisting servers (RFC 6647) turn a first attempt down for minutes.
@handler("email", retry=RetryPolicy(max_attempts=8, base=timedelta(seconds=30)))
def send_email(task: TaskView, context: Context) -> JSON:
    email = read_payload(task, Email)
    _check(email)
    server = SmtpServer.from_url(os.environ.get("SMTP_URL", ""))
    to = email.to or _address_setting("MAIL_TO")
    message = _message(task, email, sender=_address_setting("MAIL_FROM"), to=to)
    hand_in(message, server, timeout=min(context.remaining(), LONGEST_STEP))
    return {"message_id": message["Message-ID"], "to": to}


def _check(email: Email) -> None:
    # splitlines knows every character that the email package takes for a line break.
    if email.subject.splitlines() not in ([], [email.subject]):
        raise GiveUp("subject: a line break would begin another header; leave it out")
    if email.to is not None and not ADDRESS.fullmatch(email.to):
        raise GiveUp(f"to: {email.to!r} is not one plain address such as ann@example.org")


def _address_setting(name: str) -> str:
    value = os.environ.get(name, "")
    if not ADDRESS.fullmatch(value):
        raise BadSetting(name, value, "one plain address such as ann@example.org")
    return value


def _message(task: TaskView, email: Email, *, sender: str, to: str) -> "EmailMessage":
    """The mail. Its Message-ID is the same at each attempt, so that a repeat can be recognised."""
    from email.message import EmailMessage  # 20 ms that only a process that sends mail should pay
    from email.utils import format_datetime

    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = email.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{task.id}@{sender.rpartition('@')[2]}>"
    message.set_content(email.body)
    if email.html is not None:
        message.add_alternative(email.html, subtype="html")
    return message
