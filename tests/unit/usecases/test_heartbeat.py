"""What a tick says of itself."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from dueline.domain.lanes import LaneMap
from dueline.metrics import emf
from dueline.stats_store.interface import SILENT_AFTER
from dueline.stats_store.memory import MemoryStatsStore
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.heartbeat import BEAT_EVERY, FOLDED_AT_ONCE, MOST_FOLDS, Heartbeat
from tests.factories import NOON, SECOND

LANES = LaneMap({"default": 2}).all()


def test_a_few_beats_may_be_missed_before_a_lane_is_silent() -> None:
    assert 3 * BEAT_EVERY < SILENT_AFTER


def test_a_beat_comes_in_time_and_tells_only_what_is_new() -> None:
    stats = MemoryStatsStore(MemoryTaskStore())
    heart = Heartbeat(LANES, stats=stats, namespace="")

    heart.in_time({"overdue": 1}, now=NOON)
    heart.in_time({"overdue": 3}, now=NOON + BEAT_EVERY - SECOND)
    assert set(stats.beats().values()) == {NOON}

    heart.in_time({"overdue": 4}, now=NOON + BEAT_EVERY)
    heart.last({"overdue": 6}, now=NOON + BEAT_EVERY + SECOND)

    assert stats.beats() == dict.fromkeys(["default.0", "default.1"], NOON + BEAT_EVERY + SECOND)
    assert stats.installation(now=NOON).counters == {"overdue": 6}


class Endless(MemoryStatsStore):
    """There is always more to fold."""

    folds = 0

    def fold(self, **_: Any) -> int:
        self.folds += 1
        return FOLDED_AT_ONCE


def test_folding_does_not_keep_a_tick_from_its_work() -> None:
    stats = Endless(MemoryTaskStore())

    Heartbeat(LANES, stats=stats, namespace="").in_time({}, now=NOON)

    assert stats.folds == MOST_FOLDS


def test_metrics_go_to_the_log_where_a_namespace_is_set(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    stats = MemoryStatsStore(MemoryTaskStore())

    Heartbeat(LANES, stats=stats, namespace="").in_time({"sent": 1}, now=NOON)
    assert caplog.records == []

    Heartbeat(LANES, stats=stats, namespace="prod").in_time({"lost_leases": 2}, now=NOON)
    [record] = caplog.records
    assert vars(record)["LostLeases"] == 2
    assert vars(record)["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "prod"


def test_a_line_has_the_embedded_metric_format() -> None:
    line = emf("prod", {"sent": 0, "lost_leases": 2}, now=NOON + timedelta(milliseconds=5))

    assert json.loads(json.dumps(line)) == {
        "event": "metrics",
        "_aws": {
            "Timestamp": 1_780_315_200_005,
            "CloudWatchMetrics": [
                {
                    "Namespace": "prod",
                    "Dimensions": [[]],
                    "Metrics": [
                        {"Name": "Sent", "Unit": "Count"},
                        {"Name": "LostLeases", "Unit": "Count"},
                    ],
                }
            ],
        },
        "Sent": 0,
        "LostLeases": 2,
    }
