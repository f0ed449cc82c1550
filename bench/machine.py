"""What the figures were measured on."""

import os
import platform
from pathlib import Path


def machine() -> dict[str, str]:
    """Processor, memory, system: what a reader needs to compare."""
    memory_kib = int(_field(Path("/proc/meminfo"), "MemTotal").split()[0])
    return {
        "processor": f"{os.cpu_count()} x {_field(Path('/proc/cpuinfo'), 'model name')}",
        "memory": f"{memory_kib / 2**20:.0f} GiB",
        "system": f"{_field(Path('/etc/os-release'), 'PRETTY_NAME')}, Linux {platform.release()}",
        "python": platform.python_version(),
    }


def load() -> float:
    """Processes that ran or wanted to run, over the last minute: the neighbours among them."""
    return os.getloadavg()[0]


def _field(file: Path, name: str) -> str:
    """The first value of a name in a file of `name: value` or `name="value"` lines."""
    for line in file.read_text().splitlines() if file.exists() else ():
        key, _, value = line.replace("=", ":", 1).partition(":")
        if key.strip() == name:
            return value.strip().strip('"')
    return "0 unknown"
