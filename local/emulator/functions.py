"""What the platform is told about a function, as infra/template.yaml tells AWS Lambda."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

REGION = "us-east-1"
ACCOUNT = "000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionConfig:
    """One function. Defaults are Lambda's own, except that concurrency is one."""

    name: str
    folder: Path  # the task root: current folder and first import path of its processes
    handler: str = "app.app"  # module.attribute within the folder
    timeout: timedelta = timedelta(seconds=3)
    memory_mb: int = 128  # told to the function; not enforced
    concurrency: int = 1  # reserved concurrency: the most environments at one time
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"
