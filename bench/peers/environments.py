"""Where the peers' packages are: a virtual environment or an npm prefix each, made when missing."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from bench.peers import Peer

PROGRAMS = Path(__file__).parent


def command(peer: Peer, cache: Path) -> tuple[str, ...]:
    """How to run the peer's program; its packages are installed on return."""
    home = cache / _name(peer)
    program = str(PROGRAMS / peer.program)
    if peer.program.endswith(".py"):
        python = home / "bin" / "python"
        if not (home / "complete").exists():
            _run(sys.executable, "-m", "venv", str(home))
            _run(str(python), "-m", "pip", "install", "--quiet", *peer.packages)
            (home / "complete").touch()
        return str(python), program
    if not (home / "complete").exists():
        home.mkdir(parents=True, exist_ok=True)
        options = ("--silent", "--no-audit", "--no-fund", "--no-package-lock")
        _run("npm", "install", *options, "--prefix", str(home), *peer.packages)
        (home / "complete").touch()
    return "env", f"NODE_PATH={home / 'node_modules'}", "node", program


def _name(peer: Peer) -> str:
    digest = sha256(" ".join(peer.packages).encode()).hexdigest()[:8]
    return f"{peer.program.partition('_')[0]}-{digest}"


def _run(*words: str) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=dict(os.environ))
