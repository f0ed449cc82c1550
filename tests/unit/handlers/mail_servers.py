"""Real SMTP servers on loopback that answer as a test wants, with TLS and a password if asked."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from socket import create_server
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PASSWORD = "p@ss/word"


@dataclass
class Answers:
    """What the server answers, and what it got: goodbyes, messages, users with the password."""

    mail: str = "250 ok"
    rcpt: str = "250 ok"
    data: str = "250 ok"
    hangs_up_at_quit: bool = False
    goodbyes: int = 0
    taken: list[bytes] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802  aiosmtpd looks for these names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.mail_from = address
        return self.mail

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.taken.append(envelope.original_content or b"")
        return self.data

    async def handle_QUIT(  # noqa: N802
        self, server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        self.goodbyes += 1
        if self.hangs_up_at_quit and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "221 bye"

    def check_login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, login: Any
    ) -> AuthResult:
        if login != LoginPassword(b"ann", PASSWORD.encode()):
            return AuthResult(success=False, handled=False)
        self.logins.append(login.login.decode())
        return AuthResult(success=True)


@contextmanager
def mail_server(answers: Answers, **settings: Any) -> Iterator[int]:
    """A server on a free port, with aiosmtpd's settings; its port."""
    controller = Controller(
        answers,
        hostname="127.0.0.1",
        port=a_free_port(),
        server_hostname="localhost",
        authenticator=answers.check_login,
        **settings,
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def a_free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def a_certificate_for_loopback(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate that signs itself, in a file to trust, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    trusted, private = folder / "certificate.pem", folder / "key.pem"
    trusted.write_bytes(certificate.public_bytes(pem))
    private.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return trusted, context
