"""DATA/run.json: what runs over a data folder, so that others can find it and end it."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dueline.config import masked
from local.services.process_table import find

if TYPE_CHECKING:
    from local.harness import Harness


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A local run, as others may see it. No passwords."""

    pid: int
    started: str  # by the system's process table: tells this process from a later one of its id
    url: str
    invoke_url: str
    data: str
    servers: list[dict[str, str]]  # name, version, url (masked), origin
    work_queue: str
    lanes: list[str]


def write(data: Path, harness: "Harness") -> Run:
    services = harness.services
    row = find(os.getpid())
    run = Run(
        pid=os.getpid(),
        started=str(row.started) if row else "",
        url=harness.url,
        invoke_url=harness.platform.url,
        data=str(data),
        servers=[
            {
                "name": service.name,
                "version": service.version,
                "url": masked(service.url),
                "origin": service.origin,
            }
            for service in services.all()
        ],
        work_queue="RabbitMQ" if services.rabbitmq else f"Redis Streams ({services.no_rabbitmq})",
        lanes=[lane.name for lane in harness.lanes],
    )
    data.mkdir(parents=True, exist_ok=True)  # no server of ours made it if all were adopted
    temporary = data / "run.json.new"
    temporary.write_text(json.dumps(asdict(run), indent=2))
    temporary.replace(data / "run.json")
    return run


def read(data: Path) -> Run | None:
    """The run over this folder, or None; one that was killed is not running."""
    try:
        run = Run(**json.loads((data / "run.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    row = find(run.pid)
    return run if row is not None and str(row.started) == run.started else None


def remove(data: Path) -> None:
    (data / "run.json").unlink(missing_ok=True)
