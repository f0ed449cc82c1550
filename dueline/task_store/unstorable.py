"""What PostgreSQL does not take, though Python does: in JSON (manual §8.14.1) and in text."""

import json
import re

from msgspec import structs

from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import JsonText, TaskStatus

# \u0000 as an escape, not as a backslash and then "u0000".
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def why_unstorable(text: JsonText) -> str | None:
    """What PostgreSQL would say against it, or None."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=str)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        return f"not JSON that can be stored: {error}"
    return "\\u0000 cannot be converted to text" if _NUL.search(text) else None


def storable_text(text: str) -> str:
    """The text without what a text column cannot hold: NUL, and halves of surrogate pairs."""
    return text.encode(errors="replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")


def failed_for_result(outcome: Outcome, reason: str) -> Outcome:
    """The outcome to record in place of one whose result cannot be stored: final, with a reason.

    Not tried again: the handler did its work, and would most likely return the same.
    """
    return structs.replace(
        outcome,
        status=TaskStatus.FAILED,
        result=None,
        error=f"the handler's result cannot be stored as JSON: {reason}",
    )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
