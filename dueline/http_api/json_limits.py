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
from itertools import chain
from typing import Any, NamedTuple, Never

import msgspec

from dueline.domain.errors import InvalidRequest
from dueline.http_api.pointers import json_pointer
from dueline.http_api.wording import shown

MOST_BYTES = 256 * 1024
MOST_LEVELS = 32  # of arrays and objects inside each other, below the body itself
MOST_NAMES = 1_000  # in one object
MOST_DIGITS = 32  # of a number, without its exponent

_NUMBERS = {int, float}
_TOO_MANY_DIGITS = 10**MOST_DIGITS
_PLAIN_FROM, _PLAIN_BELOW = 1e-4, 1e16  # floats that Python writes without an exponent

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
    check_size(body, most=MOST_BYTES)
    text = utf_8(body)
    added = plain_growth(text)
    if added is None:
        numbers = _Numbers()
        _walk(_decoded(text, numbers), escapes="\\u" in text)
        added = numbers.zeros
    check_size(body, most=MOST_BYTES, added=added)
    return text


def check_size(body: bytes, *, most: int, added: int = 0) -> None:
    """Raise InvalidRequest if a body, with what its exponents add, has more than `most` bytes."""
    if len(body) + added <= most:
        return
    what = f"The body has {len(body):,} bytes"
    if added:
        what = "Written without exponents, as it is stored, the body is larger"
    raise InvalidRequest(
        f"{what}; {most:,} is the most. Store the data elsewhere and send a reference.",
        code="BODY_TOO_LARGE",
    )


def plain_growth(text: str, *, levels: int = MOST_LEVELS) -> int | None:
    """How many bytes its exponents add to a text that surely keeps the rules; None: look closer.

    The quick look, which does not say what is wrong: a batch has thousands of objects, and most
    texts are as msgspec itself would write them. One that is has no name twice, since only one
    would have been read, and no number that a double or a whole number cannot hold as written.
    """
    if "\\" in text and "\\u" in text:  # to look for one character is ten times quicker
        return None
    written = text.encode()
    try:
        read = msgspec.json.decode(written)
    except (msgspec.DecodeError, RecursionError):
        return None
    again = msgspec.json.encode(read)
    if again != written and again != msgspec.json.format(written, indent=-1):  # without spaces
        return None
    numbers = _Numbers()
    values = [read]
    for _ in range(levels + 2):
        kinds = set(map(type, values))
        if kinds & _NUMBERS and not _are_short(values, numbers):
            return None
        objects = [each for each in values if each.__class__ is dict] if dict in kinds else []
        arrays = [each for each in values if each.__class__ is list] if list in kinds else []
        if not objects and not arrays:
            return numbers.zeros
        if max(map(len, objects), default=0) > MOST_NAMES:
            return None
        values = [*chain.from_iterable(map(dict.values, objects)), *chain.from_iterable(arrays)]
    return None


def _are_short(values: list[Any], numbers: "_Numbers") -> bool:
    """Whether no number among them has too many digits; counts the zeros of their exponents."""
    for value in values:
        if value.__class__ is int and abs(value) >= _TOO_MANY_DIGITS:
            return False
        if value.__class__ is float and not _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
            numbers.read(repr(value))
    return True


def check_outline(text: str) -> None:
    """Raise InvalidRequest if the text is no JSON, or its outermost object breaks a rule.

    What lies inside of that is for another look.
    """
    value = _decoded(text, _Numbers())
    if isinstance(value, _Flaw):
        _refuse(value, None)


def utf_8(body: bytes) -> str:
    """The body as text. Raises InvalidRequest."""
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
