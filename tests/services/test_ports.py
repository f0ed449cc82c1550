"""Ports: free ones are found, and whoever holds a taken one is named."""

import os
import socket

from local.services.ports import HOST, free_port, holder, is_free


def test_a_port_that_is_listened_on_is_not_free_and_its_holder_is_named() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]

        assert not is_free(port)
        assert holder(port).startswith(f"pid {os.getpid()} (")

    assert is_free(port)


def test_a_port_on_every_address_is_taken_on_the_loopback_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener:  # noqa: S104 - for a moment
        assert not is_free(listener.getsockname()[1])


def test_a_free_port_lies_outside_those_of_outgoing_connections() -> None:
    port = free_port()

    assert is_free(port)
    assert 20_000 <= port < 32_768
