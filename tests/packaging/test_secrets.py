"""Logins that are kept in Secrets Manager or the Parameter Store."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from dueline.config import Settings
from dueline.domain.errors import BackendUnavailable, BadSetting
from dueline.secrets import Login, fetch_secret, with_login
from tests.packaging.aws_server import CREDENTIALS

NO_SUCH_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:gone-AbCdEf"


class Vault:
    """Secrets that change, and a count of how often they were read."""

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)
        self.reads = 0

    def __call__(self, _name: str) -> str:
        text = self._texts[min(self.reads, len(self._texts) - 1)]
        self.reads += 1
        return text


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.mark.parametrize(
    ("secret", "url"),
    [
        (
            '{"username": "app", "password": "s3cret"}',
            "postgresql://app:s3cret@db:5432/d?sslmode=require",
        ),
        ('{"password": "s3cret"}', "postgresql://dueline:s3cret@db:5432/d?sslmode=require"),
        ("s3cret", "postgresql://dueline:s3cret@db:5432/d?sslmode=require"),
        (
            '{"username": "a@b", "password": "p/?#:%"}',
            "postgresql://a%40b:p%2F%3F%23%3A%25@db:5432/d?sslmode=require",
        ),
    ],
)
def test_a_login_is_put_into_the_url(secret: str, url: str) -> None:
    assert with_login("postgresql://dueline@db:5432/d?sslmode=require", secret) == url


def test_a_secret_is_read_once_for_as_long_as_it_is_good() -> None:
    vault = Vault("old")
    login = Login("redis://cache", "ssm:/redis", fetch=vault)

    assert {login.url() for _ in range(3)} == {"redis://:old@cache"}
    assert vault.reads == 1


def test_a_refused_login_is_renewed_when_the_secret_has_changed() -> None:
    login = Login("redis://cache", "ssm:/redis", fetch=Vault("old", "new"), ask_again_after=0.0)
    assert login.url() == "redis://:old@cache"

    assert login.renewed() == "redis://:new@cache"
    assert login.url() == "redis://:new@cache"
    assert login.renewed() is None


def test_a_wrong_password_does_not_become_a_storm_of_requests() -> None:
    vault = Vault("old", "new")
    login = Login("redis://cache", "ssm:/redis", fetch=vault)
    login.url()

    assert [login.renewed() for _ in range(100)] == [None] * 100
    assert vault.reads == 1


def test_a_secret_of_secrets_manager_is_read_by_its_arn(aws: None) -> None:
    text = json.dumps({"username": "app", "password": "s3cret"})
    arn = boto3.client("secretsmanager").create_secret(Name="db", SecretString=text)["ARN"]

    assert fetch_secret(arn) == text


def test_a_parameter_is_read_by_its_name_and_by_its_arn(aws: None) -> None:
    store = boto3.client("ssm")
    store.put_parameter(Name="/dueline/redis", Value="s3cret", Type="SecureString")
    arn = store.get_parameter(Name="/dueline/redis")["Parameter"]["ARN"]

    assert (fetch_secret("ssm:/dueline/redis"), fetch_secret(arn)) == ("s3cret", "s3cret")


def test_a_secret_that_cannot_be_read_is_an_unavailable_server(aws: None) -> None:
    with pytest.raises(BackendUnavailable, match=r"cannot read .*gone-AbCdEf"):
        fetch_secret(NO_SUCH_SECRET)


def test_a_secret_that_is_neither_is_refused_unseen_with_what_is_wanted() -> None:
    env = {
        "DUELINE_POSTGRES_URL": "postgresql://db/d",
        "DUELINE_REDIS_URL": "redis://cache",
        "DUELINE_WORK_QUEUE_URL": "amqps://broker",
        "DUELINE_REDIS_SECRET": "hunter2",
    }

    with pytest.raises(BadSetting, match=r"DUELINE_REDIS_SECRET.*the ARN of a secret") as refused:
        Settings.from_env(env)

    assert "hunter2" not in str(refused.value)
