"""Names and arguments of everything that dueline declares in a broker.

RabbitMQ: messages of lane default.0 go to the direct exchange `dueline` with the routing key
`default.0`, and from there into the queue `dueline.default.0`. What a queue gives up on (20
deliveries that all ended badly) goes through the exchange `dueline.dead` into the queue
`dueline.dead`, where an operator can look at it; the task itself is repaired from PostgreSQL.

Lane queues are quorum queues, said outright: the default differs between RabbitMQ versions, and
so does the default of x-delivery-limit. Declaring is idempotent; a queue that exists with other
arguments is refused by the broker (PRECONDITION_FAILED) and left as it is.
"""

from typing import Any

from dueline.domain.lanes import Lane

EXCHANGE = "dueline"
DEAD_LETTERS = "dueline.dead"  # an exchange, and the queue behind it
MOST_DEAD_LETTERS = 100_000  # then the oldest goes: they are for reading, not for recovery
DELIVERY_LIMIT = 20
STREAM_GROUP = "execute"


def queue_name(lane: Lane) -> str:
    return f"dueline.{lane.name}"


def stream_key(lane: Lane) -> str:
    """The lane's Redis stream, under the same hash tag as its due buffer."""
    return f"{{dueline:{lane.name}}}:stream"


def queue_arguments() -> dict[str, Any]:
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD_LETTERS,
    }


def dead_letters_arguments() -> dict[str, Any]:
    return {"x-queue-type": "quorum", "x-max-length": MOST_DEAD_LETTERS}
