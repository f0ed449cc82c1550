"""python -m dueline.cli, where the `dueline` command is not installed."""

from dueline.cli import main

main(prog_name="dueline")
