"""The document as it lies in a checkout: a change of the API shows in the diff of a change."""

import json
from pathlib import Path

from dueline.http_api.openapi.document import openapi

OPENAPI_FILE = Path(__file__).parents[3] / "docs" / "openapi.json"


def openapi_text() -> str:
    return json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n"
