"""Kinds of values on the command line. Each reads one from its text, or says what is wrong."""

import json as json_module
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from dueline.http_api.durations import parse_duration
from dueline.http_api.instants import parse_instant

_UNITS = {"s": "PT{}S", "m": "PT{}M", "h": "PT{}H", "d": "P{}D"}


def json(text: str) -> Any:
    """JSON itself, @FILE, or - for standard input."""
    try:
        return json_module.loads(_content(text))
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"{error}; want JSON, @FILE, or - for standard input") from error


def time(text: str) -> datetime:
    """RFC 3339: 2026-01-01T09:00:00Z."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def duration(text: str) -> timedelta:
    """Seconds, or ISO 8601: 90, PT1H30M; or a short form: 90s, 5m, 2h, 1d."""
    try:
        return parse_duration(_iso_8601(text))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _iso_8601(text: str) -> str | float:
    if _is_number(text):
        return float(text)
    number, unit = text[:-1], text[-1:]
    return _UNITS[unit].format(number) if unit in _UNITS and _is_number(number) else text


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _content(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    return Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
