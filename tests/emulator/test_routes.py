"""Which route a method and a path take."""

import pytest

from local.triggers.routes import Matched, RouteTable, UnknownPath, WrongMethod

TABLE = RouteTable(
    [
        ("GET", "/tasks/{id}"),
        ("GET", "/tasks/stats"),
        ("DELETE", "/tasks/{id}"),
        ("POST", "/schedule"),
        ("GET", "/"),
        ("POST", "/tasks/{id}/retry"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("POST", "/schedule", "/schedule", {}),
        ("GET", "/", "/", {}),
        ("GET", "/tasks/7", "/tasks/{id}", {"id": "7"}),
        ("DELETE", "/tasks/stat", "/tasks/{id}", {"id": "stat"}),
        ("GET", "/tasks/{id}", "/tasks/{id}", {"id": "{id}"}),
        ("POST", "/tasks/a%2Fb/retry", "/tasks/{id}/retry", {"id": "a%2Fb"}),
    ],
)
def test_a_path_takes_the_route_of_its_shape(
    method: str, path: str, route: str, parameters: dict[str, str]
) -> None:
    assert TABLE.match(method, path) == Matched(route=route, path_parameters=parameters)


def test_a_literal_segment_wins_over_a_parameter() -> None:
    assert TABLE.match("GET", "/tasks/stats") == Matched(route="/tasks/stats", path_parameters={})


def test_a_wrong_method_is_told_the_right_ones() -> None:
    assert TABLE.match("POST", "/tasks/7") == WrongMethod(
        route="/tasks/{id}", allowed=("DELETE", "GET")
    )


@pytest.mark.parametrize("path", ["/nowhere", "/tasks", "/tasks/", "/tasks/7/", "/schedule/7"])
def test_an_unknown_path_is_told_the_known_ones(path: str) -> None:
    known = ("/", "/schedule", "/tasks/stats", "/tasks/{id}", "/tasks/{id}/retry")

    assert TABLE.match("GET", path) == UnknownPath(known=known)
