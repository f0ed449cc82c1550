"""Clients over HTTP, in a process of their own: within the harness's they would share its lock.

Run as `python -m bench.posting` it reads {url, path, clients, bodies} as JSON, sends every body
once, and prints the seconds that it took.
"""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from bench.system import Incomplete

ROOT = Path(__file__).parent.parent


def seconds_to_post(url: str, path: str, bodies: Sequence[str], *, clients: int = 1) -> float:
    """How long so many clients need for all bodies, each over one connection, one by one.

    Raises Incomplete if one of them is refused.
    """
    order = {"url": url, "path": path, "clients": clients, "bodies": bodies}
    command = [sys.executable, "-m", "bench.posting"]
    done = subprocess.run(
        command, input=json.dumps(order), capture_output=True, text=True, cwd=ROOT, check=False
    )
    if done.returncode:
        raise Incomplete(done.stderr.strip().rpartition("\n")[2])
    return float(done.stdout)


def _post_all(url: str, path: str, clients: int, bodies: Sequence[str]) -> float:
    shares = [bodies[client::clients] for client in range(clients)]
    with ThreadPoolExecutor(clients) as threads:
        began = time.perf_counter()
        list(threads.map(lambda share: _post(url, path, share), shares))
        return time.perf_counter() - began


def _post(url: str, path: str, bodies: Sequence[str]) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    for body in bodies:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = answer.read()
        if answer.status not in {200, 201}:
            raise Incomplete(f"{path}: {answer.status} {told[:200]!r}")
    connection.close()


if __name__ == "__main__":
    print(_post_all(**json.load(sys.stdin)))
