"""The API's own description: OpenAPI 3.1, made from ROUTES, OPERATIONS and the msgspec models.

A new route needs one entry in operations.py. `python -m dueline.http_api.openapi` writes
docs/openapi.json; a test fails while that differs, and while a route has no entry.
"""
