"""The block that a run ends its start with, and what `make status` shows."""

import json
from urllib.error import URLError
from urllib.request import urlopen

from local.run_file import Run

WIDTH = 12


def ready(run: Run, *, seconds: float) -> str:
    lines = [
        "",
        f"  dueline runs here                              ready in {seconds:.1f} s",
        _row("API", f"{run.url}   (GET /stats, GET /tasks/{{id}}, GET /readyz)"),
        *_servers(run),
        _row("Work queue", run.work_queue),
        _row("Execute", f"{len(run.lanes)} environments: {', '.join(run.lanes)}"),
        _row("Mails", f"{run.data}/mail   reports: {run.data}/reports"),
        _row("Invoke API", f"{run.invoke_url}   (boto3: lambda, endpoint_url=…)"),
        _row("Try", _curl(run.url)),
        _row("End", "Ctrl-C (the data stays; `make reset` deletes it)"),
        "",
    ]
    return "\n".join(lines)


def status(run: Run) -> str:
    return "\n".join(
        [
            _row("API", f"{run.url}   pid {run.pid}   data {run.data}"),
            *_servers(run),
            _row("Work queue", run.work_queue),
            _row("Execute", ", ".join(run.lanes)),
            _row("Tasks", _stats(run.url)),
        ]
    )


def _servers(run: Run) -> list[str]:
    return [
        _row(each["name"], f"{each['version']}   {each['url']}   ({each['origin']})")
        for each in run.servers
    ]


def _row(name: str, text: str) -> str:
    return f"  {name:<{WIDTH}}{text}"


def _curl(url: str) -> str:
    body = '{"type":"email","payload":{"subject":"Welcome"},"delay":10}'
    return f"curl -X POST {url}/schedule -H 'Content-Type: application/json' -d '{body}'"


def _stats(url: str) -> str:
    try:
        with urlopen(f"{url}/stats", timeout=5) as answer:  # noqa: S310 - our own http URL
            counts: dict[str, int] = json.load(answer)
    except (URLError, ValueError) as error:
        return f"no answer from {url}/stats: {error}"
    return "  ".join(f"{name} {count}" for name, count in counts.items())
