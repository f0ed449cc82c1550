"""Which route a request takes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    route: str  # the template: /tasks/{id}
    path_parameters: dict[str, str]  # as in the path, not decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongMethod:
    route: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPath:
    known: tuple[str, ...]


class RouteTable:
    """`routes` are (method, template); a segment written {name} takes any one segment.

    Where several templates match, the one whose segments are literal earlier wins, as in API
    Gateway.
    """

    def __init__(self, routes: Sequence[tuple[str, str]]) -> None:
        templates = sorted({template for _, template in routes}, key=_literal_first)
        self._methods = {
            template: tuple(sorted(method for method, other in routes if other == template))
            for template in templates
        }
        self._segments = [(template, template.split("/")) for template in templates]
        self._literals = {template for template in templates if "{" not in template}

    def match(self, method: str, path: str) -> Matched | WrongMethod | UnknownPath:
        found = self._found(path)
        if found is None:
            return UnknownPath(known=tuple(sorted(self._methods)))
        if method not in self._methods[found.route]:
            return WrongMethod(route=found.route, allowed=self._methods[found.route])
        return found

    def _found(self, path: str) -> Matched | None:
        if path in self._literals:
            return Matched(route=path, path_parameters={})
        given = path.split("/")
        for template, wanted in self._segments:
            if len(wanted) == len(given):
                parameters = _parameters(wanted, given)
                if parameters is not None:
                    return Matched(route=template, path_parameters=parameters)
        return None


def _parameters(wanted: Sequence[str], given: Sequence[str]) -> dict[str, str] | None:
    parameters = {}
    for want, got in zip(wanted, given, strict=True):
        if _is_parameter(want) and got:
            parameters[want[1:-1]] = got
        elif want != got:
            return None
    return parameters


def _literal_first(template: str) -> tuple[tuple[bool, str], ...]:
    return tuple((_is_parameter(segment), segment) for segment in template.split("/"))


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")
