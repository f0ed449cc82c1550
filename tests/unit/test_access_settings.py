"""Who is let in where nobody has said anything: nobody, but on a listener of this machine alone."""

from pathlib import Path

import pytest

from dueline.config import Settings
from dueline.domain.callers import Access
from dueline.domain.errors import BadSetting
from local.options import Options

SERVERS = {
    "DUELINE_POSTGRES_URL": "postgresql://x",
    "DUELINE_REDIS_URL": "redis://x",
    "DUELINE_WORK_QUEUE_URL": "amqp://x",
}


def functions_of(host: str, **environ: str) -> Settings:
    """The settings of the functions of a local run."""
    options = Options(data=Path("data"), host=host, environ=environ)
    options.check()
    return Settings.from_env(
        options.function_environment(
            postgres_url="postgresql://x",
            redis_url="redis://x",
            work_queue_url="amqp://x",
            smtp_url="smtp://x",
        )
    )


def test_a_deployment_is_closed_until_something_else_is_said() -> None:
    settings = Settings.from_env(SERVERS)

    assert settings.access is Access.KEYS
    assert settings.cors_origins == ()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_a_local_run_on_loopback_is_open_and_any_page_may_call_it(host: str) -> None:
    settings = functions_of(host)

    assert settings.access is Access.OPEN
    assert settings.cors_origins == ("*",)


def test_a_local_run_on_loopback_can_be_closed() -> None:
    assert functions_of("127.0.0.1", DUELINE_ACCESS="keys").access is Access.KEYS


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.1.5", "example.org", ""],  # noqa: S104 - nothing listens
)
def test_a_run_that_others_can_reach_does_not_start_until_it_is_said_who_may(host: str) -> None:
    with pytest.raises(BadSetting, match="DUELINE_ACCESS=keys"):
        functions_of(host)


@pytest.mark.parametrize("access", ["keys", "open"])
def test_a_run_that_others_can_reach_is_as_open_as_was_said(access: str) -> None:
    settings = functions_of("0.0.0.0", DUELINE_ACCESS=access)  # noqa: S104 - nothing listens

    assert settings.access == access
    assert settings.cors_origins == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DUELINE_ACCESS", "closed"),
        ("DUELINE_ACCESS", ""),
        ("DUELINE_IAM_TENANTS", "123456789012"),
        ("DUELINE_IAM_TENANTS", "123456789012=Acme Inc."),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Settings.from_env({**SERVERS, name: value})


def test_principals_have_tenants() -> None:
    env = {**SERVERS, "DUELINE_IAM_TENANTS": "arn:aws:iam::1:role/app=acme, 2=beta"}

    assert Settings.from_env(env).iam_tenants == {"arn:aws:iam::1:role/app": "acme", "2": "beta"}
