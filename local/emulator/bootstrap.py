"""The first code in an environment's process: hand over to AWS's own runtime client.

Run as `python -m local.emulator.bootstrap <lifeline> <handler>` with the task root as current
folder. `lifeline` is the number of an inherited socket whose other end only the platform holds.
"""

import os
import runpy
import signal
import socket
import sys
import threading
from pathlib import Path

PORTABLE = Path(__file__).parent / "portable"


def main(lifeline: int, handler: str) -> None:
    """Serve invocations until the platform ends the process, or is gone itself."""
    end_with_the_platform(socket.socket(fileno=lifeline))
    # Last in line, so that the compiled client is taken wherever its wheel exists.
    sys.path.append(str(PORTABLE))
    sys.argv = ["awslambdaric", handler]
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)


def end_with_the_platform(lifeline: socket.socket) -> None:
    """Kill this process and its children when the platform dies, even in mid-handler.

    Waiting for the next event, the client would notice a closed connection; a handler would not.
    """
    lifeline.set_inheritable(False)  # children must not keep it open after us

    def wait_for_the_end() -> None:
        lifeline.recv(1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait_for_the_end, name="lifeline", daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
