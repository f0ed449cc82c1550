"""docs/schedules.md: every command that it shows is accepted, and answered as it says."""

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dueline.http_api.routes import ROUTES
from local.triggers.routes import Matched, RouteTable
from tests.functions.conftest import Answer, Caller

PAGE = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text()
BLOCK = re.compile(r"^```(bash|json)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
TABLE = RouteTable([(route.method, route.path) for route in ROUTES])


def curl(command: str, caller: Caller) -> Answer:
    """The command's answer, without a network: the options are those that the page uses."""
    words = shlex.split(command)
    given: dict[str, list[str]] = {}
    url = ""
    rest = iter(words[1:])
    for word in rest:
        if word in {"-X", "-d", "-H"}:
            given.setdefault(word, []).append(next(rest))
        else:
            url = word
    parts = urlsplit(url.removeprefix("$API"))
    method = given.get("-X", ["GET"])[0]
    matched = TABLE.match(method, parts.path)
    assert isinstance(matched, Matched), command
    return caller.ask(
        method,
        matched.route,
        given.get("-d", [None])[0],
        headers=dict(header.split(": ", 1) for header in given.get("-H", [])),
        query=dict(parse_qsl(parts.query)),
        **matched.path_parameters,
    )


def shown_in(documented: Any, actual: Any) -> bool:
    """Whether all that is documented is in the answer; an id stands for any text."""
    if isinstance(documented, dict):
        return isinstance(actual, dict) and all(
            key in actual and shown_in(value, actual[key]) for key, value in documented.items()
        )
    if isinstance(documented, list):
        return (
            isinstance(actual, list)
            and len(documented) == len(actual)
            and all(map(shown_in, documented, actual))
        )
    if isinstance(documented, str) and UUID.fullmatch(documented):
        return isinstance(actual, str)
    return bool(documented == actual)


def test_every_command_of_the_page_is_answered_as_the_page_says(caller: Caller) -> None:
    last: Any = None
    commands = answers = 0
    for language, text in BLOCK.findall(PAGE):
        if language == "json":
            documented = json.loads(text)
            assert shown_in(documented, last), (documented, last)
            answers += 1
            continue
        for command in text.replace("API=http://localhost:8080\n", "").split("\ncurl "):
            if not command.strip():
                continue
            answer = curl(f"curl {command.removeprefix('curl ')}", caller)
            assert answer.status < 300, (command, answer.text)
            last = json.loads(answer.text) if answer.text else None
            commands += 1
    assert (commands, answers) == (PAGE.count("\ncurl "), PAGE.count("```json"))


def test_every_route_of_schedules_has_its_place_on_the_page() -> None:
    paths = {route.path for route in ROUTES if route.path.startswith("/schedules")}

    told = {path for path in paths if path in PAGE or f"/{path.rpartition('/')[2]}" in PAGE}

    assert told == paths
