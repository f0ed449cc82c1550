"""Logins that lie in AWS Secrets Manager or the SSM Parameter Store instead of in a URL.

A setting such as DUELINE_POSTGRES_SECRET says where: the ARN of a secret, the ARN of a
parameter, or `ssm:` and a parameter's name. The text found there is the JSON that RDS and Amazon
MQ use, {"username": ..., "password": ...}, or a password alone.

botocore is part of Lambda's Python, not of dueline: 200 ms of a cold start that only those pay
who keep a login there.
"""

import json
import re
import time
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from dueline.domain.errors import BackendUnavailable, DuelineError

ASK_AGAIN_SECONDS = 5.0  # a wrong password must not become a storm of requests
ANSWER_SECONDS = 2.0

_ARN = re.compile(r"arn:[^:]+:(?P<service>secretsmanager|ssm):(?P<region>[^:]+):[^:]*:(?P<rest>.+)")
_NAMED_PARAMETER = re.compile(r"ssm:(?P<name>.+)")

WANTED_NAME = "the ARN of a secret or a parameter, or ssm:/its/name"


def is_secret_name(text: str) -> bool:
    """Whether `text` can be the value of a ..._SECRET setting."""
    return bool(_ARN.fullmatch(text) or _NAMED_PARAMETER.fullmatch(text))


def fetch_secret(name: str) -> str:
    """The text of the secret or parameter. Raises BackendUnavailable("aws")."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise DuelineError(f"to read {name}, install botocore (pip install botocore)") from error
    try:
        return _read(name)
    except (BotoCoreError, ClientError) as error:
        raise BackendUnavailable("aws", f"cannot read {name}: {error}") from error


class Login:
    """A server's URL with the user and password of a secret in it.

    The secret is read when first needed and kept for as long as the process lives; `renewed`
    reads it again.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        fetch: Callable[[str], str] = fetch_secret,
        ask_again_after: float = ASK_AGAIN_SECONDS,
    ) -> None:
        self._url = url
        self._secret = secret
        self._fetch = fetch
        self._ask_again_after = ask_again_after
        self._fetched_at = 0.0
        self._text: str | None = None

    def url(self) -> str:
        """The whole URL. Raises BackendUnavailable("aws") if the secret cannot be read."""
        if self._text is None:
            self._text = self._fetched()
        return with_login(self._url, self._text)

    def renewed(self) -> str | None:
        """For a server that refused the login: the URL with a newer one, None if there is none.

        Never raises: the caller's own error says enough.
        """
        if time.monotonic() - self._fetched_at < self._ask_again_after:
            return None
        try:
            text = self._fetched()
        except BackendUnavailable:
            return None
        if text == self._text:
            return None
        self._text = text
        return with_login(self._url, text)

    def _fetched(self) -> str:
        self._fetched_at = time.monotonic()  # measures a pause; no instant is read
        return self._fetch(self._secret)


def with_login(url: str, secret: str) -> str:
    """`url` with the user and password that the text of a secret holds, percent-encoded."""
    username, password = _user_and_password(secret)
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name = quote(username, safe="") if username else user.partition(":")[0]
    return parts._replace(netloc=f"{name}:{quote(password, safe='')}@{host}").geturl()


def _user_and_password(secret: str) -> tuple[str, str]:
    try:
        match json.loads(secret):
            case {"password": str(password), **rest}:
                return str(rest.get("username", "")), password
    except ValueError:
        pass  # no JSON: the text is the password
    return "", secret


def _read(name: str) -> str:
    if parameter := _NAMED_PARAMETER.fullmatch(name):
        return _parameter(_client("ssm", None), parameter["name"])
    arn = _ARN.fullmatch(name)
    if arn is None:
        raise DuelineError(f"{name!r} is not {WANTED_NAME}")
    client = _client(arn["service"], arn["region"])
    if arn["service"] == "ssm":
        return _parameter(client, name)
    return str(client.get_secret_value(SecretId=name)["SecretString"])


def _parameter(client: Any, name: str) -> str:
    return str(client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


@cache
def _client(service: str, region: str | None) -> Any:
    import botocore.config
    import botocore.session

    patience = botocore.config.Config(
        connect_timeout=ANSWER_SECONDS,
        read_timeout=ANSWER_SECONDS,
        retries={"total_max_attempts": 2, "mode": "standard"},
    )
    session = botocore.session.get_session()
    return session.create_client(service, region_name=region, config=patience)
