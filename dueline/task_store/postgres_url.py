"""The PostgreSQL URL: postgresql://user:password@host:port/database?sslmode=…&pooled=…"""

import ssl
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from dueline.config import masked
from dueline.domain.errors import BadSetting

SETTING = "DUELINE_POSTGRES_URL"
_OPTIONS = {"sslmode", "sslrootcert", "pooled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresUrl:
    """Where the server is and how to speak to it.

    sslmode      disable (default), require or verify-full. The last two are one here: the server's
                 certificate and host name are always checked, against `sslrootcert` (a file of
                 CA certificates) or else the system's.
    pooled=true  a transaction pooler (pgbouncer, RDS Proxy) is between: nothing is kept in the
                 session, and each statement is sent inside BEGIN and COMMIT.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    tls: bool
    root_certificates: str | None
    pooled: bool

    @classmethod
    def parse(cls, url: str) -> "PostgresUrl":
        """Raises BadSetting, without the password, for what cannot be used."""
        try:
            parts = urlsplit(url)
            port = parts.port or 5432
        except ValueError as error:
            raise _bad(url, f"a URL that can be read ({error})") from None
        if parts.scheme != "postgresql" or not parts.hostname or not parts.username:
            raise _bad(url, "postgresql://user:password@host:port/database")
        options = _options(url, parts)
        user = unquote(parts.username)
        return cls(
            host=parts.hostname,
            port=port,
            user=user,
            password=unquote(parts.password or ""),
            database=unquote(parts.path.removeprefix("/")) or user,
            tls=options.get("sslmode", "disable") != "disable",
            root_certificates=options.get("sslrootcert"),
            pooled=options.get("pooled", "false") == "true",
        )

    def tls_context(self) -> ssl.SSLContext | bool:
        """What pg8000 takes as ssl_context: a context that verifies, or False for clear text.

        Never None or True, which pg8000 reads as "any certificate will do".
        """
        return ssl.create_default_context(cafile=self.root_certificates) if self.tls else False


def _options(url: str, parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query))
    if unknown := options.keys() - _OPTIONS:
        raise _bad(url, f"no option but {', '.join(sorted(_OPTIONS))} (not {min(unknown)})")
    if options.get("sslmode", "disable") not in {"disable", "require", "verify-full"}:
        raise _bad(url, "sslmode=disable, sslmode=require or sslmode=verify-full")
    if options.get("pooled", "false") not in {"true", "false"}:
        raise _bad(url, "pooled=true or pooled=false")
    return options


def _bad(url: str, want: str) -> BadSetting:
    return BadSetting(SETTING, masked(url), want)
