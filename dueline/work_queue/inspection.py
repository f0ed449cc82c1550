"""What `dueline doctor` asks of the server behind a work queue."""

import time
from datetime import timedelta

from dueline.work_queue.amqp_connection import AmqpConnection


def broker_version(url: str, *, answer_within: timedelta = timedelta(seconds=5)) -> str:
    """RabbitMQ's version. Raises BackendUnavailable("rabbitmq")."""
    until = time.monotonic() + answer_within.total_seconds()
    connection = AmqpConnection(url, name="dueline doctor", heartbeat=60, until=until)
    try:
        server = connection.channel.connection.server_properties
        return str(server["version"])
    finally:
        connection.close()
