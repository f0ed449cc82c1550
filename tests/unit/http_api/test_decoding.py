"""Bodies and queries as Structs: what a refusal names."""

from enum import StrEnum
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from dueline.domain.errors import InvalidRequest
from dueline.http_api.decoding import BodyDecoder, decode_query


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    colour: Colour | None = None


class Outer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    one: Inner | None = None
    many: list[Inner] = []
    either: Colour | Inner | None = None


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    size: Annotated[int, Meta(ge=1)] = 50
    paused: bool | None = None
    type: str | None = None


def refusal(body: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        BodyDecoder(Outer).decode(body.encode())
    return caught.value


@pytest.mark.parametrize(
    ("body", "pointer", "known"),
    [
        ('{"on":1}', "/on", "Known are one, many, either."),
        ('{"one":{"color":1}}', "/one/color", 'did you mean "colour"? Known are colour.'),
        ('{"many":[{},{"x":1}]}', "/many/1/x", "Known are colour."),
        ('{"either":{"x":1}}', "/either/x", "Known are colour."),
    ],
)
def test_an_unknown_field_is_told_the_fields_of_its_own_object(
    body: str, pointer: str, known: str
) -> None:
    error = refusal(body)

    assert error.pointer == pointer
    assert error.detail.endswith(known)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ('{"one":{"colour":"green"}}', "/one/colour"),
        ('{"many":[{"colour":"green"}]}', "/many/0/colour"),
        ('{"either":"green"}', "/either"),
    ],
)
def test_a_word_that_is_not_among_the_choices_is_told_them(body: str, pointer: str) -> None:
    error = refusal(body)

    assert error.pointer == pointer
    assert error.detail.endswith("want red, blue.")


def test_a_query_is_read_from_its_text() -> None:
    query = decode_query({"size": "7", "paused": "true", "type": "3"}, Query)

    assert query == Query(size=7, paused=True, type="3")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"size": "0"}, "/size"),
        ({"size": "-1"}, "/size"),
        ({"size": "many"}, "/size"),
        ({"size": "1e400"}, "/size"),
        ({"paused": "perhaps"}, "/paused"),
        ({"pausd": "true"}, "/pausd"),
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(query: dict[str, str], pointer: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        decode_query(query, Query)

    assert (caught.value.code, caught.value.pointer) == ("INVALID_PARAMETER", pointer)
