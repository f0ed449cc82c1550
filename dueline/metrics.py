"""Metrics in the log: CloudWatch's embedded metric format.

A log line that is one JSON object with `_aws` at its root becomes metrics of the numbers beside it
(Amazon CloudWatch User Guide, "Specification: Embedded metric format"). Lambda's JSON log format
puts what `extra` holds at the root.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_METRICS = 100  # of one line


def emf(
    namespace: str, counts: Mapping[str, int], *, now: datetime, event: str = "metrics"
) -> dict[str, object]:
    """What a line of log needs as `extra` so that the counts become metrics without dimensions.

    `lost_leases` becomes the metric LostLeases. Zeros are told too: so an alarm has something to
    look at, and knows silence from calm.
    """
    named = {_pascal(name): number for name, number in list(counts.items())[:MOST_METRICS]}
    return {
        "event": event,
        "_aws": {
            "Timestamp": (now - _EPOCH) // timedelta(milliseconds=1),
            "CloudWatchMetrics": [
                {
                    "Namespace": namespace,
                    "Dimensions": [[]],
                    "Metrics": [{"Name": name, "Unit": "Count"} for name in named],
                }
            ],
        },
        **named,
    }


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
