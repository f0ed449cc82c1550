"""What an artefact is built for: a Python version and a processor architecture of AWS Lambda."""

from collections.abc import Sequence
from dataclasses import dataclass

PYTHON_VERSIONS = ("3.11", "3.12", "3.13", "3.14")
DEFAULT_PYTHON_VERSION = "3.13"
DEFAULT_ARCHITECTURE = "arm64"

# Lambda's names of the architectures, and those of Python's wheels.
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}

# glibc of the runtime's operating system: Amazon Linux 2 up to 3.11, Amazon Linux 2023 after it.
_GLIBC_MINORS = {"3.11": 26}
_GLIBC_MINOR_SINCE = 34
_OLDEST_GLIBC_MINOR = 17  # the one that manylinux2014 promises


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Raises ValueError for what Lambda does not have."""

    python_version: str = DEFAULT_PYTHON_VERSION
    architecture: str = DEFAULT_ARCHITECTURE

    def __post_init__(self) -> None:
        if self.python_version not in PYTHON_VERSIONS:
            raise ValueError(
                f"Python {self.python_version}: want one of {', '.join(PYTHON_VERSIONS)}"
            )
        if self.architecture not in MACHINES:
            raise ValueError(f"architecture {self.architecture}: want one of {', '.join(MACHINES)}")

    def platforms(self) -> Sequence[str]:
        """Tags of the wheels that run there (PEP 600), newest glibc first."""
        machine = MACHINES[self.architecture]
        newest = _GLIBC_MINORS.get(self.python_version, _GLIBC_MINOR_SINCE)
        minors = range(newest, _OLDEST_GLIBC_MINOR - 1, -1)
        return [*(f"manylinux_2_{minor}_{machine}" for minor in minors), f"manylinux2014_{machine}"]
