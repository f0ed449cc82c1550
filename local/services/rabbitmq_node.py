"""How a private RabbitMQ node is told to keep to its own folder, ports and cookie.

The variables are RabbitMQ's and Erlang's (rabbitmq.com, "Configuration", "Networking"; Erlang
reference, epmd(1)). The node has its own epmd, the name server of Erlang nodes, so that port 4369
stays free and no daemon is left behind.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.services.binaries import search_path
from local.services.folder import write_secret
from local.services.ports import HOST
from local.services.rabbitmq_installation import Installation

# The broker never talks to another node; rabbitmqctl finds it through epmd on the loopback.
_NODE = "dueline@localhost"
_ERLANG_LOOPBACK = f"-kernel inet_dist_use_interface {{{HOST.replace('.', ',')}}}"
_NO_EPMD_OF_ITS_OWN = "-start_epmd false"
# A laptop's share: two schedulers, few threads for files, no spinning while idle.
_SMALL = "+S 2:2 +SDio 4 +sbwt none"

# epmd lives in the same process group as the broker, and so ends with it.
_SCRIPT = 'epmd -address "$ERL_EPMD_ADDRESS" -port "$ERL_EPMD_PORT" & exec "$0"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node: where it lies, and the three ports that it listens on, all on 127.0.0.1."""

    installation: Installation
    scripts: Path  # its own, or a slim view of them
    folder: Path
    amqp: int
    distribution: int  # for rabbitmqctl
    epmd: int

    def argv(self) -> tuple[str, ...]:
        """The command that runs epmd and the broker in the foreground."""
        return ("/bin/sh", "-c", _SCRIPT, str(self.scripts / "rabbitmq-server"))

    def environ(self, base: Mapping[str, str]) -> dict[str, str]:
        """The environment of the broker and of rabbitmqctl, upon the user's own."""
        folder = self.folder
        own = {
            name: value
            for name, value in base.items()
            if not name.startswith(("RABBITMQ_", "ERL_", "XDG_", "NOTIFY_SOCKET"))
        }
        return own | {
            "PATH": f"{self.installation.erlang}{os.pathsep}{search_path(base)}",
            "HOME": str(folder),  # where Erlang looks for .erlang.cookie
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_EPMD_PORT": str(self.epmd),
            "ERL_CRASH_DUMP_SECONDS": "0",  # no dump: it would hold the messages' bytes
            "RABBITMQ_SCRIPTS_DIR": str(self.scripts),
            "RABBITMQ_NODENAME": _NODE,
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": str(self.amqp),
            "RABBITMQ_DIST_PORT": str(self.distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "database"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_SCHEMA_DIR": str(folder / "schema"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": " ".join(
                (_ERLANG_LOOPBACK, _NO_EPMD_OF_ITS_OWN, _SMALL)
            ),
            "RABBITMQ_CTL_ERL_ARGS": f"{_ERLANG_LOOPBACK} {_NO_EPMD_OF_ITS_OWN}",
            "RABBITMQ_CTL_DIST_PORT_MIN": "0",  # any: rabbitmqctl lives for a second
            "RABBITMQ_CTL_DIST_PORT_MAX": "0",
        }

    def write_files(self, *, user: str, password: str, settings: Mapping[str, str]) -> None:
        """Write the node's configuration and, at the first start, its cookie."""
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            write_secret(cookie, secrets.token_hex(16))
            cookie.chmod(0o400)
        (self.folder / "enabled_plugins").write_text("[].\n")
        chosen = {
            "listeners.tcp.1": f"{HOST}:{self.amqp}",
            "default_user": user,
            "default_pass": password,
            "log.console": "true",  # to the one log file that every server has here
            "log.file": "false",
            # The node's own defaults take shares of the machine, and alarm on a full laptop.
            "disk_free_limit.absolute": "64MB",
            "vm_memory_high_watermark.absolute": "512MB",
        } | dict(settings)
        text = "".join(f"{name} = {value}\n" for name, value in chosen.items())
        write_secret(self.folder / "rabbitmq.conf", text)
