"""`python -m local`: what the Makefile's run-local, status, stop and reset call, and containers.

run: everything. worker: the execute functions alone. api: the HTTP API alone, in this process.
"""

import argparse
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from dueline.domain.errors import DuelineError
from local import banner, run_file
from local.emulator.http_server import PortTaken
from local.harness import Harness
from local.options import Options
from local.services.ports import holder
from local.task_log import TaskLog

ENDED_WRONGLY = 1
CANNOT_START = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 ended as asked, 1 nothing is running (status), 2 could not start."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=("run", "worker", "api", "status", "stop", "reset"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8080")))
    parser.add_argument("--host", default=os.environ.get("HOST_ADDRESS", "127.0.0.1"))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DATA", ".dueline")))
    parser.add_argument("--execute", type=int, default=int(os.environ.get("EXECUTE", "1")))
    chosen = parser.parse_args(arguments)
    options = Options(
        data=chosen.data.resolve(),
        port=chosen.port,
        host=chosen.host,
        execute=chosen.execute,
        environ=os.environ,
    )
    match chosen.command:
        case "status":
            return _status(options.data)
        case "stop":
            return _stop(options.data)
        case "reset":
            return _stop(options.data) or _delete(options.data)
        case "api":
            return _serve_api(options)
        case command:
            return _run(options, worker=command == "worker")


def _run(options: Options, *, worker: bool) -> int:
    running = run_file.read(options.data)
    if running and not worker:
        print(banner.status(running))
        print("It runs already. `make stop` ends it; DATA=other PORT=8090 starts another.")
        return 0
    begun = time.monotonic()
    log = TaskLog(_say)
    asked_to_stop = _asked_to_stop()
    harness = Harness(options, say=_say, log=log, worker=worker)
    try:
        harness.start()
    except (DuelineError, PortTaken) as error:
        print(f"✗ {_explain(error)}", file=sys.stderr)
        return CANNOT_START
    if not worker:
        log.url = harness.url
        running = run_file.write(options.data, harness)
        _say(banner.ready(running, seconds=time.monotonic() - begun))
    asked_to_stop.wait()
    _say("Stopping: tasks stay as they are, and go on at the next start.")
    log.mute()  # functions that are ended complain
    harness.stop()
    run_file.remove(options.data)
    return 0


def _serve_api(options: Options) -> int:
    from local.api import serving  # the drivers, which the other commands need not load

    asked_to_stop = _asked_to_stop()
    try:
        with serving(options, say=_say) as url:
            _say(f"API {url}")
            asked_to_stop.wait()
    except (DuelineError, PortTaken) as error:
        print(f"✗ {_explain(error)}", file=sys.stderr)
        return CANNOT_START
    return 0


def _asked_to_stop() -> threading.Event:
    """Set by Ctrl-C, and by SIGTERM."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    return asked


def _status(data: Path) -> int:
    running = run_file.read(data)
    if running is None:
        print(f"Nothing runs over {data}. `make run-local` starts it.")
        return ENDED_WRONGLY
    print(banner.status(running))
    return 0


def _stop(data: Path) -> int:
    running = run_file.read(data)
    if running is None:
        print(f"Nothing runs over {data}.")
        return 0
    os.kill(running.pid, signal.SIGTERM)
    while run_file.read(data) is not None:
        time.sleep(0.05)  # it ends its servers first, which takes a second or two
    print("Stopped.")
    return 0


def _delete(data: Path) -> int:
    """Everything but the download cache."""
    for path in data.iterdir() if data.exists() else ():
        if path.name != "cache":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    print(f"Deleted what was in {data}, but for its download cache.")
    return 0


def _explain(error: DuelineError | PortTaken) -> str:
    if isinstance(error, PortTaken):
        return (
            f"port {error.port} is taken by {holder(error.port)}\n"
            f"  End that, or choose another port: PORT={error.port + 10} make run-local"
        )
    return str(error)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
