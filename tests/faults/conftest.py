"""A deployment over private servers, for the short form of the campaign."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from local.services.model import Unavailable, quiet
from tests.faults.deployment import (
    FAST,
    FAST_TICK,
    Deployment,
    Servers,
    deployed,
    private_servers,
)


@pytest.fixture(scope="package")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with ExitStack() as stack:
        try:
            yield stack.enter_context(
                private_servers(tmp_path_factory.mktemp("servers"), say=quiet)
            )
        except Unavailable as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))


@pytest.fixture(scope="package")
def deployment(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("faults") / "run"
    with deployed(servers, folder, settings=FAST, tick_every=FAST_TICK) as running:
        yield running
