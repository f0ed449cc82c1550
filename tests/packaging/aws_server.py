"""moto as a server, for processes of their own: chalice, and functions that read their secrets."""

import io
import json
import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.apigateway.models import APIGatewayBackend, RestAPI, apigateway_backends
from moto.awslambda.models import lambda_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

ACCOUNT = "123456789012"
REGION = "us-east-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
}


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """What one request asked for, in the words of IAM."""

    caller: str  # its access key id
    action: str
    resource: str


class SwaggerApiGateway(APIGatewayBackend):
    """Takes the Swagger 2.0 that chalice sends. moto wants OpenAPI 3 with a description, though
    all that it reads (paths, methods, integrations) is written alike in the two."""

    __module__ = APIGatewayBackend.__module__  # by it moto finds the service's paths

    def import_rest_api(self, api_doc: dict[str, Any], fail_on_warnings: bool) -> RestAPI:  # noqa: FBT001
        as_openapi = {key: value for key, value in api_doc.items() if key != "swagger"}
        as_openapi["info"] = {"description": "", **api_doc["info"]}
        return super().import_rest_api(as_openapi, fail_on_warnings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aws:
    """An AWS at `url`, for AWS_ENDPOINT_URL, and the calls that it has had."""

    url: str
    calls: list[Call] = field(default_factory=list)


@contextmanager
def aws_server() -> Iterator[Aws]:
    """An AWS that begins empty."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto_api_backend.reset()
    gateways = apigateway_backends[ACCOUNT]
    gateways[REGION] = SwaggerApiGateway(REGION, ACCOUNT)
    calls: list[Call] = []
    moto = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, _noting(calls, moto), threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="moto")
    thread.start()
    try:
        yield Aws(url=f"http://127.0.0.1:{server.server_port}", calls=calls)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        del gateways[REGION]


def deployed_code(name: str) -> bytes:
    """The zip of a function. The URL that GetFunction gives leads nowhere in moto."""
    return bytes(lambda_backends[ACCOUNT][REGION].get_function(name).code_bytes)


Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def _noting(calls: list[Call], application: Wsgi) -> Wsgi:
    """`application`, with a note of every call to a service of AWS's JSON protocol."""

    def note(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if target := environ.get("HTTP_X_AMZ_TARGET"):
            calls.append(_call(target, environ["HTTP_AUTHORIZATION"], json.loads(body)))
        return application(environ, start_response)

    return note


def _call(target: str, authorization: str, request: dict[str, Any]) -> Call:
    # Signature version 4: Credential=<access key id>/<date>/<region>/<service>/aws4_request
    signed = re.search(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/", authorization)
    assert signed is not None, authorization
    operation = target.rpartition(".")[2]
    resource = request.get("SecretId") or request.get("Name") or ""
    return Call(signed[1], f"{signed[2]}:{operation}", resource)
