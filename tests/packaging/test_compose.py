"""docker-compose.yml without a Docker engine: its schema, its references and its promises."""

import re
import signal
import smtplib
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

LOCAL = Path(__file__).resolve().parents[2] / "local"
COMPOSE = LOCAL / "docker-compose.yml"
DOCKERFILE = LOCAL / "Dockerfile"

# Name, colon, at least two parts of a version; never `latest`, never a major version alone.
EXACT_IMAGE = re.compile(r"[a-z]+:\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?")
ASKED_FOR_HEALTH = {"postgres", "redis", "rabbitmq", "mail", "platform"}

PLAIN_YAML = YAML(typ="safe", pure=True)
FILE: dict[str, Any] = PLAIN_YAML.load(COMPOSE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = FILE["services"]


def test_it_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]

    answer = subprocess.run([*command, COMPOSE], capture_output=True, text=True, check=False)

    assert (answer.returncode, answer.stderr) == (0, "")


def test_it_has_the_three_servers_the_platform_and_a_worker() -> None:
    assert set(SERVICES) == {
        *("postgres", "redis", "rabbitmq"),
        *("schema", "mail", "platform", "worker"),
    }


def test_every_service_that_another_waits_for_exists_and_can_fulfil_the_condition() -> None:
    for service in SERVICES.values():
        for awaited, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[awaited]
            else:
                assert wait["condition"] == "service_completed_successfully"
                assert SERVICES[awaited]["restart"] == "no"


def test_every_named_volume_is_declared_and_every_declared_one_is_used() -> None:
    sources = {
        mount.partition(":")[0]
        for service in SERVICES.values()
        for mount in service.get("volumes", [])
    }

    assert {source for source in sources if not source.startswith(".")} == set(FILE["volumes"])


def test_every_file_of_the_project_that_it_names_exists() -> None:
    for service in SERVICES.values():
        mounts = [mount.partition(":")[0] for mount in service.get("volumes", [])]
        for path in [mount for mount in mounts if mount.startswith(".")]:
            assert (LOCAL / path).is_file()
        if "build" in service:
            context = LOCAL / service["build"]["context"]
            assert (context / service["build"]["dockerfile"]).resolve() == DOCKERFILE


def test_every_image_is_pinned_to_an_exact_version() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.MULTILINE)
    images = [service["image"] for service in SERVICES.values() if "image" in service]

    assert len(bases) == 1
    for image in [*bases, *images]:
        assert EXACT_IMAGE.fullmatch(image), image


@pytest.mark.parametrize(
    ("name", "oldest"), [("postgres", (15,)), ("redis", (7,)), ("rabbitmq", (3, 13))]
)
def test_the_servers_are_new_enough(name: str, oldest: tuple[int, ...]) -> None:
    tag = SERVICES[name]["image"].partition(":")[2]

    version = tuple(int(part) for part in re.findall(r"\d+", tag))
    assert version >= oldest


def test_every_service_that_can_be_asked_has_a_health_check() -> None:
    asked = {name for name, service in SERVICES.items() if "healthcheck" in service}

    assert asked == ASKED_FOR_HEALTH


def test_every_published_port_is_bound_to_loopback_and_can_be_moved() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert len(ports) == 5
    for port in ports:
        assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]*PORT:-\d+\}:\d+", port), port


def test_the_servers_usual_ports_stay_free_and_no_two_services_want_one_port() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    published = [int(re.findall(r":-(\d+)\}", port)[0]) for port in ports]
    assert len(set(published)) == len(published)
    assert not set(published) & {5432, 6379, 5672}


def test_workers_can_be_multiplied() -> None:
    worker = SERVICES["worker"]

    # Either would be the same for all of them, and so the second could not start.
    assert not worker.keys() & {"container_name", "ports"}


def test_platform_and_workers_agree_on_servers_and_lanes() -> None:
    platform = dict(SERVICES["platform"]["environment"])
    worker = SERVICES["worker"]["environment"]

    of_the_api = {"HOST_ADDRESS", "PORT", "DUELINE_ACCESS", "DUELINE_CORS_ORIGINS"}
    assert {name for name, _ in platform.items() - worker.items()} == of_the_api
    for name in ("DUELINE_POSTGRES_URL", "DUELINE_REDIS_URL", "DUELINE_WORK_QUEUE_URL"):
        host = re.findall(r"(?:@|//)(\w+):\d+/", worker[name])[0]
        assert host in SERVICES


def test_redis_never_evicts_and_keeps_its_file() -> None:
    command = " ".join(SERVICES["redis"]["command"])

    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command


def test_every_password_can_be_replaced() -> None:
    secrets = re.findall(r"PASS(?:WORD)?: (.*)|://dueline:(.*?)@", COMPOSE.read_text())

    assert len(secrets) == 5
    for value in (in_setting or in_url for in_setting, in_url in secrets):
        assert re.fullmatch(r"\$\{(POSTGRES|RABBITMQ)_PASSWORD:-dueline\}", value)


def test_the_image_takes_what_exists_and_its_ignore_file_lets_through() -> None:
    ignore = (LOCAL / "Dockerfile.dockerignore").read_text()
    copies = re.findall(r"^COPY (.*) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    sources = [source for copy in copies for source in copy.split()]

    assert {f"!{source}" for source in sources} == set(re.findall(r"^!.*", ignore, re.MULTILINE))
    for source in sources:
        assert (LOCAL.parent / source).exists()


def test_the_mail_service_runs_by_its_command_and_ends_by_sigterm(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = [sys.executable, *SERVICES["mail"]["command"][1:-3], tmp_path, "127.0.0.1", str(port)]

    with subprocess.Popen(service, cwd=LOCAL.parent, stdout=subprocess.PIPE, text=True) as mailbox:
        assert mailbox.stdout is not None
        ready = mailbox.stdout.readline()
        with smtplib.SMTP("127.0.0.1", port, "localhost", timeout=5) as client:
            client.sendmail("a@example.org", "b@example.org", "Subject: Hello\n\nworld\n")
        line = mailbox.stdout.readline()
        mailbox.send_signal(signal.SIGTERM)
        status = mailbox.wait(timeout=10)

    (kept,) = tmp_path.iterdir()
    assert ready == f"mailbox at smtp://127.0.0.1:{port}, messages in {tmp_path}\n"
    assert line == f"mail to b@example.org: 'Hello' ({kept})\n"
    assert status == 0
