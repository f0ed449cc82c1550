"""Holds answers to the OpenAPI document, more strictly than a client would: no field beyond it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from dueline.http_api.openapi.document import openapi
from dueline.http_api.openapi.operations import OPERATIONS
from dueline.http_api.routes import ROUTES


def assert_conforms(
    method: str, path: str, status: int, headers: Mapping[str, str], text: str
) -> None:
    """Fail unless the document says that this operation may give this answer.

    An answer to what is no operation of the document (HEAD, OPTIONS, wrong paths) passes.
    """
    operation = _document()["paths"].get(path, {}).get(method.lower())
    if operation is None:
        return
    assert str(status) in operation["responses"], f"{method} {path} {status} is not documented"
    response = _response(method, path, status)
    content = response.get("content")
    if content is None:
        assert text == "", f"{method} {path} {status} has a body, and none is documented"
        return
    media_type = headers.get("Content-Type", "").partition(";")[0]
    assert media_type in content, f"{method} {path} {status} has the undocumented {media_type}"
    if media_type.endswith("json"):
        faults = [
            f"{method} {path} {status} at /{'/'.join(map(str, error.path))}: {error.message}"
            for error in _validator(method, path, status, media_type).iter_errors(json.loads(text))
        ]
        assert faults == []
    documented = response.get("headers", {})
    for name, header in documented.items():
        missing = header.get("required") and name not in headers
        assert not missing, f"{method} {path} {status} lacks the header {name}"
    for name in headers.keys() & _document()["components"]["headers"]:
        assert name in documented, f"{method} {path} {status} has the undocumented {name}"


def _response(method: str, path: str, status: int) -> dict[str, Any]:
    response = _document()["paths"][path][method.lower()]["responses"][str(status)]
    name = response.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = _document()["components"]["responses"].get(name, response)
    return found


@cache
def _document() -> dict[str, Any]:
    document = openapi([route for route in ROUTES if (route.method, route.path) in OPERATIONS])
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return document


@cache
def _validator(method: str, path: str, status: int, media_type: str) -> Draft202012Validator:
    response = _response(method, path, status)
    schema = response["content"][media_type]["schema"]
    whole = {**schema, "components": _document()["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker())
