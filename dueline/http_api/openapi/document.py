"""Makes the OpenAPI document. Pure: from the tables and models to plain values."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

import msgspec

from dueline.http_api.batch import NDJSON
from dueline.http_api.bodies import Problem
from dueline.http_api.openapi.operation import Answer, Operation
from dueline.http_api.openapi.operations import OPERATIONS, problems_of
from dueline.http_api.problems import KINDS
from dueline.http_api.routes import ROUTES, Route

Json = dict[str, Any]

_DESCRIPTION = """\
Run anything at a time, or on a recurrence. Times are RFC 3339; answers write them in UTC with
microseconds. Every error is a problem document (RFC 9457) with a stable `code`. Each path answers
OPTIONS with its methods, and HEAD where it answers GET."""
_PARAMETER = re.compile(r"\{(\w+)\}")
_KEY = "apiKey"
_RATE = {  # what answers of a caller with a rate have
    "RateLimit-Policy": "Where the tenant has a rate: q requests in w seconds "
    "(draft-ietf-httpapi-ratelimit-headers-10)",
    "RateLimit": "Where the tenant has a rate: r requests are left, all are back in t seconds",
}
_HEADERS = {  # that every problem of a status has
    401: ("WWW-Authenticate", "What is wanted (RFC 9110 §11.6.1)"),
    429: ("Retry-After", "Seconds"),
    503: ("Retry-After", "Seconds"),
}


def openapi(routes: Iterable[Route] = ROUTES, *, server: str = "/") -> Json:
    """The document of these routes at `server`. Raises KeyError for a route without an entry."""
    documented = [route for route in routes if route.method not in ("HEAD", "OPTIONS")]
    entries = [(route, OPERATIONS[route.method, route.path]) for route in documented]
    models = _Models(operation for _, operation in entries)
    paths: dict[str, Json] = defaultdict(dict)
    for route, operation in entries:
        paths[route.path][route.method.lower()] = _operation(route, operation, models)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "dueline",
            "version": "1",
            "summary": "A distributed task scheduler",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(_tag(route) for route in documented)],
        "paths": dict(paths),
        "components": {
            "schemas": models.components,
            "responses": dict(sorted(models.problems.items())),
            "headers": {name: _header(says, required=False) for name, says in _RATE.items()},
            "examples": {code: _problem_example(code) for code in KINDS},
            "securitySchemes": {
                _KEY: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, made by `dueline keys create`. Each operation "
                    "names the scope that the key must have.",
                }
            },
        },
    }


class _Models:
    """The JSON schemas of every model that the operations name."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        models: list[Any] = [Problem]
        for operation in operations:
            models += [operation.body, operation.line, operation.query]
            for answer in operation.answers.values():
                models += _alternatives(answer.model)
        self.problems: Json = {}  # responses that several operations share, by name
        # In order of first use, once each; a model may be unhashable (an Annotated).
        self._models: list[Any] = []
        for model in models:
            if model is not None and model not in self._models:
                self._models.append(model)
        schemas, components = msgspec.json.schema_components(
            self._models, ref_template="#/components/schemas/{name}"
        )
        self._schemas = list(schemas)
        # msgspec leaves Python values (a tuple, an enum) among the defaults.
        self.components: Json = msgspec.to_builtins(dict(sorted(components.items())))
        for component in self.components.values():
            if "description" in component:  # a docstring: msgspec before 0.23 leaves its indents
                component["description"] = cleandoc(component["description"])

    def schema(self, model: Any) -> Json:
        if isinstance(model, tuple):
            return {"anyOf": [self.schema(each) for each in model]}
        schema: Json = msgspec.to_builtins(self._schemas[self._models.index(model)])
        return schema

    def resolved(self, model: Any) -> Json:
        """The schema itself, where schema() may be a reference to it."""
        schema = self.schema(model)
        name = schema.get("$ref", "").rpartition("/")[2]
        return self.components[name] if name else schema


def _alternatives(model: Any) -> tuple[Any, ...]:
    return model if isinstance(model, tuple) else (model,)


def _operation(route: Route, operation: Operation, models: _Models) -> Json:
    documented: Json = {
        "operationId": route.view.__name__,
        "summary": operation.summary,
        "tags": [_tag(route)],
        "security": [{_KEY: [route.scope]}] if route.scope else [],
        "parameters": _parameters(route, operation, models),
        "responses": _responses(route, operation, models),
    }
    if operation.body is not None:
        documented["requestBody"] = _request_body(operation, models)
    return documented


