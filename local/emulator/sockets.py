"""How long a socket may keep its thread."""

import socket
import struct


def limit_waits(connection: socket.socket, seconds: int) -> None:
    """Make recv and send raise BlockingIOError when they waited so long.

    The kernel ends the wait (SO_RCVTIMEO, SO_SNDTIMEO). For Python's own time-out each call is
    two: whether it could be done is asked first, and another thread let in meanwhile.
    """
    timeval = struct.pack("ll", seconds, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeval)
