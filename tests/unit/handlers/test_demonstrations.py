"""echo, fail, flaky and slow: the handlers that show how dueline behaves."""

from datetime import timedelta

import pytest

from dueline.handler import GiveUp, HandlerFunction
from handlers.echo import echo
from handlers.fail import fail
from handlers.flaky import flaky
from handlers.slow import slow

from .factories import AContext, a_task


@pytest.mark.parametrize("payload", [{"a": [1, None, "ü"]}, [], "text", None])
def test_echo_returns_what_it_was_given(payload: object) -> None:
    assert echo(a_task(payload), AContext()) == payload


def test_fail_fails_in_a_way_that_is_tried_again() -> None:
    with pytest.raises(RuntimeError, match="attempt 3 failed"):
        fail(a_task({}, attempt=3), AContext())


def test_fail_gives_up_when_it_is_told_to() -> None:
    with pytest.raises(GiveUp):
        fail(a_task({"give_up": True}), AContext())


def test_flaky_fails_twice_unless_told_otherwise() -> None:
    for attempt in (1, 2):
        with pytest.raises(RuntimeError, match=f"attempt {attempt} failed"):
            flaky(a_task({}, attempt=attempt), AContext())

    assert flaky(a_task({}, attempt=3), AContext()) == {"attempt": 3}


def test_flaky_counts_the_failures_that_its_payload_asks_for() -> None:
    with pytest.raises(RuntimeError):
        flaky(a_task({"failures": 1}, attempt=1), AContext())

    assert flaky(a_task({"failures": 1}, attempt=2), AContext()) == {"attempt": 2}


def test_slow_takes_the_time_that_its_payload_asks_for() -> None:
    result = slow(a_task({"seconds": 0.03}), AContext())

    assert result["cancelled"] is False
    assert 0.03 <= result["seconds"] < 1


def test_slow_stops_soon_after_its_result_is_no_longer_wanted() -> None:
    answers = iter([False, True, True])

    result = slow(a_task({"seconds": 3600}), AContext(is_cancelled=lambda: next(answers)))

    assert result["cancelled"] is True
    assert timedelta(seconds=result["seconds"]) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("run", "payload", "field"),
    [
        (fail, {"give_up": "yes"}, "give_up"),
        (flaky, {"failures": -1}, "failures"),
        (flaky, {"failure": 1}, "failure"),
        (slow, {"seconds": "2"}, "seconds"),
        (slow, {"seconds": 3601}, "seconds"),
        (slow, None, "object"),
    ],
)
def test_a_wrong_payload_is_given_up_with_a_word_about_the_field(
    run: HandlerFunction, payload: object, field: str
) -> None:
    with pytest.raises(GiveUp, match=field):
        run(a_task(payload, type="slow"), AContext())
