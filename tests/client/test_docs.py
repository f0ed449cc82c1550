"""Every example of docs/client.md runs, in the order of the page."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.contract.app_server import completing, served
from tests.functions.memory_services import MemoryServices

PAGE = (Path(__file__).parents[2] / "docs" / "client.md").read_text()


def test_the_examples_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    services = MemoryServices()
    names: dict[str, Any] = {}

    with served(services, completing(services)) as url:
        monkeypatch.setenv("DUELINE_URL", url)
        for example in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
            exec(example, names)  # noqa: S102 - our own page

    said = capsys.readouterr().out
    assert said.startswith("completed 0.0 {}\n")
    assert "At 02:30 every day, Europe/Berlin time." in said
    assert "UNKNOWN_TYPE /type" in said
