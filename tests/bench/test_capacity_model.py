"""The model of capacity against what can be worked out by hand."""

import pytest

from bench.capacity_model import Costs, Load, Plant, Ran, burst, evenly, simulate

FREE = Costs()


def lateness(ran: Ran) -> list[float]:
    return [start.at - start.due for start in ran.starts]


def test_a_burst_takes_as_many_handler_times_as_each_thread_has_tasks() -> None:
    ran = simulate(Plant(threads=8), Load(dues=burst(80), handler=0.1), FREE)

    assert ran.ended == pytest.approx(80 / 8 * 0.1)
    assert ran.per_second() == pytest.approx(80)


def test_lanes_share_a_burst_and_the_fullest_decides() -> None:
    load = Load(dues=burst(8_000), handler=0.1)

    one, four = (simulate(Plant(lanes=lanes), load, FREE) for lanes in (1, 4))

    assert 3.5 < one.ended / four.ended < 4, "slots are drawn, so the shares are not quite equal"


def test_every_task_starts_once_and_none_early() -> None:
    costs = Costs(look=1e-4, round=1e-3, send=1e-5, invocation=1e-3, claim=1e-5, run=1e-4)
    dues = evenly(3_000, over=3, at=100)

    ran = simulate(Plant(lanes=3, processors=2), Load(dues=dues, handler=0.002), costs)

    assert sorted(start.due for start in ran.starts) == dues
    assert min(lateness(ran)) >= 0


def test_what_comes_while_a_batch_is_under_way_waits_for_its_slowest_task() -> None:
    load = Load(dues=[0.0, 0.5], handler=1.0)

    ran = simulate(Plant(threads=8), load, FREE)

    assert lateness(ran) == pytest.approx([0, 0.5]), "seven threads were free"


def test_a_second_environment_takes_it_at_once() -> None:
    load = Load(dues=[0.0, 0.5], handler=1.0)

    ran = simulate(Plant(threads=8, environments=2), load, FREE)

    assert lateness(ran) == pytest.approx([0, 0])


def test_an_event_holds_no_more_messages_than_its_batch_size() -> None:
    load = Load(dues=burst(400), handler=1.0)

    ends = [
        simulate(Plant(threads=1_000, page=100, batch=batch), load, FREE).ended
        for batch in (1, 2, 10)
    ]

    assert ends == pytest.approx([4, 2, 1])


def test_a_quiet_flow_is_one_task_a_message_so_a_small_batch_leaves_threads_idle() -> None:
    load = Load(dues=evenly(4_200, over=30), handler=0.1)

    small, large = (simulate(Plant(threads=16, batch=batch), load, FREE) for batch in (10, 32))

    assert small.per_second() == pytest.approx(10 / 0.1, rel=0.02), "16 threads could do 160"
    assert large.per_second() == pytest.approx(140, rel=0.01)
    assert max(lateness(large)) < 0.2 < max(lateness(small))


def test_an_interpreter_runs_one_thread_at_once_however_many_there_are() -> None:
    load = Load(dues=burst(100))

    ends = [simulate(Plant(threads=threads), load, Costs(run=0.01)).ended for threads in (1, 8, 64)]

    assert ends == pytest.approx([1, 1, 1])


def test_lanes_that_share_processors_are_no_faster_than_those() -> None:
    load, costs = Load(dues=burst(2_000)), Costs(run=0.01)

    alone = simulate(Plant(lanes=8), load, costs)
    shared = simulate(Plant(lanes=8, processors=2), load, costs)

    assert shared.ended == pytest.approx(2_000 * 0.01 / 2, rel=0.01)
    assert alone.ended < shared.ended / 3


def test_a_tick_that_needs_longer_for_its_round_than_the_lead_makes_tasks_late() -> None:
    load = Load(dues=evenly(1_000, over=1))

    on_time = simulate(Plant(lanes=4), load, Costs(look=0.001))
    late = simulate(Plant(lanes=100), load, Costs(look=0.001))

    assert max(lateness(on_time)) == pytest.approx(0)
    assert max(lateness(late)) > 0.04


def test_one_seed_gives_one_answer() -> None:
    load = Load(dues=evenly(500, over=1), handler=0.05)
    plant = Plant(lanes=4)

    runs = [simulate(plant, load, FREE, seed=seed).starts for seed in (7, 7, 8)]

    assert runs[0] == runs[1] != runs[2]
