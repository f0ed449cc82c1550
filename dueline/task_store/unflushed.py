"""What spares a statement two of the three packets that its answer comes in."""

from typing import BinaryIO

FLUSH = b"H\x00\x00\x00\x04"  # the protocol's message Flush: send what you have, I shall read it


class Unflushed:
    """The file of a socket through which pg8000 talks to the server, less each Flush.

    pg8000 sends one after every message, and then a Sync, upon which the server sends what it has
    in any case; and only after the Sync does pg8000 read. With the Flush it is woken up for
    "bound", for "executed" and for "ready", and so is the server, to say so: a third of the
    driver's time with one task (docs/benchmarks/README.md).
    """

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read
        self.flush = file.flush
        self.close = file.close
        self._write = file.write

    def write(self, data: bytes) -> None:
        if data != FLUSH:
            self._write(data)
