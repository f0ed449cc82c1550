"""Whether what is changed is what was seen."""

import pytest

from dueline.domain.errors import InvalidRequest
from dueline.http_api.etags import check_preconditions, etag
from dueline.http_api.exchange import Request


def request(**headers: str) -> Request:
    return Request(
        method="PUT",
        resource="/schedules/{schedule}",
        base_path="",
        path_parameters={},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        request_id=None,
        sent="",
        sent_as_base64=False,
    )


@pytest.mark.parametrize(
    ("headers", "revision"),
    [
        ({}, None),
        ({}, 3),
        ({"if_match": '"3"'}, 3),
        ({"if_match": '"1", "3"'}, 3),
        ({"if_match": "*"}, 3),
        ({"if_none_match": "*"}, None),
        ({"if_none_match": '"3"'}, 3),
    ],
)
def test_a_precondition_that_holds_lets_pass(headers: dict[str, str], revision: int | None) -> None:
    check_preconditions(request(**headers), revision)


@pytest.mark.parametrize(
    ("headers", "revision"),
    [
        ({"if_match": '"2"'}, 3),
        ({"if_match": '"33"'}, 3),
        ({"if_match": "3"}, 3),
        ({"if_match": 'W/"3"'}, 3),
        ({"if_match": ""}, 3),
        ({"if_match": '"3"'}, None),
        ({"if_match": "*"}, None),
        ({"if_none_match": "*"}, 3),
    ],
)
def test_a_precondition_that_fails_is_refused(
    headers: dict[str, str], revision: int | None
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check_preconditions(request(**headers), revision)

    assert caught.value.code == "PRECONDITION_FAILED"


def test_a_refusal_names_the_tag_that_is_right_now() -> None:
    with pytest.raises(InvalidRequest, match=r'asks for "2", but now its ETag is "3"'):
        check_preconditions(request(if_match=etag(2)), 3)
