"""A client of the API, which is served in this process over memory adapters."""

from collections.abc import Iterator

import pytest

from dueline.client import Client
from tests.contract.app_server import served
from tests.functions.memory_services import MemoryServices


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices()


@pytest.fixture
def url(services: MemoryServices) -> Iterator[str]:
    with served(services) as url:
        yield url


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as client:
        yield client
