"""Where in a body a value is."""

import pytest

from dueline.http_api.pointers import json_pointer, pointer_of_path


@pytest.mark.parametrize(
    ("steps", "pointer"),
    [
        ([], ""),
        (["payload", 0, "x"], "/payload/0/x"),
        ([""], "/"),
        (["a/b", "m~n", "~1"], "/a~1b/m~0n/~01"),
    ],
)
def test_a_pointer_is_written_as_rfc_6901_says(steps: list[str | int], pointer: str) -> None:
    assert json_pointer(steps) == pointer


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("$", ""),
        ("$.type", "/type"),
        ("$.retry.max_attempts", "/retry/max_attempts"),
        ("$.payload[0].x", "/payload/0/x"),
        ("$[3][12].type", "/3/12/type"),
        ("$.tags[...].name", "/tags"),
    ],
)
def test_a_path_of_msgspec_becomes_a_pointer(path: str, pointer: str) -> None:
    assert pointer_of_path(path) == pointer
