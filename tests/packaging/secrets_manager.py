"""Logins in a Secrets Manager, for functions whose settings point there."""

import json
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import boto3

from tests.packaging.aws_server import CREDENTIALS, REGION, Aws

PREFIXES = ("DUELINE_POSTGRES", "DUELINE_REDIS", "DUELINE_WORK_QUEUE")


class Secrets:
    """The secrets that an operator has made in `aws`."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._arns: dict[str, str] = {}  # by setting: DUELINE_REDIS_SECRET, ...
        self._manager = boto3.client(
            "secretsmanager",
            endpoint_url=aws.url,
            region_name=REGION,
            aws_access_key_id="operator",
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def close(self) -> None:
        self._manager.close()

    def keep_logins_of(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The same settings, with the logins of their URLs in secrets."""
        settings = dict(environment) | {"AWS_ENDPOINT_URL": self._aws.url}
        for prefix in PREFIXES:
            parts = urlsplit(environment[f"{prefix}_URL"])
            settings[f"{prefix}_URL"] = parts._replace(
                netloc=f"{parts.hostname}:{parts.port}"
            ).geturl()
            settings[f"{prefix}_SECRET"] = self._made(
                f"{prefix}_SECRET", unquote(parts.username or ""), unquote(parts.password or "")
            )
        return settings

    def setting_of(self, arn: str) -> str:
        """The setting whose value is that secret."""
        return next(setting for setting, made in self._arns.items() if made == arn)

    def change(self, username: str, password: str) -> None:
        """Put another login into every secret."""
        for arn in self._arns.values():
            self._manager.put_secret_value(SecretId=arn, SecretString=_text(username, password))

    def _made(self, setting: str, username: str, password: str) -> str:
        made = self._manager.create_secret(
            Name=setting.lower(), SecretString=_text(username, password)
        )
        self._arns[setting] = made["ARN"]
        return str(made["ARN"])


def _text(username: str, password: str) -> str:
    return json.dumps({"username": username, "password": password})
