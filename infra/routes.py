"""python -m infra.routes: write the routes of dueline/http_api/routes.py into infra/template.yaml.

API Gateway is given each method of each path by itself. One greedy path would be shorter, but
Chalice finds the view by `requestContext.resourcePath`, which would then be `/{proxy+}` always.
A test fails while the template and the table differ.
"""

import re
from collections.abc import Iterable

from dueline.http_api.routes import ROUTES, Route
from infra.lanes import TEMPLATE

_BLOCK = re.compile(r"(?<=# >>> routes\n).*?(?=^ *# <<< routes\n)", re.MULTILINE | re.DOTALL)
_CALL = (
    "{ responses: {}, x-amazon-apigateway-integration: { type: aws_proxy, httpMethod: POST, "
    'uri: !Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/'
    '${Schedule.Arn}/invocations" } }'
)


def main() -> None:
    TEMPLATE.write_text(with_routes(TEMPLATE.read_text(), ROUTES))


def with_routes(template: str, routes: Iterable[Route]) -> str:
    """The text of `template` with these routes between its marks, path by path."""
    methods: dict[str, list[str]] = {}
    for route in routes:
        methods.setdefault(route.path, []).append(route.method.lower())
    lines = [
        line
        for path, ways in methods.items()
        for line in (f'          "{path}":', *(f"            {way}: {_CALL}" for way in ways))
    ]
    block = "".join(f"{line}\n" for line in lines)
    return _BLOCK.sub(lambda _: block, template)


if __name__ == "__main__":
    main()