def _request_body(operation: Operation, models: _Models) -> Json:
    content: Json = {"schema": models.schema(operation.body)}
    if operation.examples:
        content["examples"] = {
            title.replace(" ", "-"): {"summary": title, "value": value}
            for title, value in operation.examples.items()
        }
    by_type = {"application/json": content}
    if operation.line is not None:
        # OpenAPI 3.1 has no word for it: the schema is that of one line.
        by_type[NDJSON] = {"schema": models.schema(operation.line)}
    return {"required": operation.body_required, "content": by_type}


def _parameters(route: Route, operation: Operation, models: _Models) -> list[Json]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(name)}
        for name in _PARAMETER.findall(route.path)
    ]
    if operation.query is not None:
        query = models.resolved(operation.query)
        parameters += [
            {
                "name": name,
                "in": "query",
                "required": name in query.get("required", ()),
                "description": schema.get("description", ""),
                "schema": schema,
            }
            for name, schema in query["properties"].items()
        ]
    parameters += [
        {"name": name, "in": "header", "description": meaning, "schema": {"type": "string"}}
        for name, meaning in operation.headers.items()
    ]
    return parameters


def _path_schema(name: str) -> Json:
    return {"type": "string", **({"format": "uuid"} if name.endswith("_id") else {})}


def _responses(route: Route, operation: Operation, models: _Models) -> Json:
    responses: dict[int, Json] = {
        status: _answer(answer, models) for status, answer in operation.answers.items()
    }
    shared: dict[int, Json] = {}  # by status: references to problems that others answer too
    codes: dict[int, list[str]] = defaultdict(list)
    for code in problems_of(route, operation):
        codes[KINDS[code].status].append(code)
    for status, possible in codes.items():
        problem = _problem(status, possible, models)
        if status in responses:
            responses[status].setdefault("content", {}).update(problem["content"])
        else:
            # Answers of routes that are open to everyone lack the headers of a rate.
            name = f"{status}.{'.'.join(possible)}{'' if route.scope else '.open'}"
            models.problems[name] = responses[status] = problem
            shared[status] = {"$ref": f"#/components/responses/{name}"}
    if route.scope:
        _add_rate(responses)
    responses |= shared
    return {str(status): responses[status] for status in sorted(responses)}


def _add_rate(responses: Mapping[int, Json]) -> None:
    """Once it is known who asks, each answer may say what is left of their rate."""
    for status, response in responses.items():
        if status != HTTPStatus.UNAUTHORIZED:
            references = {name: {"$ref": f"#/components/headers/{name}"} for name in _RATE}
            response.setdefault("headers", {}).update(references)


def _problem(status: int, codes: Sequence[str], models: _Models) -> Json:
    response: Json = {"description": "; ".join(f"{code}: {KINDS[code].title}" for code in codes)}
    if status in _HEADERS:
        name, says = _HEADERS[status]
        response["headers"] = {name: _header(says)}
    schema = {
        "allOf": [
            models.schema(Problem),
            {"properties": {"code": {"enum": codes}, "status": {"const": status}}},
        ]
    }
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    content = {"schema": schema, "examples": examples}
    return {**response, "content": {"application/problem+json": content}}


def _answer(answer: Answer, models: _Models) -> Json:
    documented: Json = {"description": answer.meaning}
    if answer.headers:
        documented["headers"] = {name: _header(says) for name, says in answer.headers.items()}
    if answer.model is not None:
        content: Json = {"schema": models.schema(answer.model)}
        if answer.example is not None:
            content["example"] = answer.example
        documented["content"] = {answer.media_type: content}
    return documented


def _header(says: str, *, required: bool = True) -> Json:
    return {"description": says, "required": required, "schema": {"type": "string"}}


def _problem_example(code: str) -> Mapping[str, Any]:
    kind = KINDS[code]
    return {
        "summary": kind.title,
        "value": {
            "type": f"/docs/errors#{code}",
            "title": kind.title,
            "status": kind.status,
            "detail": f"{kind.title}.",
            "code": code,
            "errors": [],
            "retryable": kind.retryable,
            "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        },
    }


def _tag(route: Route) -> str:
    area = (route.scope or "").partition(":")[0]
    return area if area in ("tasks", "schedules") else "service"
