"""The SMTP server that SMTP_URL names."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from dueline.config import masked
from dueline.domain.errors import BadSetting

WANTED = (
    "smtp://host:25, smtps://user:password@host:465 or smtp://user:password@host:587?starttls=1 "
    "(a password only with TLS, its special characters percent-encoded)"
)
SCHEMES = {("smtp", ""): 25, ("smtp", "starttls=1"): 587, ("smtps", ""): 465}  # (…, query): port


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail is handed in, and how."""

    host: str
    port: int
    tls: bool  # from the first byte on (RFC 8314)
    starttls: bool  # by STARTTLS (RFC 3207); a server that does not offer it is an error
    user: str
    password: str = field(repr=False)

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """Raises BadSetting, with the password masked, for anything but WANTED."""
        try:
            parts = urlsplit(url)
            usual_port = SCHEMES[parts.scheme, parts.query]
            port = parts.port or usual_port
        except (ValueError, KeyError):
            # Their own texts may quote a piece of the password, and tracebacks are stored.
            raise BadSetting("SMTP_URL", masked(url), WANTED) from None
        in_clear = usual_port == SCHEMES["smtp", ""]
        if not parts.hostname or (parts.password and in_clear):
            raise BadSetting("SMTP_URL", masked(url), WANTED)
        return cls(
            host=parts.hostname,
            port=port,
            tls=parts.scheme == "smtps",
            starttls=parts.query != "",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )
