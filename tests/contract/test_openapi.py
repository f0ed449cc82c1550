"""The OpenAPI document: valid, complete, checked in, and served."""

import json
import subprocess
import sys
from collections import Counter

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from dueline.http_api.openapi.checked_in import OPENAPI_FILE, openapi_text
from dueline.http_api.openapi.document import openapi
from dueline.http_api.openapi.operations import OPERATIONS, problems_of
from dueline.http_api.problems import KINDS
from dueline.http_api.routes import ROUTES, Route
from tests.contract.conformance import assert_conforms
from tests.functions.conftest import Caller
from tests.functions.memory_services import MemoryServices

ROOT = OPENAPI_FILE.parents[1]
DOCUMENTED = [route for route in ROUTES if route.method not in ("HEAD", "OPTIONS")]


def test_every_route_has_an_entry_and_every_entry_a_route() -> None:
    assert {(route.method, route.path) for route in DOCUMENTED} == set(OPERATIONS)


def test_the_document_is_openapi_3_1() -> None:
    faults = [error.message for error in OpenAPIV31SpecValidator(openapi()).iter_errors()]

    assert faults == []


def test_a_document_that_is_wrong_is_found_to_be() -> None:
    document = openapi()
    document["paths"]["/stats"]["get"]["responses"] = {"fine": {}}

    assert list(OpenAPIV31SpecValidator(document).iter_errors()) != []


def test_the_document_that_is_checked_in_is_the_one_that_is_served() -> None:
    assert OPENAPI_FILE.read_text(encoding="utf-8") == openapi_text(), (
        "docs/openapi.json is old: python -m dueline.http_api.openapi"
    )


def test_operations_have_names_of_their_own() -> None:
    document = openapi()

    names = Counter(
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    )

    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("route", DOCUMENTED, ids=lambda route: f"{route.method} {route.path}")
def test_every_problem_of_an_operation_has_a_code_of_ours(route: Route) -> None:
    codes = problems_of(route, OPERATIONS[route.method, route.path])

    assert set(codes) <= set(KINDS)


def test_every_code_is_a_problem_of_some_operation() -> None:
    of_operations = {
        code
        for route in DOCUMENTED
        for code in problems_of(route, OPERATIONS[route.method, route.path])
    }

    # These two answer what is no operation.
    assert set(KINDS) - of_operations == {"NOT_FOUND", "METHOD_NOT_ALLOWED"}


def test_every_example_of_a_body_is_accepted_or_conforms() -> None:
    for (method, path), operation in OPERATIONS.items():
        for status, answer in operation.answers.items():
            if answer.example is not None:
                headers = {**answer.headers, "Content-Type": answer.media_type}
                assert_conforms(method, path, status, headers, json.dumps(answer.example))


def test_a_route_names_the_scope_that_it_needs() -> None:
    document = openapi()

    for route in DOCUMENTED:
        security = document["paths"][route.path][route.method.lower()]["security"]
        assert security == ([{"apiKey": [route.scope]}] if route.scope else [])


@pytest.mark.parametrize("route", DOCUMENTED, ids=lambda route: f"{route.method} {route.path}")
def test_what_is_left_of_a_rate_is_documented_where_a_rate_is_counted(route: Route) -> None:
    document = openapi()
    shared = document["components"]["responses"]
    responses = document["paths"][route.path][route.method.lower()]["responses"]

    documented = {
        status: "RateLimit" in each.get("headers", {})
        for status, response in responses.items()
        for each in [shared.get(response.get("$ref", "").rpartition("/")[2], response)]
    }

    assert documented == {status: bool(route.scope) and status != "401" for status in responses}


def test_the_document_is_served_for_the_stage_at_which_it_is_asked() -> None:
    answer = Caller(MemoryServices()).ask("GET", "/openapi.json")

    assert answer.status == 200
    assert answer.body == openapi()


def test_a_cold_start_does_not_pay_for_the_document() -> None:
    code = (
        "import sys, functions.schedule.app;"
        "print([name for name in sys.modules if name.startswith('dueline.http_api.openapi.')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "['dueline.http_api.openapi.views']"


def test_the_page_needs_nothing_from_elsewhere_and_runs_no_script() -> None:
    answer = Caller(MemoryServices()).ask("GET", "/docs")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<script" not in answer.text
    assert "://" not in answer.text


def test_the_page_shows_every_operation_model_and_code() -> None:
    text = Caller(MemoryServices()).ask("GET", "/docs").text

    document = openapi()
    names = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    for name in [*names, *document["components"]["schemas"]]:
        assert f'id="{name}"' in text
    for code in KINDS:
        assert f"<code>{code}</code>" in text
