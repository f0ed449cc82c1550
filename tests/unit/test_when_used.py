"""An adapter that is made at its first use."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from dueline.when_used import WhenUsed

THREADS = 8


def counting(made: list[object]) -> Callable[[], list[str]]:
    def make() -> list[str]:
        made.append(object())
        return ["first"]

    return make


def test_nothing_is_made_before_something_is_asked() -> None:
    made: list[object] = []

    adapter = WhenUsed(counting(made))

    assert made == []
    assert adapter.index("first") == 0
    assert len(made) == 1


def test_threads_that_ask_at_once_share_one_adapter() -> None:
    made: list[object] = []
    adapter, all_there = WhenUsed(counting(made)), Barrier(THREADS)

    def ask(_: int) -> int:
        all_there.wait()
        return int(adapter.count("first"))

    with ThreadPoolExecutor(THREADS) as threads:
        assert list(threads.map(ask, range(THREADS))) == [1] * THREADS
    assert len(made) == 1


def test_a_failure_to_make_it_is_the_caller_s_and_the_next_use_tries_again() -> None:
    answers = iter([None, ["first"]])

    def make() -> list[str]:
        if (answer := next(answers)) is None:
            raise ConnectionError("not yet")
        return answer

    adapter = WhenUsed(make)

    with pytest.raises(ConnectionError):
        adapter.count("first")
    assert adapter.count("first") == 1
