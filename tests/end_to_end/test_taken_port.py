import socket
from pathlib import Path

import pytest

from local.emulator.http_server import PortTaken
from local.harness import Harness
from local.options import Options


def test_a_taken_port_is_known_before_any_server_is_started(tmp_path: Path) -> None:
    other = socket.create_server(("127.0.0.1", 0))
    port = other.getsockname()[1]
    said: list[str] = []
    options = Options(data=tmp_path, port=port, environ={}, cache=tmp_path)

    with pytest.raises(PortTaken) as taken:
        Harness(options, say=said.append, log=lambda *line: said.append(str(line))).start()
    other.close()

    assert taken.value.port == port
    assert said == []
