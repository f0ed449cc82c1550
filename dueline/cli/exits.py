"""Exit codes: what a script can decide by (docs/cli.md)."""

import sys
from enum import IntEnum

import click

from dueline.client.errors import ApiError, StillWaiting, Unreachable
from dueline.domain.errors import BackendUnavailable


class Exit(IntEnum):
    """0 is done."""

    FAILED = 1  # what fits nothing below
    USAGE = 2  # the words or values cannot be accepted
    NOT_FOUND = 3
    REFUSED = 4  # no key, or not one for this
    CONFLICT = 5  # it is not in a state for this, or has changed meanwhile
    ENDED_BADLY = 6  # --wait: the task is final and not completed
    NO_ANSWER = 7  # nothing answered, or not in time


_BY_STATUS = {
    400: Exit.USAGE,
    401: Exit.REFUSED,
    403: Exit.REFUSED,
    404: Exit.NOT_FOUND,
    409: Exit.CONFLICT,
    412: Exit.CONFLICT,
    413: Exit.USAGE,
    422: Exit.USAGE,
    428: Exit.CONFLICT,
    429: Exit.NO_ANSWER,
    502: Exit.NO_ANSWER,
    503: Exit.NO_ANSWER,
    504: Exit.NO_ANSWER,
}


class Failure(click.ClickException):
    """One line on standard error, and an exit code."""

    exit_code: int  # type: ignore[misc]  # click gives each class one; here each failure has its own

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.exit_code = code


class ProblemFailure(Failure):
    """With -o json or jsonl: the problem as the API wrote it, instead of a line."""

    def show(self, file: object = None) -> None:  # noqa: ARG002
        click.echo(self.message, file=sys.stderr)


def failure_of(error: Exception) -> Failure:
    match error:
        case ApiError():
            named = f"{error.pointer}: " if error.pointer else ""
            code = f" ({error.code})" if error.code else ""
            return Failure(f"{named}{error.detail}{code}", exit_of(error))
        case Unreachable() | StillWaiting() | BackendUnavailable():
            return Failure(str(error), Exit.NO_ANSWER)
    return Failure(str(error), Exit.FAILED)


def exit_of(error: ApiError) -> Exit:
    return _BY_STATUS.get(error.status, Exit.FAILED)
