"""schemathesis as a command, against an API that is served."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def run_schemathesis(
    url: str, key: str, *more: str, examples: int, folder: Path, capture: bool = True
) -> subprocess.CompletedProcess[str]:
    """Every check and phase, so many examples per operation. Exit status 0: nothing was found."""
    command = Path(sys.executable).with_name("schemathesis")
    return subprocess.run(
        [
            str(command),
            f"--config-file={HERE / 'schemathesis.toml'}",
            "run",
            f"{url}/openapi.json",
            f"--header=Authorization: Bearer {key}",
            f"--max-examples={examples}",
            "--no-color",
            *more,
        ],
        cwd=folder,  # it keeps what it learnt there
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py")},
        capture_output=capture,
        text=True,
        check=False,
    )
