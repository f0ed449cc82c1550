"""Bodies and query parameters, read strictly into a Struct; what is refused is named exactly."""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from types import UnionType
from typing import (
    Annotated,
    Any,
    Generic,
    NamedTuple,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from dueline.domain.errors import InvalidRequest
from dueline.http_api.json_limits import checked_text
from dueline.http_api.pointers import json_pointer, pointer_of_path
from dueline.http_api.wording import did_you_mean, shown

T = TypeVar("T", bound=msgspec.Struct)


class _Words(NamedTuple):
    """What a refusal says of where it was found."""

    code: str
    whole: str
    part: str


_OF_A_BODY = _Words("INVALID_FIELD", "The body", "field")
_OF_A_QUERY = _Words("INVALID_PARAMETER", "The query", "parameter")


class BodyDecoder(Generic[T]):
    """Reads one kind of body. Make it once: msgspec compiles the Struct."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._decoder = msgspec.json.Decoder(kind)

    def decode(self, body: bytes) -> T:
        """The body as a Struct. Raises InvalidRequest; what it returns can be stored."""
        return self.decode_text(checked_text(body))

    def decode_text(self, text: str | bytes) -> T:
        """As decode(), of text that has passed checked_text()."""
        try:
            return self._decoder.decode(text)
        except msgspec.ValidationError as error:
            raise _refusal(str(error), self._kind, _OF_A_BODY) from error


def decode_query(query: Mapping[str, str], kind: type[T]) -> T:
    """The parameters of a URL's query as a Struct; numbers and booleans are read from their text.

    Raises InvalidRequest, whose pointer is the parameter's name after a slash.
    """
    try:
        return msgspec.convert(query, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), kind, _OF_A_QUERY) from error


def _refusal(message: str, kind: type[msgspec.Struct], words: _Words) -> InvalidRequest:
    """msgspec's sentence, "what - at `$.path`", as an error of ours."""
    what, _, path = message.removesuffix("`").rpartition(" - at `")
    if not path.startswith("$"):
        what, path = message, "$"
    pointer = pointer_of_path(path)
    if named := re.fullmatch(r"Object contains unknown field `(.*?)`?", what, re.DOTALL):
        return _unknown_field(named[1], pointer, kind, words)
    if named := re.fullmatch(r"Object missing required field `(.*)`", what):
        pointer += json_pointer([named[1]])
        return InvalidRequest(f"{pointer} is missing.", code=words.code, pointer=pointer)
    sentence = what[:1].lower() + what[1:].replace("`", "")
    if choices := _choices(kind, pointer):
        sentence += f"; want {', '.join(choices)}"
    return InvalidRequest(
        f"{pointer or words.whole}: {sentence}.", code=words.code, pointer=pointer
    )


def _unknown_field(
    name: str, parent: str, kind: type[msgspec.Struct], words: _Words
) -> InvalidRequest:
    # A name can be made to look like a path of msgspec's; then the parent is not one of ours.
    structs = [each for each in _kinds_at(kind, parent) if _is_struct(each)] or [kind]
    known = structs[0].__struct_fields__
    return InvalidRequest(
        f"{shown(name)} is no {words.part} here{did_you_mean(name, known)} "
        f"Known are {', '.join(known)}.",
        code=words.code,
        pointer=parent + json_pointer([name]),
    )


def _choices(kind: type[msgspec.Struct], pointer: str) -> list[str]:
    """The words that the field takes, if it is one of fixed words."""
    enums = [each for each in _kinds_at(kind, pointer) if _is(each, Enum)]
    return [str(member.value) for each in enums for member in each]


def _kinds_at(kind: type[msgspec.Struct], pointer: str) -> list[Any]:
    """What may stand at this place: the alternatives of the field's annotation."""
    kinds: Iterable[Any] = [kind]
    for step in pointer.split("/")[1:]:
        kinds = [inner for each in kinds for inner in _below(each, step)]
    return list(kinds)


def _below(kind: Any, step: str) -> Iterator[Any]:
    if _is_struct(kind):
        yield from _alternatives(get_type_hints(kind, include_extras=True).get(step))
    elif get_origin(kind) is list:
        yield from _alternatives(get_args(kind)[0])


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        for each in get_args(annotation):
            yield from _alternatives(each)
    elif origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    else:
        yield annotation


def _is_struct(kind: Any) -> bool:
    return _is(kind, msgspec.Struct)


def _is(kind: Any, of: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, of)
