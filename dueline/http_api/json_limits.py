"""What a body must be before anyone asks what it means: small, and JSON without traps.

The rules are those of I-JSON (RFC 7493: UTF-8, no half surrogate pairs, no name twice) and of
what jsonb can keep. They are checked once, here, for the whole body, so that no later step can
fail on them: msgspec takes the last of two equal names, does not look at the UTF-8 of a raw
value, and raises RecursionError when nesting is deep; jsonb refuses U+0000.
"""

import json
import math
import re
from collections import Counter
from typing import Any, NamedTuple, Never

from dueline.domain.errors import InvalidRequest
from dueline.http_api.pointers import json_pointer
from dueline.http_api.wording import shown

MOST_BYTES = 256 * 1024
MOST_LEVELS = 32  # of arrays and objects inside each other, below the body itself
MOST_NAMES = 1_000  # in one object
MOST_DIGITS = 32  # of a number, without its exponent

_FLOAT = re.compile(r"-?(?P<digits>[0-9]+\.?[0-9]*)(?:[eE](?P<exponent>[+-]?[0-9]{1,3}))?")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class _Flaw(NamedTuple):
    """Stands in for a value that cannot be accepted, until the walk finds it and its place."""

    detail: str
    code: str = "UNSUPPORTED_JSON"


_TOO_LONG = _Flaw(f"This number has more than {MOST_DIGITS} digits; send it as text.")
_OUT_OF_RANGE = _Flaw("This number is outside the range of a double; send it as text.")
_TOO_DEEP = _Flaw(f"Arrays and objects lie more than {MOST_LEVELS} levels deep; flatten them.")


class _Place(NamedTuple):
    """Where a container is: its name or index in its parent, and the parent's place."""

    parent: "_Place | None"
    step: str | int


def checked_text(body: bytes) -> str:
    """The body as text that keeps every rule. Raises InvalidRequest with the place of a breach."""
    if len(body) > MOST_BYTES:
        _refuse_size(f"The body has {len(body):,} bytes")
    text = _utf_8(body)
    numbers = _Numbers()
    value = _decoded(text, numbers)
    _walk(value, escapes="\\u" in text)
    if len(body) + numbers.zeros > MOST_BYTES:
        _refuse_size("Written without exponents, as it is stored, the body is larger")
    return text


def _utf_8(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"The body is not UTF-8: {error.reason} at byte {error.start}.", code="MALFORMED_JSON"
        ) from error


def _decoded(text: str, numbers: "_Numbers") -> object:
    decoder = json.JSONDecoder(
        object_pairs_hook=_object,
        parse_int=_int,
        parse_float=numbers.read,
        parse_constant=lambda name: _Flaw(f"{name} is not JSON.", "MALFORMED_JSON"),
    )
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}, column {error.colno}"
        detail = f"The body is not JSON: {where}." if text.strip() else "The body is empty."
        raise InvalidRequest(f"{detail} Send a JSON object.", code="MALFORMED_JSON") from error
    except RecursionError as error:
        raise InvalidRequest(_TOO_DEEP.detail, code=_TOO_DEEP.code) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Flaw:
    members = dict(pairs)
    if len(pairs) > MOST_NAMES:
        return _Flaw(f"This object has {len(pairs):,} names; {MOST_NAMES:,} is the most.")
    if len(members) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        return _Flaw(f"The name {shown(twice)} occurs twice in this object; keep one.")
    return members


def _int(text: str) -> _Flaw | None:
    return _TOO_LONG if len(text.lstrip("-")) > MOST_DIGITS else None


class _Numbers:
    """Judges numbers with a fraction or an exponent.

    jsonb writes exponents out: `1e308` comes back as 309 digits. `zeros` counts what that adds,
    so that a small body cannot become a large one.
    """

    def __init__(self) -> None:
        self.zeros = 0

    def read(self, text: str) -> _Flaw | None:
        match = _FLOAT.fullmatch(text)
        if match is None:
            return _OUT_OF_RANGE
        digits = match["digits"].replace(".", "")
        if len(digits) > MOST_DIGITS:
            return _TOO_LONG
        value = float(text)
        if math.isinf(value) or (value == 0 and digits.strip("0")):
            return _OUT_OF_RANGE
        self.zeros += abs(int(match["exponent"] or 0))
        return None


def _walk(body: object, *, escapes: bool) -> None:
    """Look at every value; only text with \\u escapes can hold what must not be there."""
    waiting: list[tuple[Any, _Place | None, int]] = [([body], None, -1)]
    while waiting:
        container, place, level = waiting.pop()
        members = container.items() if isinstance(container, dict) else enumerate(container)
        for step, value in members:
            if escapes and isinstance(step, str):
                _check_text(step, place)
            kind = type(value)
            if kind is dict or kind is list:
                if level == MOST_LEVELS:
                    _refuse(_TOO_DEEP, _Place(place, step))
                if value:
                    waiting.append((value, _Place(place, step), level + 1))
            elif kind is _Flaw:
                _refuse(value, _Place(place, step))
            elif escapes and kind is str:
                _check_text(value, _Place(place, step))


def _check_text(text: str, place: _Place | None) -> None:
    if found := _UNSTORABLE.search(text):
        what = "U+0000" if found[0] == "\x00" else "half of a surrogate pair"
        _refuse(_Flaw(f"Text here holds {what}, which cannot be stored; remove it."), place)


def _refuse(flaw: _Flaw, place: _Place | None) -> Never:
    steps: list[str | int] = []
    while place is not None:
        steps.insert(0, place.step)
        place = place.parent
    # The first step leads from the walk's start to the body.
    raise InvalidRequest(flaw.detail, code=flaw.code, pointer=json_pointer(steps[1:]))


def _refuse_size(what: str) -> Never:
    raise InvalidRequest(
        f"{what}; {MOST_BYTES:,} is the most. Store the data elsewhere and send a reference.",
        code="BODY_TOO_LARGE",
    )
