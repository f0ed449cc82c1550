"""The PostgreSQL URL and its options."""

import pytest

from dueline.domain.errors import BadSetting
from dueline.task_store.postgres_url import PostgresUrl


def test_every_part_of_the_url_is_read() -> None:
    url = PostgresUrl.parse("postgresql://me%40x:p%3Aq%2F%C3%BC@db.example:6000/tasks?pooled=true")

    assert (url.user, url.password) == ("me@x", "p:q/ü")
    assert (url.host, url.port, url.database) == ("db.example", 6000, "tasks")
    assert url.pooled


def test_what_is_left_out_has_a_default() -> None:
    url = PostgresUrl.parse("postgresql://me@[::1]")

    assert (url.host, url.port, url.database, url.password) == ("::1", 5432, "me", "")
    assert (url.pooled, url.tls, url.tls_context()) == (False, False, False)


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_tls_always_verifies_certificate_and_host_name(mode: str) -> None:
    context = PostgresUrl.parse(f"postgresql://me@db/tasks?sslmode={mode}").tls_context()

    assert not isinstance(context, bool)
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"


@pytest.mark.parametrize(
    ("url", "want"),
    [
        ("mysql://me:secret@db/tasks", "postgresql://"),
        ("postgresql:///tasks", "postgresql://"),
        ("postgresql://db:5432/tasks", "postgresql://"),
        ("postgresql://me:secret@db:port/tasks", "port"),
        ("postgresql://me:secret@db/tasks?sslmode=prefer", "sslmode=require"),
        ("postgresql://me:secret@db/tasks?pooled=1", "pooled=true"),
        ("postgresql://me:secret@db/tasks?sslmod=require", "sslmod"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url: str, want: str) -> None:
    with pytest.raises(BadSetting, match=want) as raised:
        PostgresUrl.parse(url)

    assert "DUELINE_POSTGRES_URL" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(PostgresUrl.parse("postgresql://me:secret@db/tasks"))
