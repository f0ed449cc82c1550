import json
from datetime import timedelta
from socket import create_server

import pytest
import urllib3

from dueline.handler import GiveUp, RetryLater
from handlers.http import post

from .factories import TASK_ID, AContext, a_task
from .mail_servers import a_free_port
from .receivers import a_receiver

RFC_DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
TWO_MINUTES_LATER = "Wed, 21 Oct 2026 07:30:00 GMT"


def send(url: str, body: object = None, *, left: timedelta = timedelta(seconds=5)) -> object:
    return post(a_task({"url": url, "body": body}, type="http"), AContext(left=left))


def test_the_body_is_posted_as_json_under_the_tasks_id() -> None:
    with a_receiver(202, body=b"thanks") as receiver:
        result = send(f"{receiver.url}/hook?a=1", {"order": 7, "who": "Jürgen"})

    (request,) = receiver.received
    assert result == {"status": 202, "body": "thanks"}
    assert (request.method, request.path) == ("POST", "/hook?a=1")
    assert json.loads(request.body) == {"order": 7, "who": "Jürgen"}
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == TASK_ID


def test_of_a_long_answer_only_the_first_kilobyte_is_kept() -> None:
    with a_receiver(body=b"x" * 3_000_000) as receiver:
        result = send(receiver.url)

    assert result == {"status": 200, "body": "x" * 1024}


def test_an_answer_that_is_not_text_still_makes_a_result_that_can_be_stored() -> None:
    with a_receiver(body=b"a\x00b\xff") as receiver:
        result = send(receiver.url)

    assert result == {"status": 200, "body": "a\ufffdb\ufffd"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422])
def test_most_4xx_answers_are_final(status: int) -> None:
    with a_receiver(status) as receiver, pytest.raises(GiveUp, match=f"answered {status}"):
        send(receiver.url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with (
        a_receiver() as elsewhere,
        a_receiver(status, headers={"Location": elsewhere.url}) as receiver,
        pytest.raises(GiveUp, match="redirects are not followed"),
    ):
        send(receiver.url)

    assert elsewhere.received == []
    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_worth_another_attempt(status: int) -> None:
    with a_receiver(status) as receiver, pytest.raises(RuntimeError, match=f"answered {status}"):
        send(receiver.url)

    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "120"}, timedelta(minutes=2)),
        ({"Retry-After": TWO_MINUTES_LATER, "Date": RFC_DATE}, timedelta(minutes=2)),
        ({"Retry-After": "9" * 5_000}, timedelta(hours=1)),
        ({"Retry-After": RFC_DATE, "Date": TWO_MINUTES_LATER}, timedelta(0)),
    ],
    ids=["seconds", "date", "longest", "past"],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(status: int, headers: dict[str, str], wait: timedelta) -> None:
    with a_receiver(status, headers=headers) as receiver, pytest.raises(RetryLater) as later:
        send(receiver.url)

    assert later.value.after == wait


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "soon"},
        {"Retry-After": "-5"},
        {"Retry-After": TWO_MINUTES_LATER},
        {"Retry-After": TWO_MINUTES_LATER, "Date": "Wed, 21 Oct 2026 07:28:00 -0000"},
    ],
    ids=["word", "negative", "no date to compare with", "zone unknown"],
)
def test_a_retry_after_that_cannot_be_read_leaves_the_delay_to_the_policy(
    headers: dict[str, str],
) -> None:
    with a_receiver(503, headers=headers) as receiver, pytest.raises(RuntimeError):
        send(receiver.url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/hook",
        "ftp://example.org",
        "file:///etc/passwd",
        "http://",
        "http:///path",
        "http://user:secret@example.org/",
        "http://[::1",
        "http://example.org:99999/",
        "http://exa mple.org/",
    ],
)
def test_a_url_that_cannot_be_posted_to_is_given_up_without_a_word_of_it(url: str) -> None:
    with pytest.raises(GiveUp, match="url: ") as refusal:
        send(url)

    assert "secret" not in str(refusal.value)


def test_errors_show_the_host_but_not_the_path_which_may_be_a_secret() -> None:
    with a_receiver(500) as receiver, pytest.raises(RuntimeError) as failure:
        send(f"{receiver.url}/services/T0/secret?token=secret")

    assert receiver.url in str(failure.value)
    assert "secret" not in str(failure.value)


def test_a_receiver_that_is_not_there_is_worth_another_attempt() -> None:
    port = a_free_port()

    with pytest.raises(urllib3.exceptions.NewConnectionError, match=str(port)) as failure:
        send(f"http://127.0.0.1:{port}/secret")

    assert "secret" not in str(failure.value)


def test_a_silent_receiver_is_left_when_the_attempts_time_is_over() -> None:
    with (
        create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(urllib3.exceptions.ReadTimeoutError),
    ):
        send(f"http://127.0.0.1:{silent.getsockname()[1]}/", left=timedelta(milliseconds=50))
