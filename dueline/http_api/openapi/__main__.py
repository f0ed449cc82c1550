"""python -m dueline.http_api.openapi: write docs/openapi.json, after routes or models changed."""

from dueline.http_api.openapi.checked_in import OPENAPI_FILE, openapi_text

OPENAPI_FILE.write_text(openapi_text(), encoding="utf-8")
