"""AMQP frames of messages that go to one place, made to be sent in one piece.

pika marshals and sends three frames for each message, which in a burst costs more than all else.
Here two of the three are made once (AMQP 0-9-1 §4.2.6: method, header with the length, body).
"""

from pika import BasicProperties, frame, spec

FRAME_OVERHEAD = spec.FRAME_HEADER_SIZE + spec.FRAME_END_SIZE


class MessageFrames:
    """For persistent, mandatory messages to one routing key on one channel."""

    def __init__(
        self, *, channel_number: int, frame_max: int, exchange: str, routing_key: str
    ) -> None:
        self._channel_number = channel_number
        self._most = frame_max - FRAME_OVERHEAD  # bytes of a body in one frame
        self._properties = BasicProperties(
            content_type="application/json", delivery_mode=spec.PERSISTENT_DELIVERY_MODE
        )
        publish = spec.Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=True)
        self._method: bytes = frame.Method(channel_number, publish).marshal()
        self._heads: dict[int, bytes] = {}  # by length of the body

    def of(self, body: bytes) -> bytes:
        """All frames of one message."""
        head = self._heads.get(len(body)) or self._head(len(body))
        return head + b"".join(
            frame.Body(self._channel_number, body[start : start + self._most]).marshal()
            for start in range(0, len(body), self._most)
        )

    def _head(self, length: int) -> bytes:
        header: bytes = frame.Header(self._channel_number, length, self._properties).marshal()
        self._heads[length] = self._method + header
        return self._heads[length]
