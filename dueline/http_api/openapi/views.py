"""GET /openapi.json and GET /docs. What makes them is imported when they are asked for, so that
no cold start pays for it."""

from dueline.http_api.exchange import Request, Response
from dueline.http_api.responses import json_response
from dueline.http_api.services import Services


def read_openapi(request: Request, services: Services) -> Response:  # noqa: ARG001
    """GET /openapi.json: the document of this API, for the address at which it was asked."""
    from dueline.http_api.openapi.document import openapi

    return json_response(openapi(server=request.base_path or "/"))


def read_docs(request: Request, services: Services) -> Response:  # noqa: ARG001
    """GET /docs: the same as a page. It loads nothing and runs no script."""
    from dueline.http_api.openapi.document import openapi
    from dueline.http_api.openapi.page import STYLE_HASH, page

    policy = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'"
    return Response(
        status=200,
        body=page(openapi(server=request.base_path or "/")),
        headers={"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy},
    )
