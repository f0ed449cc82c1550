"""What a publisher knows of its messages from the broker's answers."""

from dueline.work_queue.confirms import Confirms
from dueline.work_queue.interface import Published

CONFIRMED, RETURNED, UNKNOWN = Published.CONFIRMED, Published.RETURNED, Published.UNKNOWN


def test_an_answer_for_many_settles_all_before_it() -> None:
    confirms = Confirms([b"a", b"b", b"c"])
    confirms.start(first_tag=7)

    confirms.confirmed(8, multiple=True)

    assert confirms.answers == [CONFIRMED, CONFIRMED, UNKNOWN]
    assert not confirms.complete()


def test_answers_come_in_any_order() -> None:
    confirms = Confirms([b"a", b"b", b"c"])
    confirms.start(first_tag=1)

    confirms.confirmed(3, multiple=False)
    confirms.confirmed(2, multiple=True)

    assert confirms.answers == [CONFIRMED] * 3
    assert confirms.complete()


def test_a_message_that_came_back_before_its_confirm_was_in_no_queue() -> None:
    confirms = Confirms([b"a", b"b"])
    confirms.start(first_tag=1)

    confirms.returned(b"b")
    confirms.confirmed(2, multiple=True)

    assert confirms.answers == [CONFIRMED, RETURNED]


def test_a_refused_message_is_answered_and_stays_unknown() -> None:
    confirms = Confirms([b"a", b"b"])
    confirms.start(first_tag=1)

    confirms.confirmed(1, multiple=False)
    confirms.refused(2, multiple=False)

    assert confirms.answers == [CONFIRMED, UNKNOWN]
    assert confirms.complete()


def test_a_second_try_publishes_only_what_has_no_answer() -> None:
    confirms = Confirms([b"a", b"b", b"c"])
    confirms.start(first_tag=5)
    confirms.confirmed(6, multiple=False)

    again = confirms.start(first_tag=1)
    confirms.confirmed(2, multiple=True)

    assert again == [b"a", b"c"]
    assert confirms.answers == [CONFIRMED] * 3


def test_an_answer_for_another_message_changes_nothing() -> None:
    confirms = Confirms([b"a"])
    confirms.start(first_tag=5)

    confirms.confirmed(4, multiple=True)
    confirms.confirmed(6, multiple=False)

    assert confirms.answers == [UNKNOWN]
