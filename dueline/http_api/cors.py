"""Which web pages may call the API: setting DUELINE_CORS_ORIGINS (Fetch standard, CORS protocol).

Credentials are never allowed, so "*" gives a page nothing that a curl would not get.
"""

from collections.abc import Mapping, Sequence

from dueline.http_api.exchange import Request


def cors_headers(request: Request, origins: Sequence[str]) -> Mapping[str, str]:
    """What lets the asking page read the answer; nothing where no origin is configured."""
    if not origins:
        return {}
    vary = {} if "*" in origins else {"Vary": "Origin"}
    origin = "*" if "*" in origins else request.headers.get("origin", "")
    if origin not in origins:
        return vary
    return {
        **vary,
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "ETag, Idempotency-Replayed, Location, Retry-After",
    }


def preflight_headers(methods: str, origins: Sequence[str]) -> Mapping[str, str]:
    """What a page may send, for the answer to its OPTIONS."""
    if not origins:
        return {}
    return {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-Match, "
        "If-None-Match, X-API-Key",
        "Access-Control-Max-Age": "600",
    }
