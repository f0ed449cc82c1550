"""Where a list goes on."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from dueline.domain.errors import InvalidRequest
from dueline.http_api.page_tokens import page_token, read_page_token

KEY = (datetime(2026, 6, 1, 12, 0, 0, 7, tzinfo=UTC), UUID(int=7))
KIND: type[tuple[datetime, UUID]] = tuple[datetime, UUID]
TOKEN = page_token("tasks status=failed", KEY)


def packed(value: object) -> str:
    return urlsafe_b64encode(msgspec.msgpack.encode(value)).decode()


def test_a_token_leads_back_to_its_key() -> None:
    assert read_page_token(TOKEN, "tasks status=failed", KIND) == KEY


def test_a_token_can_stand_in_a_url_as_it_is() -> None:
    assert TOKEN.isascii()
    assert TOKEN.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("listing", ["tasks", "tasks status=done", "schedules status=failed"])
def test_a_token_of_another_list_or_filter_is_refused(listing: str) -> None:
    with pytest.raises(InvalidRequest, match="another list or another filter") as caught:
        read_page_token(TOKEN, listing, KIND)

    assert (caught.value.code, caught.value.pointer) == ("INVALID_PAGE_TOKEN", "/page_token")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "zzzz",
        "é",
        "\ud800",
        TOKEN[:-3],
        TOKEN + "AAAA",
        packed(None),
        packed([b"12345678", ["2026-06-01T12:00:00Z", "not-a-uuid"]]),
        packed(["text", []]),
        page_token("tasks status=failed", ("'; DROP TABLE tasks", "x")),
        page_token("tasks status=failed", (KEY[0],)),
        page_token("tasks status=failed", (*KEY, 1)),
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_page_token(token, "tasks status=failed", KIND)

    assert caught.value.code == "INVALID_PAGE_TOKEN"
