"""Declaring the topology on a connection: each time anew, since a broker may have lost it."""

from dueline.domain.lanes import Lane
from dueline.work_queue import topology
from dueline.work_queue.amqp_connection import AmqpConnection


def declare_exchanges(connection: AmqpConnection, *, until: float) -> None:
    """The exchanges and the dead-letter queue, which all lanes share."""
    channel = connection.channel
    for exchange, kind in ((topology.EXCHANGE, "direct"), (topology.DEAD_LETTERS, "fanout")):
        connection.ask(
            channel.exchange_declare,
            until=until,
            exchange=exchange,
            exchange_type=kind,
            durable=True,
        )
    connection.ask(
        channel.queue_declare,
        until=until,
        queue=topology.DEAD_LETTERS,
        durable=True,
        arguments=topology.dead_letters_arguments(),
    )
    connection.ask(
        channel.queue_bind, until=until, queue=topology.DEAD_LETTERS, exchange=topology.DEAD_LETTERS
    )


def declare_queue(connection: AmqpConnection, lane: Lane, *, until: float) -> int:
    """The lane's queue and its binding. Returns how many messages are ready in it."""
    channel, queue = connection.channel, topology.queue_name(lane)
    declared = connection.ask(
        channel.queue_declare,
        until=until,
        queue=queue,
        durable=True,
        arguments=topology.queue_arguments(),
    )
    connection.ask(
        channel.queue_bind,
        until=until,
        queue=queue,
        exchange=topology.EXCHANGE,
        routing_key=lane.name,
    )
    return int(declared.message_count)
