"""What a body must be before anyone asks what it means."""

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dueline.domain.errors import InvalidRequest
from dueline.http_api.json_limits import (
    MOST_BYTES,
    MOST_DIGITS,
    MOST_LEVELS,
    MOST_NAMES,
    checked_text,
    plain_growth,
)


def refusal(body: bytes | str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        checked_text(body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body)
    return caught.value


def payload(text: str) -> str:
    return f'{{"payload":{text}}}'


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        payload("null"),
        payload('"\\ud83d\\ude00 \\n \\\\u0000"'),
        payload("[1,-2,3.5,1e3,-0,0.0,1E-7]"),
        payload("9" * 32),
        payload("-" + "9" * 32),
        payload("0." + "1" * 31),
        payload("1.7976931348623157e308"),
        payload("5e-324"),
        payload("0e-300"),
        payload("[" * MOST_LEVELS + "]" * MOST_LEVELS),
        payload(json.dumps({str(n): n for n in range(MOST_NAMES)})),
        payload('{"a":{"x":1},"b":{"x":2}}'),
        " \n\t{}\r ",
        payload('"' + "é" * 10_000 + '"'),
    ],
    ids=lambda body: body[:40],
)
def test_json_that_can_be_kept_passes_unchanged(body: str) -> None:
    assert checked_text(body.encode()) == body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b'{"a":1,}',
        b'{"a":1} x',
        b"{'a':1}",
        b'{"a":01}',
        b'{"a":1.}',
        b'{"a":+1}',
        b'{"a":"tab\there"}',
        b'{"a":"\\x"}',
        b'{"a":"\\u12"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',  # a half surrogate pair, written as if it were UTF-8
        b'{"a":"\xc0\x80"}',  # U+0000, written too long
        b'{"\xff":1}',
        b"type=email&payload=x",
    ],
)
def test_what_is_not_json_in_utf_8_is_malformed(body: bytes) -> None:
    assert refusal(body).code == "MALFORMED_JSON"


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_cannot_say_are_malformed(word: str) -> None:
    error = refusal(payload(f"[0,{word}]"))

    assert (error.code, error.pointer) == ("MALFORMED_JSON", "/payload/1")
    assert word in error.detail


@pytest.mark.parametrize(
    ("body", "pointer", "reason"),
    [
        (payload("9" * 33), "/payload", "32 digits"),
        (payload("[" + "9" * 5_000 + "]"), "/payload/0", "32 digits"),
        (payload("0." + "1" * 5_000), "/payload", "32 digits"),
        (payload("1e400"), "/payload", "range of a double"),
        (payload("-1e400"), "/payload", "range of a double"),
        (payload("1e-400"), "/payload", "range of a double"),
        (payload("0e-99999"), "/payload", "range of a double"),
        (payload("1e99999999999999999999"), "/payload", "range of a double"),
        (payload('{"a":"\\u0000"}'), "/payload/a", r"U\+0000"),
        (payload('{"a":{"\\u0000":1}}'), "/payload/a", r"U\+0000"),
        (payload('["\\ud800"]'), "/payload/0", "surrogate"),
        (payload('["\\ud800x"]'), "/payload/0", "surrogate"),
        (payload('["\\udc00\\ud800"]'), "/payload/0", "surrogate"),
        (payload('{"\\udfff":1}'), "/payload", "surrogate"),
        ('"\\ud800"', "", "surrogate"),
        ('{"a":1,"a":2}', "", '"a" occurs twice'),
        (payload('[{"x":1,"\\u0078":2}]'), "/payload/0", '"x" occurs twice'),
        (payload('{"\\ud800":1,"\\ud800":2}'), "/payload", "occurs twice"),
        (payload("[" * 33 + "]" * 33), "/payload" + "/0" * 32, "levels deep"),
        (payload("[" * 500 + "]" * 500), "/payload" + "/0" * 32, "levels deep"),
        ("[" * 100_000, "", "levels deep"),
        ('{"a":' * 40_000, "", "levels deep"),
        (
            payload(json.dumps({"o": {str(n): n for n in range(MOST_NAMES + 1)}})),
            "/payload/o",
            "1,001 names",
        ),
        (payload('{"a/b":{"c~d":["\\u0000"]}}'), "/payload/a~1b/c~0d/0", r"U\+0000"),
    ],
    ids=lambda value: value[:40],
)
def test_json_that_cannot_be_kept_is_refused_with_its_place(
    body: str, pointer: str, reason: str
) -> None:
    error = refusal(body)

    assert (error.code, error.pointer) == ("UNSUPPORTED_JSON", pointer)
    assert re.search(reason, error.detail)


def test_a_body_of_256_kib_passes_and_one_byte_more_does_not() -> None:
    largest = payload('"' + "x" * (MOST_BYTES - len(payload('""'))) + '"').encode()

    assert len(checked_text(largest)) == MOST_BYTES
    assert refusal(largest + b" ").code == "BODY_TOO_LARGE"


def test_exponents_count_as_what_they_are_written_out() -> None:
    body = payload("[" + ",".join(["1e308"] * 1_000) + "]")

    error = refusal(body)

    assert len(body) < 10_000
    assert error.code == "BODY_TOO_LARGE"
    assert "exponents" in error.detail


def test_an_error_never_repeats_a_long_name() -> None:
    name = "n" * 10_000

    error = refusal(f'{{"{name}":1,"{name}":2}}')

    assert len(error.detail) < 200


NUMBERS = st.one_of(
    st.integers().map(str),
    st.integers(min_value=10**31, max_value=10**33).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)
VALUES = st.recursive(
    NUMBERS | st.sampled_from(["null", "true", '""', '"a"', '"\\n"', '"/"', '"é"']),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]"),
        st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f'"{name}":{value}' for name, value in pairs) + "}"
        ),
    ),
    max_leaves=12,
)
LEVELS = 4


@given(VALUES)
def test_the_quick_look_passes_nothing_that_the_close_one_refuses(text: str) -> None:
    growth = plain_growth(text, levels=LEVELS)

    if growth is not None:
        names: list[list[str]] = []
        exponents: list[int] = []

        def number(written: str) -> float:
            mantissa, _, exponent = written.lower().partition("e")
            assert len(re.sub("[^0-9]", "", mantissa)) <= MOST_DIGITS
            assert math.isfinite(float(written))
            exponents.append(abs(int(exponent or 0)))
            return float(written)

        json.loads(
            text,
            object_pairs_hook=lambda pairs: names.append([name for name, _ in pairs]),
            parse_int=number,
            parse_float=number,
        )
        assert all(len(set(each)) == len(each) for each in names)
        assert growth == sum(exponents)
        assert deepest(json.loads(text)) <= LEVELS + 1


def deepest(value: object) -> int:
    """How many arrays and objects lie inside each other."""
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(deepest, value), default=0) if isinstance(value, list) else 0


@pytest.mark.parametrize("text", ['{"a":1}', '{ "a" : [1.5, "x"] }', "[]", "1e300"])
def test_the_quick_look_passes_what_most_clients_write(text: str) -> None:
    assert plain_growth(text) is not None
